"""Reads the data of a job as Snowflake does: the query becomes a sub-select."""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb

from cortex_resources.emulator import queries
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.errors import SnowflakeError
from cortex_resources.emulator.finetune import messages
from cortex_resources.emulator.finetune.arguments import Request
from cortex_resources.emulator.finetune.jobs import Failure
from cortex_resources.emulator.finetune.pairs import Pair


@dataclass(slots=True)
class Data:
    """The pairs of a job, or why there are none."""

    train: list[Pair] = field(default_factory=list)
    valid: list[Pair] = field(default_factory=list)
    failure: Failure | None = None


def gather(call: Call, request: Request) -> Data:
    """Run both queries with the rights of the submitting role."""
    data = Data()
    try:
        data.train = _read(call, request.training)
    except SnowflakeError as error:
        data.failure = messages.bad_query("training data", _reason(error))
        return data
    try:
        data.valid = _read(call, request.validation) if request.validation else []
    except SnowflakeError as error:
        data.failure = messages.bad_query("validation data", _reason(error))
        return data
    rows = len(data.train) + len(data.valid)
    limit = request.base_model.rows // request.epochs
    if not data.train:
        data.failure = messages.no_rows("training data")
    elif rows > limit:
        data.failure = messages.too_many_rows(rows, limit, request.epochs)
    return data


def _read(call: Call, query: str) -> list[Pair]:
    # On one line on purpose: a query that ends in a comment swallows the bracket, and one that
    # ends in a semicolon ends the statement, as it does in Snowflake.
    wrapped = f'SELECT "PROMPT"::VARCHAR, "COMPLETION"::VARCHAR FROM ({query})'
    context = call.account.context(call, inside_cortex=True)
    try:
        result = queries.select(wrapped, context, call.connection)
    except duckdb.Error as error:
        raise SnowflakeError(100038, "22018", type(error).__name__) from None
    return [(p, c) for p, c in result.rows if p is not None and c is not None]


def _reason(error: SnowflakeError) -> str:
    return f"{error.errno:06d} ({error.sqlstate}): {error.message}"
