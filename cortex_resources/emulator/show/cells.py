"""How SHOW, DESCRIBE and INFORMATION_SCHEMA write what they find into cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Entity, Table
from cortex_resources.emulator.queries.context import Column

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """What SHOW answers for a kind: its columns, and the row of one entity."""

    columns: list[Column]
    row: Callable[[Call, Any], Row]


def moment(seconds: float) -> datetime:
    """A stored time as a result cell, to the millisecond."""
    return datetime.fromtimestamp(round(seconds, 3), UTC)


def owner_type(call: Call, entity: Entity) -> str:
    """ROLE, DATABASE_ROLE, or nothing for what the system owns."""
    owner = call.catalog.get(entity.owner)
    return owner.kind.underscored if owner else ""


def place(call: Call, entity: Entity) -> tuple[str, str]:
    """The database and the schema of an entity in a schema."""
    path = call.catalog.path(entity)
    return path[0], path[1]


def row_count(call: Call, table: Table) -> int:
    """How many rows a table has."""
    counted = call.connection.execute(f"SELECT count(*) FROM {table.relation}").fetchone()
    return int(counted[0]) if counted else 0


def y_n(value: bool) -> str:
    """Y or N."""
    return "Y" if value else "N"


def true_false(value: bool) -> str:
    """The texts true and false, which SHOW has instead of booleans."""
    return "true" if value else "false"


def on_off(value: bool) -> str:
    """ON or OFF."""
    return "ON" if value else "OFF"
