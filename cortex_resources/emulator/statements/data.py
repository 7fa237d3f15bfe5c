"""SELECT and DML: hands the text to the query engine and counts what came back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import duckdb

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.errors import SnowflakeError, unsupported
from cortex_resources.emulator.outcome import Effect, Outcome, StatementType, columns
from cortex_resources.emulator.queries import entry
from cortex_resources.emulator.queries.context import DmlResult
from cortex_resources.emulator.statements import transactions

_NOT_BOUND: Final = 2049
_Dml = Callable[[str, Any, duckdb.DuckDBPyConnection], DmlResult]


def select(call: Call) -> Outcome:
    """SELECT, WITH, VALUES."""
    context = call.account.context(call)
    result = entry.select(call.sql, context, call.connection, describe_only=call.describe_only)
    effect = call.effect or Effect.READ
    return Outcome(result.columns, result.rows, StatementType.SELECT, effect)


def call_function(call: Call) -> Outcome:
    """CALL SYSTEM$…(…): a system function may be called like a procedure; there are no others."""
    call.reader.expect("CALL")
    name = call.reader.token
    if name is None or not name.value.startswith("SYSTEM$"):
        raise unsupported("CALL of a procedure")
    result = entry.select(
        f"SELECT {call.sql[name.start :]}",
        call.account.context(call),
        call.connection,
        describe_only=call.describe_only,
    )
    column = replace(result.columns[0], name=name.value)
    return Outcome([column], result.rows, StatementType.SELECT, Effect.READ)


def insert(call: Call) -> Outcome:
    """INSERT."""
    return _run(call, entry.insert, StatementType.INSERT)


def update(call: Call) -> Outcome:
    """UPDATE."""
    return _run(call, entry.update, StatementType.UPDATE)


def delete(call: Call) -> Outcome:
    """DELETE."""
    return _run(call, entry.delete, StatementType.DELETE)


def merge(call: Call) -> Outcome:
    """MERGE."""
    return _run(call, entry.merge, StatementType.MERGE)


def truncate(call: Call) -> Outcome:
    """TRUNCATE TABLE."""
    _run(call, entry.truncate, StatementType.DELETE)
    return Outcome(columns("status"), [("Statement executed successfully.",)])


_COUNTS: Final[dict[StatementType, DmlResult]] = {
    StatementType.INSERT: DmlResult(inserted=0),
    StatementType.UPDATE: DmlResult(updated=0, multi_joined=0),
    StatementType.DELETE: DmlResult(deleted=0),
    StatementType.MERGE: DmlResult(inserted=0, updated=0),
}


def _described(call: Call, execute: Any, kind: StatementType) -> Outcome:
    """The columns of a DML statement's reply; drivers ask before they have values to bind."""
    result = _COUNTS[kind]
    try:
        context = call.account.context(call)
        result = execute(call.sql, context, call.connection, describe_only=True)
    except SnowflakeError as error:
        if error.errno != _NOT_BOUND:
            raise
    declared, _ = entry.described(result)
    return Outcome(declared, [], kind, Effect.READ)


def _run(call: Call, execute: _Dml, kind: StatementType) -> Outcome:
    if call.describe_only:
        return _described(call, execute, kind)
    context = call.account.context(call)
    result = execute(call.sql, context, call.connection)
    live = call.account.sessions.live(call.session)
    transactions.remember(live, lambda connection: execute(call.sql, context, connection))
    if live.transaction is not None:
        live.changed |= context.changed
    else:
        for entity_id in sorted(context.changed):
            call.account.commit_times.changed(entity_id)
    stats = {
        "numRowsInserted": result.inserted or 0,
        "numRowsUpdated": result.updated or 0,
        "numRowsDeleted": result.deleted or 0,
        "numDmlDuplicates": 0,
    }
    declared, rows = entry.described(result)
    return Outcome(declared, rows, kind, Effect.CHANGE, stats)
