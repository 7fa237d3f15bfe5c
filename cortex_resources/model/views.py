"""A training view: a stored query that gives PROMPT and COMPLETION."""

from __future__ import annotations

from dataclasses import dataclass

from cortex_resources.errors import InvalidNameError
from cortex_resources.model import sqltext
from cortex_resources.model.cost import Replaces, Updates
from cortex_resources.model.names import QualifiedName

TRAINING_COLUMNS = ("PROMPT", "COMPLETION")
"""What FINETUNE picks out of a query, in upper case (*FINETUNE ('CREATE')*)."""

_HEAD = f"SELECT {', '.join(TRAINING_COLUMNS)}"


@dataclass(frozen=True, slots=True)
class TrainingView:
    """A view as declared or as found.

    `query` is the body after AS; two bodies are equal when their tokens are (`sqltext.same`).
    """

    name: Replaces[QualifiedName]
    query: Updates[str]
    comment: Updates[str] = ""
    secure: Updates[bool] = False


def reading(view: QualifiedName) -> str:
    """The query of a job that reads a view."""
    return f"{_HEAD} FROM {view}"


def read_by(query: str) -> QualifiedName | None:
    """The view that a query of this form reads, None for any other."""
    for token in sqltext.significant(query):
        if token.type is sqltext.TokenType.WORD and token.folded == "FROM":
            if not sqltext.same(query[: token.at], _HEAD):
                return None
            try:
                return QualifiedName.parse(query[token.at + len(token.text) :].strip(), depth=3)
            except InvalidNameError:
                return None
    return None


def query_faults(query: str) -> list[str]:
    """What makes a query unfit to train on, as far as its text alone tells.

    Each fault is a sentence with its way out. A server wraps the query as a sub-select and picks
    upper-case PROMPT and COMPLETION, so a trailing `;` or comment breaks it.
    """
    faults = []
    if not sqltext.is_select(query):
        faults.append("the query must start with SELECT or WITH")
    if opened := sqltext.unterminated(query):
        return [
            *faults,
            f"the {opened.type} that begins with {opened.text[:10]!r} never ends: close it",
        ]
    if sqltext.semicolon(query):
        faults.append("the query holds a ';': remove it, FINETUNE wraps the query in another")
    if sqltext.trailing_comment(query):
        faults.append("the query ends in a comment, which breaks training: move it to the front")
    return faults + _column_faults(query)


def _column_faults(query: str) -> list[str]:
    columns = sqltext.output_columns(query)
    if columns is None:
        return []
    missing = [name for name in TRAINING_COLUMNS if name not in columns]
    if len(missing) <= columns.count(None):
        return []
    return [f"the query gives no {name} column: add <expression> AS {name}" for name in missing]
