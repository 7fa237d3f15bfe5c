"""Questions about the rows of a training query that give counts, never rows.

Source: *AI_COUNT_TOKENS*; tokens are counted with the base model, the managed system prompt is not
counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cortex_resources.model import base_models
from cortex_resources.model.effects import Effect, Statement
from cortex_resources.model.jobs import TrainingJob
from cortex_resources.model.views import TRAINING_COLUMNS
from cortex_resources.sql.literals import literal


@dataclass(frozen=True, slots=True)
class Measure:
    """What a scan of the rows gave.

    Arguments:
        pairs: rows of the training query.
        incomplete: pairs with a NULL in them.
        tokens: tokens of all prompts and completions, one epoch.
        long_pairs: pairs that are longer than the base model's window.
        validation_pairs: rows of the validation query.
    """

    pairs: int
    incomplete: int
    tokens: int
    long_pairs: int = 0
    validation_pairs: int = 0


def measure(job: TrainingJob) -> Statement:
    """Count pairs, NULLs, tokens and overlong pairs of a job's rows."""
    prompt, completion = (
        f"AI_COUNT_TOKENS('ai_complete', {literal(job.base_model)}, {column})"
        for column in TRAINING_COLUMNS
    )
    limits = base_models.pair_limits(job.base_model)
    is_long = (
        f"PROMPT_TOKENS > {limits.prompt_window} OR COMPLETION_TOKENS > {limits.completion_window}"
        f" OR PROMPT_TOKENS + COMPLETION_TOKENS > {limits.window}"
        if limits
        else "FALSE"
    )
    validation = (
        f"(SELECT COUNT(*) FROM ({job.validation_query.strip()}))" if job.validation_query else "0"
    )
    return Statement(
        "SELECT COUNT(*) AS PAIRS, COUNT_IF(PROMPT IS NULL OR COMPLETION IS NULL) AS INCOMPLETE,"
        " COALESCE(SUM(COALESCE(PROMPT_TOKENS, 0) + COALESCE(COMPLETION_TOKENS, 0)), 0) AS TOKENS,"
        f" COUNT_IF({is_long}) AS LONG_PAIRS, {validation} AS VALIDATION_PAIRS"
        f" FROM (SELECT PROMPT, COMPLETION, {prompt} AS PROMPT_TOKENS,"
        f" {completion} AS COMPLETION_TOKENS FROM ({job.training_query.strip()}))",
        Effect.READ,
        "pairs and tokens before paying for them",
    )


def parse_measure(rows: Sequence[Mapping[str, object]]) -> Measure:
    """Read the one row of `measure`."""
    names = ("PAIRS", "INCOMPLETE", "TOKENS", "LONG_PAIRS", "VALIDATION_PAIRS")
    return Measure(*(int(str(rows[0][name])) for name in names))
