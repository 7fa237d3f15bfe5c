"""The query of a gate, what it answered, and what became of it when nobody read the answer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal

from cortex_resources.errors import GateError
from cortex_resources.model.effects import Effect, Statement
from cortex_resources.model.gates import ModelGate, Scores, is_score, placed
from cortex_resources.model.names import QualifiedName
from cortex_resources.sql.literals import literal

Row = Mapping[str, object]

MOST_SCORES = 50
"""Rows of a gate's query: the state keeps them, so a row for each prompt is a mistake."""

NO_VALUE = "no value"
"""What a score is called whose VALUE was NULL."""


def query(gate: ModelGate, model: QualifiedName) -> str:
    """The gate's query about one model, whose name stands in it as a literal.

    A literal is what AI_COMPLETE documents for a tuned model (*Fine-tuning (Snowflake Cortex)*).
    """
    return placed(gate.query, literal(str(model)))


def evaluate(gate: ModelGate, model: QualifiedName) -> Statement:
    """Ask the model what the gate wants to know: its tokens are paid."""
    return Statement(query(gate, model), Effect.SPEND, f"gate of {gate.model} evaluates {model}")


def tag(key: str) -> str:
    """What the query tag of an evaluation carries, so that history finds its answer."""
    return f"evaluation={key}"


def parse(rows: Sequence[Row]) -> Scores:
    """Scores by their name, in the order of the rows.

    Raises:
        GateError: the rows are no scores. It quotes none of them: they may be training rows.
    """
    cells = [{key.upper(): value for key, value in row.items()} for row in rows]
    if not all(is_score(row.get("NAME")) for row in cells):
        raise GateError(
            "the gate's query gives a NAME that cannot be a score's",
            hint="Write a name of at most 64 letters, digits, _, - and . for each score, as in"
            " SELECT 'exact_match' AS name. None was kept.",
        )
    found = {str(row["NAME"]): _score(row.get("VALUE")) for row in cells}
    if not 0 < len(rows) <= MOST_SCORES or len(found) != len(rows):
        raise GateError(
            f"the gate's query gives {len(rows):,} rows with {len(found):,} different names",
            hint=f"Write one row for each score, at most {MOST_SCORES}, each under its own name.",
        )
    return found


def _score(value: object) -> float | str:
    if value is None:
        return NO_VALUE
    try:
        number = float(value if isinstance(value, int | float | Decimal) else str(value))
    except ValueError:
        return f"{type(value).__name__}, no number"
    # Neither JSON nor the engine has a word for these.
    return number if math.isfinite(number) else f"{number}, no finite number"
