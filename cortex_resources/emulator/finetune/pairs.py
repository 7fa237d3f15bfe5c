"""The prompt and completion pairs of a job; kept as long as a model answers from them."""

from __future__ import annotations

from dataclasses import dataclass

import _duckdb as duckdb

from cortex_resources.emulator.finetune import tokens
from cortex_resources.emulator.finetune.base_models import BaseModel

Pair = tuple[str, str]
TRAIN, VALID = "train", "valid"


@dataclass(frozen=True, slots=True)
class Measure:
    """How much a staged query gave: all rows, those with both texts, and their tokens."""

    rows: int = 0
    usable: int = 0
    tokens: int = 0


NOTHING = Measure()


def measure(connection: duckdb.DuckDBPyConnection, staged: str, model: BaseModel) -> Measure:
    """Count what was staged; texts beyond the model's window count as they are cut."""
    prompt, completion = _cut(model)
    row = connection.execute(
        "SELECT count(*), count(c1 || c2),"
        f" CAST(coalesce(sum({tokens.expression(prompt)} + {tokens.expression(completion)}), 0)"
        f" AS BIGINT) FROM {staged}"
    ).fetchone()
    return Measure(*row) if row else NOTHING


def write(
    connection: duckdb.DuckDBPyConnection, job: str, split: str, staged: str, model: BaseModel
) -> None:
    """Store staged pairs that have both texts, cut to the model's window; the caller commits."""
    prompt, completion = _cut(model)
    connection.execute(
        "INSERT INTO control.pairs SELECT ?, ?, row_number() OVER () - 1,"
        f" {prompt}, {completion} FROM {staged} WHERE c1 IS NOT NULL AND c2 IS NOT NULL",
        [job, split],
    )


def _cut(model: BaseModel) -> tuple[str, str]:
    """*Fine-tuning (Snowflake Cortex)*: pairs that exceed the context window are truncated."""
    return (
        f"left(c1, {model.prompt_tokens * tokens.CHARACTERS})",
        f"left(c2, {model.completion_tokens * tokens.CHARACTERS})",
    )


def count(connection: duckdb.DuckDBPyConnection, job: str, split: str) -> int:
    """How many pairs a job has."""
    row = connection.execute(
        "SELECT count(*) FROM control.pairs WHERE job = ? AND split = ?", [job, split]
    ).fetchone()
    return int(row[0]) if row else 0


def sample(connection: duckdb.DuckDBPyConnection, job: str, split: str, most: int) -> list[Pair]:
    """Pairs of a job, in the order of its query: all, or evenly spaced when they are too many."""
    step = -(-count(connection, job, split) // most) or 1
    return connection.execute(
        "SELECT prompt, completion FROM control.pairs WHERE job = ? AND split = ?"
        " AND position % ? = 0 ORDER BY position",
        [job, split, step],
    ).fetchall()


def exact(connection: duckdb.DuckDBPyConnection, job: str, prompt: str) -> str | None:
    """The completion of the first training prompt that is this text."""
    row = connection.execute(
        "SELECT completion FROM control.pairs WHERE job = ? AND split = ?"
        " AND trim(prompt) = trim(?) ORDER BY position LIMIT 1",
        [job, TRAIN, prompt],
    ).fetchone()
    return None if row is None else str(row[0])


def remove(connection: duckdb.DuckDBPyConnection, job: str) -> None:
    """Forget the pairs of a job; the caller commits."""
    connection.execute("DELETE FROM control.pairs WHERE job = ?", [job])
