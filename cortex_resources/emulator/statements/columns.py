"""The columns of tables and views: found by name, changed one at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import ColumnSpec
from cortex_resources.emulator.errors import SnowflakeError
from cortex_resources.emulator.names import quoted
from cortex_resources.emulator.queries.context import Column
from cortex_resources.emulator.statements import tagging

Columns = tuple[ColumnSpec, ...]


def specification(call: Call, column: Column) -> ColumnSpec:
    """A query's column as the catalog keeps it."""
    return ColumnSpec(
        column.name,
        str(column.type),
        column.nullable,
        column.default,
        column.comment or None,
        primary=column.primary,
        unique=column.unique,
        tags=tuple(tagging.checked(call, parts, value) for parts, value in column.tags),
    )


def known(columns: Columns, name: str) -> ColumnSpec:
    """The column of this name; error 904 when there is none."""
    found = next((column for column in columns if column.name == name), None)
    if found is None:
        raise SnowflakeError(
            904, "42000", f"SQL compilation error:\ninvalid identifier '{quoted(name)}'"
        )
    return found


def changed(columns: Columns, which: str, /, **fields: Any) -> Columns:
    """The columns with one of them changed."""
    return tuple(replace(c, **fields) if c.name == which else c for c in columns)
