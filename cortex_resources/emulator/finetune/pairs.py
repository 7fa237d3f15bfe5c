"""The prompt and completion pairs of a job; kept as long as a model answers from them."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from cortex_resources.emulator.finetune import tokens

Pair = tuple[str, str]
TRAIN, VALID = "train", "valid"


def write(
    connection: duckdb.DuckDBPyConnection, job: str, split: str, pairs: Sequence[Pair]
) -> None:
    """Store pairs; the caller commits."""
    if not pairs:
        return
    prompts = [prompt for prompt, _ in pairs]
    completions = [completion for _, completion in pairs]
    connection.execute(
        "INSERT INTO control.pairs SELECT ?, ?, unnest(?), unnest(?), unnest(?)",
        [job, split, list(range(len(pairs))), prompts, completions],
    )


def read(connection: duckdb.DuckDBPyConnection, job: str, split: str) -> list[Pair]:
    """The pairs of a job, in the order of its query."""
    return connection.execute(
        "SELECT prompt, completion FROM control.pairs WHERE job = ? AND split = ?"
        " ORDER BY position",
        [job, split],
    ).fetchall()


def remove(connection: duckdb.DuckDBPyConnection, job: str) -> None:
    """Forget the pairs of a job; the caller commits."""
    connection.execute("DELETE FROM control.pairs WHERE job = ?", [job])


def count_tokens(pairs: Sequence[Pair]) -> int:
    """The tokens of pairs, prompts and completions together."""
    return sum(tokens.count(prompt) + tokens.count(completion) for prompt, completion in pairs)
