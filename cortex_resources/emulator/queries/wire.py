"""How columns and cells travel to a client."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from cortex_resources.emulator.queries.callbacks.json_values import pretty
from cortex_resources.emulator.queries.callbacks.numerals import WIDE
from cortex_resources.emulator.queries.context import Column
from cortex_resources.emulator.queries.types import SEMI, TEXT_LENGTH, TIMESTAMPS, Kind, Type

NAMES = {
    Kind.NUMBER: "fixed",
    Kind.FLOAT: "real",
    Kind.TEXT: "text",
    Kind.NULL: "text",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.TIME: "time",
    Kind.TIMESTAMP_NTZ: "timestamp_ntz",
    Kind.TIMESTAMP_LTZ: "timestamp_ltz",
    Kind.TIMESTAMP_TZ: "timestamp_tz",
    Kind.VARIANT: "variant",
    Kind.OBJECT: "object",
    Kind.ARRAY: "array",
    Kind.BINARY: "binary",
}
EPOCH = date(1970, 1, 1)


def rowtype(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """The `rowtype` of a reply."""
    return [_described(column) for column in columns]


def _described(column: Column) -> dict[str, Any]:
    kind = column.type
    sized = kind.kind in (Kind.TEXT, Kind.NULL, Kind.BINARY)
    length = (kind.length or TEXT_LENGTH) if sized else None
    timed = kind.kind in (Kind.TIME, *TIMESTAMPS)
    return {
        "name": column.name,
        "type": NAMES[kind.kind],
        "nullable": column.nullable,
        "length": length,
        "byteLength": min(length * 4, 4 * TEXT_LENGTH)
        if length and kind.kind is not Kind.BINARY
        else length,
        "precision": kind.precision if kind.kind is Kind.NUMBER else 0 if timed else None,
        "scale": kind.scale if kind.kind is Kind.NUMBER or timed else None,
        "database": "",
        "schema": "",
        "table": "",
        "collation": None,
    }


def cells(columns: Sequence[Column], rows: Sequence[tuple[Any, ...]]) -> list[list[str | None]]:
    """The `rowset` of a reply: text or null."""
    writers = [_writer(column.type) for column in columns]
    return [
        [None if cell is None else writer(cell) for writer, cell in zip(writers, row, strict=True)]
        for row in rows
    ]


def _writer(kind: Type) -> Callable[[Any], str]:
    if kind.kind is Kind.NUMBER:
        return _number_writer(kind.scale)
    if kind.kind in TIMESTAMPS or kind.kind is Kind.TIME:
        write = WRITERS[kind.kind]
        return lambda cell: write(cell, kind.scale)
    if kind.kind in SEMI:
        return pretty
    return PLAIN.get(kind.kind, str)


def _number_writer(scale: int) -> Callable[[Any], str]:
    if scale == 0:
        return lambda cell: str(int(cell)) if isinstance(cell, bool) else str(cell)
    unit = Decimal(1).scaleb(-scale)
    return lambda cell: format(
        cell
        if isinstance(cell, Decimal) and cell.as_tuple().exponent == -scale
        else Decimal(str(cell)).quantize(unit, context=WIDE),
        "f",
    )


def _fraction(microseconds: int, scale: int) -> str:
    return f".{microseconds * 1000:09d}"[: scale + 1] if scale else ""


def _seconds(moment: datetime, scale: int) -> str:
    """Seconds since 1970 with the type's digits; of a naive moment as if it were UTC."""
    plain = moment.replace(tzinfo=None) - (moment.utcoffset() or (moment - moment))
    gone = plain - datetime(1970, 1, 1)
    microseconds = (gone.days * 86400 + gone.seconds) * 1_000_000 + gone.microseconds
    sign = "-" if microseconds < 0 else ""
    whole, rest = divmod(abs(microseconds), 1_000_000)
    return f"{sign}{whole}{_fraction(rest, scale)}"


def _zoned(moment: datetime, scale: int) -> str:
    shift = moment.utcoffset()
    minutes = int(shift.total_seconds() // 60) if shift else 0
    return f"{_seconds(moment, scale)} {minutes + 1440}"


def _clock(clock: time, scale: int) -> str:
    seconds = clock.hour * 3600 + clock.minute * 60 + clock.second
    return f"{seconds}{_fraction(clock.microsecond, scale)}"


def _float(cell: float) -> str:
    return {"nan": "NaN", "inf": "inf", "-inf": "-inf"}.get(repr(cell), repr(float(cell)))


WRITERS: dict[Kind, Callable[[Any, int], str]] = {
    Kind.TIMESTAMP_NTZ: _seconds,
    Kind.TIMESTAMP_LTZ: _seconds,
    Kind.TIMESTAMP_TZ: _zoned,
    Kind.TIME: _clock,
}
PLAIN: dict[Kind, Callable[[Any], str]] = {
    Kind.FLOAT: _float,
    Kind.BOOLEAN: lambda cell: "1" if cell else "0",  # 4.x reads "true" as false
    Kind.DATE: lambda cell: str((cell - EPOCH).days),
    Kind.BINARY: lambda cell: bytes(cell).hex().upper(),
}
