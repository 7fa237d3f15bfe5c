"""Rows that come from Python: catalog views, earlier results."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from cortex_resources.emulator.queries.compiler import Compiler
from cortex_resources.emulator.queries.context import RowsRelation
from cortex_resources.emulator.queries.types import Kind, Type

INLINE = 500


def physical(value: Any, kind: Type) -> Any:
    """A Python cell as the engine stores that type."""
    if value is None:
        return None
    if kind.kind is Kind.TIMESTAMP_TZ and isinstance(value, datetime):
        shift = value.utcoffset()
        minutes = int(shift.total_seconds() // 60) if shift else 0
        return {"utc": value.astimezone(UTC).replace(tzinfo=None), "minutes": minutes}
    if kind.kind is Kind.TIMESTAMP_LTZ and isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC).replace(tzinfo=None)
    if kind.kind is Kind.TIMESTAMP_NTZ and isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, (str, bytes, bool, int, float, date, time)):
        return str(value) if kind.kind in (Kind.TEXT, Kind.NULL) else value
    return value


def literal_rows(compiler: Compiler, known: RowsRelation) -> str:
    """The rows as a temporary table that the statement reads and then drops."""
    connection = compiler.statement.connection
    table = f"sf_rows_{compiler.statement.key}_{compiler.statement.fresh()}"
    columns = ", ".join(
        f"c{place} {column.type.duck}" for place, column in enumerate(known.columns, 1)
    )
    connection.execute(f"CREATE TEMP TABLE {table} ({columns})")
    compiler.statement.staged.append(table)
    rows = [
        [physical(cell, column.type) for cell, column in zip(row, known.columns, strict=True)]
        for row in known.rows
    ]
    marks = "(" + ", ".join("?" * len(known.columns)) + ")"
    for start in range(0, len(rows), INLINE):
        batch = rows[start : start + INLINE]
        connection.execute(
            f"INSERT INTO {table} VALUES {', '.join([marks] * len(batch))}",
            [cell for row in batch for cell in row],
        )
    return table
