"""Questions about the rows of a training query that give counts, never rows.

Source: *AI_COUNT_TOKENS*; tokens are counted with the base model, the managed system prompt is not
counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cortex_resources.model.effects import Effect, Statement
from cortex_resources.sql.literals import literal


@dataclass(frozen=True, slots=True)
class Measure:
    """What a scan of the training query gave."""

    pairs: int
    incomplete: int
    """Pairs with a NULL in them."""
    tokens: int
    """Tokens of all prompts and completions, one epoch."""


def measure(query: str, base_model: str) -> Statement:
    """Count pairs, NULLs and tokens of a training query."""
    counted = " + ".join(
        f"COALESCE(AI_COUNT_TOKENS('ai_complete', {literal(base_model)}, {column}), 0)"
        for column in ("PROMPT", "COMPLETION")
    )
    return Statement(
        "SELECT COUNT(*) AS PAIRS, COUNT_IF(PROMPT IS NULL OR COMPLETION IS NULL) AS INCOMPLETE, "
        f"COALESCE(SUM({counted}), 0) AS TOKENS FROM ({query.strip()})",
        Effect.READ,
        "pairs and tokens before paying for them",
    )


def parse_measure(rows: Sequence[Mapping[str, object]]) -> Measure:
    """Read the one row of `measure`."""
    row = rows[0]
    pairs, incomplete, tokens = (int(str(row[k])) for k in ("PAIRS", "INCOMPLETE", "TOKENS"))
    return Measure(pairs, incomplete, tokens)
