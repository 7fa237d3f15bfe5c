"""Reads the data of a job as Snowflake does: each query becomes a sub-select."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Final

import duckdb

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.errors import SnowflakeError
from cortex_resources.emulator.finetune import documents, messages, pairs
from cortex_resources.emulator.finetune.arguments import Request
from cortex_resources.emulator.finetune.jobs import Failure
from cortex_resources.emulator.finetune.pairs import NOTHING, Measure
from cortex_resources.emulator.queries import entry
from cortex_resources.emulator.queries.faults import from_engine

_NAMESPACE: Final = uuid.UUID("0b9d2c62-57b5-5a0b-8f0e-6f3c1f0c7d11")


@dataclass(frozen=True, slots=True)
class Data:
    """How much a job trains on, or why it cannot."""

    train: Measure = NOTHING
    valid: Measure = NOTHING
    failure: Failure | None = None


def gather(call: Call, request: Request, job: str) -> Data:
    """Run both queries with the rights of the submitting role and store their pairs.

    On a connection of its own, which sees what is committed: a job is no part of the transaction
    of the session that submits it.
    """
    with call.account.store.connection.cursor() as cursor, call.account.watchdog.inside(cursor):
        cursor.execute("BEGIN")
        data = _read(call, request, job, cursor)
        cursor.execute("ROLLBACK" if data.failure else "COMMIT")
    return data


def _read(call: Call, request: Request, job: str, cursor: duckdb.DuckDBPyConnection) -> Data:
    # The id of a job that a crash took away before it was written down is given out again.
    pairs.remove(cursor, job)
    limit = request.base_model.rows // request.epochs
    found = {pairs.TRAIN: NOTHING, pairs.VALID: NOTHING}
    for split, query in ((pairs.TRAIN, request.training), (pairs.VALID, request.validation)):
        if not query:
            continue
        try:
            problem = _stage(call, request, query, f"staged_{split}", cursor)
        except SnowflakeError as error:
            query_id = str(uuid.uuid5(_NAMESPACE, f"{job} {split}"))
            return Data(failure=messages.bad_query(_shown(request, query), query_id, error))
        if problem:
            return Data(failure=messages.bad_documents(query, problem))
        found[split] = pairs.measure(cursor, f"staged_{split}", request.base_model)
        pairs.write(cursor, job, split, f"staged_{split}", request.base_model)
    train, valid = found.values()
    return Data(train, valid, _shortcoming(call, request, train, valid, limit))


def _shortcoming(
    call: Call, request: Request, train: Measure, valid: Measure, limit: int
) -> Failure | None:
    if train.rows + valid.rows > limit:
        return messages.too_many_rows(limit, request.epochs, request.base_model.name)
    empty = train.rows + valid.rows - train.usable - valid.usable
    if empty and call.account.settings.null_pairs == "fail":
        return messages.null_values(empty)
    return None if train.usable else messages.no_rows(wrapped(request.training))


def wrapped(query: str) -> str:
    """The query as it is run: quoted upper-case columns of a sub-select.

    On one line on purpose: a query that ends in a comment swallows the bracket, and one that
    ends in a semicolon ends the statement, as they do in Snowflake.
    """
    return f'SELECT "PROMPT", "COMPLETION" FROM ({query})'


def _shown(request: Request, query: str) -> str:
    return query if request.base_model.documents else wrapped(query)


def _stage(
    call: Call, request: Request, query: str, name: str, cursor: duckdb.DuckDBPyConnection
) -> str:
    """Put the rows of a query or of a Dataset into a temporary table; what is wrong with them.

    Of a query one row more than the base model takes is enough.
    """
    if request.base_model.documents:
        return documents.stage(call, query, name, cursor).shortcoming()
    context = call.account.context(call, inside_cortex=True)
    most = request.base_model.rows // request.epochs + 1
    try:
        entry.stage_text(wrapped(query), context, cursor, name, most)
    except duckdb.Error as error:
        raise from_engine(error) from None
    return ""
