"""The engine underneath: which Python functions it may call, how a compiled query runs."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import duckdb
from duckdb.func import SPECIAL

from cortex_resources.emulator.errors import SnowflakeError, unsupported
from cortex_resources.emulator.queries import text_formats
from cortex_resources.emulator.queries.callbacks import (  # noqa: F401  fill the table
    arrays,
    cortex,
    encodings,
    flattening,
    json_functions,
    numerals,
    regexes,
    similarity,
    texts,
    times,
    values,
    variant_order,
)
from cortex_resources.emulator.queries.callbacks.budget import BUDGET
from cortex_resources.emulator.queries.callbacks.table import CALLBACKS
from cortex_resources.emulator.queries.compiler import Compiler, Environment, Statement
from cortex_resources.emulator.queries.context import (
    Answering,
    Column,
    QueryContext,
    QueryResult,
    Scope,
)
from cortex_resources.emulator.queries.expression import quote
from cortex_resources.emulator.queries.faults import compilation, from_engine
from cortex_resources.emulator.queries.names import Names
from cortex_resources.emulator.queries.types import Kind, Type

KEYS = itertools.count(1)
ZONE = "America/Los_Angeles"
MAX_RESULT = 2_000_000
MAX_BYTES = 512_000_000
BATCH = 50


def install(connection: duckdb.DuckDBPyConnection) -> None:
    """Give an engine its functions; needed once after opening a database."""
    for name, one in CALLBACKS.items():
        parameters: list[Any] = list(one.parameters)
        connection.create_function(
            name,
            guarded(one.function, len(one.parameters), nulls=one.nulls),
            parameters,
            one.returns,
            null_handling=SPECIAL,
            side_effects=one.volatile,
        )


def guarded(function: Callable[..., Any], arity: int, *, nulls: bool) -> Callable[..., Any]:
    """The function as the engine calls it: not with NULL unless it takes it, within the budget."""
    charged = BUDGET.charged
    if arity == 1 and not nulls:
        return lambda a: None if a is None else charged(function(a))
    if arity == 2 and not nulls:
        return lambda a, b: None if a is None or b is None else charged(function(a, b))
    names = [chr(ord("a") + place) for place in range(arity)]

    def whole(*arguments: Any) -> Any:
        return None if not nulls and None in arguments else charged(function(*arguments))

    whole.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in names]
    )
    return whole


@contextmanager
def statement(
    context: QueryContext, connection: duckdb.DuckDBPyConnection, describe_only: bool = False
) -> Iterator[Compiler]:
    """A compiler for one statement; whatever the statement staged is gone afterwards."""
    key = next(KEYS)
    BUDGET.restart()
    cortex.CONTEXTS[key] = context
    scope = Scope(context.database, context.schema, context.role)
    running = Statement(context, connection, key, describe_only)
    formats = getattr(context, "text_formats", {})
    try:
        with text_formats.chosen(formats):
            yield Compiler(running, Environment(scope), Names())
    except RecursionError:
        raise compilation(603, "XX000", "the statement is nested too deeply") from None
    except MemoryError:
        raise SnowflakeError(
            300001, "XX000", "The statement needs more memory than the local account has"
        ) from None
    except duckdb.Error as error:
        raise from_engine(error) from None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, ArithmeticError):
        # A tree of a shape that nothing here foresees: no statement may end in a traceback.
        raise unsupported("a clause of this statement in this form") from None
    finally:
        _forget(running)


def lent(running: Statement, answering: Answering) -> int:
    """A key under which the engine finds, until the statement ends, what answers its calls."""
    key = next(KEYS)
    cortex.CONTEXTS[key] = answering
    running.lent.append(key)
    return key


def _forget(running: Statement) -> None:
    for asker in (running.key, *running.lent):
        cortex.CONTEXTS.pop(asker, None)
    flattening.SEQUENCES.pop(running.key, None)
    for table in (texts.DRAWS, texts.COUNTS):
        for key in [key for key in list(table) if key[0] == running.key]:
            del table[key]
    for name in running.staged:
        try:
            running.connection.execute(f"DROP TABLE IF EXISTS {name}")
        except duckdb.Error:
            continue  # the transaction failed: its temporary tables are gone with it


def execute(compiler: Compiler, sql: str) -> duckdb.DuckDBPyConnection:
    """Run compiled SQL in the session's time zone."""
    if "sf_zone" in sql:
        zone = getattr(compiler.statement.context, "timezone", None) or ZONE
        compiler.statement.connection.execute(f"SET VARIABLE sf_zone = {quote(str(zone))}")
    return compiler.statement.connection.execute(sql)


def changed_rows(compiler: Compiler, sql: str) -> int:
    """Run a changing statement; how many rows it touched."""
    with compiler.statement.context.aside():
        row = execute(compiler, sql).fetchone()
    return int(row[0]) if row else 0


def fetch(compiler: Compiler, sql: str, columns: list[Column]) -> QueryResult:
    """The rows of a compiled query as Python values that fit the columns."""
    with compiler.statement.context.aside():
        found = _all_rows(execute(compiler, sql))
    readers = [READERS.get(column.type.kind) for column in columns]
    if not any(readers):
        return QueryResult(columns, found)
    types = [column.type for column in columns]
    return QueryResult(
        columns,
        [
            tuple(
                cell if reader is None or cell is None else reader(cell, kind)
                for cell, reader, kind in zip(row, readers, types, strict=True)
            )
            for row in found
        ],
    )


def _all_rows(result: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """The rows, as long as they are not too many or too large; fetched by the size they have."""
    found: list[tuple[Any, ...]] = []
    held, batch = 0, BATCH
    while rows := result.fetchmany(batch):
        found += rows
        size = sum(len(cell) for row in rows[:BATCH] for cell in row if isinstance(cell, SIZED))
        average = size // min(len(rows), BATCH) + 1
        held += average * len(rows)
        if len(found) > MAX_RESULT or held > MAX_BYTES:
            raise unsupported(f"results of more than {MAX_RESULT} rows or {MAX_BYTES} bytes")
        batch = max(1, min(100_000, MAX_BYTES // 20 // average))
    return found


SIZED = (str, bytes)


def _number(cell: Any, kind: Type) -> Any:
    if kind.scale == 0:
        return int(cell)
    return cell if isinstance(cell, Decimal) else Decimal(str(cell))


def _ltz(cell: datetime, _: Type) -> datetime:
    moment: datetime = _calendar(cell, _)
    return moment.replace(tzinfo=UTC)


def _tz(cell: dict[str, Any], _: Type) -> datetime | None:
    if cell["utc"] is None:
        return None
    there = timezone(timedelta(minutes=cell["minutes"]))
    moment: datetime = cell["utc"].replace(tzinfo=UTC)
    return moment.astimezone(there)


def _calendar(cell: Any, _: Type) -> Any:
    """A date or timestamp; the engine spells those beyond the year 9999 as text."""
    if isinstance(cell, str):
        raise SnowflakeError(100046, "22003", "Date is out of range")
    return cell


READERS: dict[Kind, Callable[[Any, Type], Any]] = {
    Kind.DATE: _calendar,
    Kind.TIMESTAMP_NTZ: _calendar,
    Kind.NUMBER: _number,
    Kind.TIMESTAMP_LTZ: _ltz,
    Kind.TIMESTAMP_TZ: _tz,
}
