"""Stored columns as the query engine wants them."""

from __future__ import annotations

from functools import lru_cache

from cortex_resources.emulator.entities import ColumnSpec
from cortex_resources.emulator.queries import entry
from cortex_resources.emulator.queries.context import Column


@lru_cache(maxsize=2_000)
def columns_of(columns: tuple[ColumnSpec, ...]) -> tuple[Column, ...]:
    """The columns with their types read."""
    return tuple(
        Column(
            column.name,
            entry.column_type(column.type),
            column.nullable,
            column.default,
            column.comment or "",
            sequence=column.sequence,
        )
        for column in columns
    )
