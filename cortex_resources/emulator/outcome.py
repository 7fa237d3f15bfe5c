"""What a statement gives back: columns, rows, its effect and its type on the wire."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

from cortex_resources.emulator.queries import types
from cortex_resources.emulator.queries.context import Column


class Effect(StrEnum):
    """What a statement does to the account."""

    READ = "READ"
    CHANGE = "CHANGE"
    SPEND = "SPEND"
    DESTROY = "DESTROY"


class StatementType(IntEnum):
    """The `statementTypeId` that clients read."""

    SELECT = 0x1000
    INSERT = 0x3100
    UPDATE = 0x3200
    DELETE = 0x3300
    MERGE = 0x3400
    SHOW = 0x4400
    DESCRIBE = 0x4500
    DDL = 0x6000
    MULTI = 0xA000


@dataclass(slots=True)
class Outcome:
    """The result of one statement."""

    columns: list[Column]
    rows: Sequence[tuple[Any, ...]]
    type: StatementType = StatementType.DDL
    effect: Effect = Effect.CHANGE
    stats: dict[str, int] = field(default_factory=dict)
    secret: bool = False  # a row holds what the state file must not


SHOWN_TIME = types.timestamp(types.Kind.TIMESTAMP_LTZ, scale=3)
_TYPES = {
    "text": types.TEXT,
    "number": types.NUMBER,
    "credits": types.number(38, 9),
    "boolean": types.BOOLEAN,
    "time": SHOWN_TIME,
}


def columns(*declared: str) -> list[Column]:
    """Result columns from `name` or `name:type`; the type is text unless it is told."""
    made = []
    for entry in declared:
        name, _, kind = entry.partition(":")
        made.append(Column(name, _TYPES[kind or "text"]))
    return made


def status(message: str, effect: Effect = Effect.CHANGE) -> Outcome:
    """The one row that a control statement answers."""
    return Outcome(columns("status"), [(message,)], StatementType.DDL, effect)


def listing(
    declared: list[Column], rows: Iterable[tuple[Any, ...]], kind: StatementType
) -> Outcome:
    """Rows of SHOW or DESCRIBE."""
    return Outcome(declared, list(rows), kind, Effect.READ)
