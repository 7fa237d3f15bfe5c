"""A gate: what a new model must reach before it is served."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cortex_resources.model import sqltext
from cortex_resources.model.cost import Replaces, Updates
from cortex_resources.model.names import QualifiedName

PLACEHOLDER = "$model"
"""What stands in a gate's query for the name of the model, as a session variable would."""

COLUMNS = ("NAME", "VALUE")
"""What a gate's query gives: one row for each score."""

FREE = ("training_loss", "validation_loss")
"""Scores that the job's record holds (*FINETUNE ('DESCRIBE')*); a query gives them only where it
does not."""

ANSWERS = "SELECT 'answers' AS name, IFF(LENGTH(AI_COMPLETE($model, 'Hello')) > 0, 1, 0) AS value"
"""The query of a gate that has none: one call, which shows that the model can be called."""

_SCORE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")

Scores = Mapping[str, float | str]
"""Scores by their name; a text where the query gave no number."""


@dataclass(frozen=True, slots=True)
class ModelGate:
    """What is asked of a model before it is served.

    Arguments:
        model: the model as declared, without the hash.
        query: gives NAME and VALUE, one row for each score; `$model` stands for the model's name.
    """

    model: Replaces[QualifiedName]
    query: Updates[str] = ANSWERS


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What the scores must reach. Changing them evaluates nothing again.

    Arguments:
        at_least, at_most: bounds by the name of a score, themselves included.
        override: a reason to serve a model that does not reach them; empty for none.
    """

    at_least: Mapping[str, float] = field(default_factory=dict)
    at_most: Mapping[str, float] = field(default_factory=dict)
    override: str = ""


def evaluation(spec_hash: str, query: str, job: str = "") -> str:
    """The key of one evaluation, 32 hex digits: the same version asked the same.

    Arguments:
        spec_hash: of the version.
        query: of the gate.
        job: which of the jobs that trained this spec, where the account's history is asked: it
            may remember a model that was dropped and trained again.
    """
    text = json.dumps([spec_hash, sqltext.canonical(query), job], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def is_score(name: object) -> bool:
    """Whether something may be the name of a score.

    Names are kept in the state and told to everybody, so they may not be prompts or answers.
    """
    return isinstance(name, str) and _SCORE.fullmatch(name) is not None


def placed(query: str, model: str) -> str:
    """The query with a text in place of each `$model`, outside literals and comments."""
    parts = (model if _is_placeholder(token) else token.text for token in sqltext.tokens(query))
    return "".join(parts)


def query_faults(query: str) -> list[str]:
    """What makes a query unfit to judge a model, each a sentence with its way out."""
    faults = []
    if not sqltext.is_select(query):
        faults.append("the query must start with SELECT or WITH")
    if opened := sqltext.unterminated(query):
        text = f"the {opened.type} that begins with {opened.text[:10]!r} never ends: close it"
        return [*faults, text]
    if sqltext.semicolon(query):
        faults.append("the query holds a ';': remove it, a gate runs one SELECT")
    if not any(map(_is_placeholder, sqltext.tokens(query))):
        faults.append(
            f"the query never names {PLACEHOLDER}, so it would judge nothing; write {PLACEHOLDER}"
            f" where the model's name belongs, as in AI_COMPLETE({PLACEHOLDER}, prompt)"
        )
    columns = sqltext.output_columns(query)
    if columns is not None and None not in columns and sorted(map(str, columns)) != list(COLUMNS):
        faults.append("the query must give two columns, NAME and VALUE, one row for each score")
    return faults


def _is_placeholder(token: sqltext.Token) -> bool:
    return token.type is sqltext.TokenType.WORD and token.text.lower() == PLACEHOLDER
