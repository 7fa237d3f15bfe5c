"""TO_DATE, TO_TIMESTAMP, TO_TIME and TO_CHAR with their formats."""

from __future__ import annotations

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.casts import ZONE, cast, is_time, text
from cortex_resources.emulator.queries.casts_time import zoned
from cortex_resources.emulator.queries.expression import Expr, derive
from cortex_resources.emulator.queries.faults import wrong_type
from cortex_resources.emulator.queries.functions.dates import wall
from cortex_resources.emulator.queries.functions.encodings import binary_text
from cortex_resources.emulator.queries.registry import scalar
from cortex_resources.emulator.queries.types import (
    DATE,
    TEXT,
    TIME,
    TIMESTAMP_LTZ,
    TIMESTAMP_NTZ,
    TIMESTAMP_TZ,
    Kind,
    Type,
)

READERS = {Kind.DATE: "date", Kind.TIME: "time", Kind.TIMESTAMP_NTZ: "timestamp"}


def read(values: list[Expr], kind: Type, attempt: bool) -> Expr:
    """A value, with a format or a scale, as a date, time or timestamp."""
    value = values[0]
    if len(values) == 1:
        return cast(value, kind, attempt)
    if value.type.kind is Kind.NUMBER:
        return _epoch(value, values[1], kind)
    if value.type.kind not in (Kind.TEXT, Kind.VARIANT, Kind.NULL):
        raise wrong_type(f"TO_{kind.kind.value}", value.type)
    spelled, pattern = text(value), text(values[1])
    prefix = "sf_try_" if attempt else "sf_"
    if kind.kind is Kind.TIMESTAMP_TZ:
        return derive(zoned(spelled.sql, pattern.sql, attempt), kind, spelled, pattern)
    if kind.kind is Kind.TIMESTAMP_LTZ:
        sql = f"{prefix}instant({spelled.sql}, {pattern.sql}, {ZONE})"
    else:
        sql = f"{prefix}{READERS[kind.kind]}({spelled.sql}, {pattern.sql})"
    return derive(sql, kind, spelled, pattern)


def _epoch(value: Expr, scale: Expr, kind: Type) -> Expr:
    if kind.kind not in (Kind.TIMESTAMP_NTZ, Kind.TIMESTAMP_LTZ):
        raise unsupported(f"a number as {kind.kind.value}")
    sql = f"sf_epoch(CAST({value.sql} AS VARCHAR), CAST({scale.sql} AS INTEGER))"
    return derive(sql, kind, value, scale)


TARGETS: dict[str, Type] = {
    "TO_DATE": DATE,
    "DATE": DATE,
    "TO_TIME": TIME,
    "TIME": TIME,
    "TO_TIMESTAMP": TIMESTAMP_NTZ,
    "TO_TIMESTAMP_NTZ": TIMESTAMP_NTZ,
    "TO_TIMESTAMP_LTZ": TIMESTAMP_LTZ,
    "TO_TIMESTAMP_TZ": TIMESTAMP_TZ,
}


def _register() -> None:
    for name, kind in TARGETS.items():

        def strict(values: list[Expr], kind: Type = kind) -> Expr:
            return read(values, kind, attempt=False)

        scalar(name, least=1, most=2)(strict)
        if name.startswith("TO_"):

            def attempt(values: list[Expr], kind: Type = kind) -> Expr:
                return read(values, kind, attempt=True)

            scalar(f"TRY_{name}", least=1, most=2)(attempt)


_register()


@scalar("TO_CHAR", "TO_VARCHAR", least=1, most=2)
def to_char(values: list[Expr]) -> Expr:
    """TO_CHAR and TO_VARCHAR."""
    value = values[0]
    if len(values) == 1:
        return cast(value, TEXT)
    pattern = text(values[1])
    if is_time(value):
        return derive(
            f"sf_format_time({wall(value)}, {_minutes(value)}, {pattern.sql})", TEXT, value, pattern
        )
    if value.type.kind in (Kind.NUMBER, Kind.FLOAT):
        spelled = cast(value, TEXT)
        return derive(f"sf_format_number({spelled.sql}, {pattern.sql})", TEXT, spelled, pattern)
    if value.type.kind is Kind.BINARY:
        return binary_text(value, pattern)
    if value.type.kind is Kind.NULL:
        return cast(value, TEXT)
    raise wrong_type("TO_CHAR", f"{value.type}, {pattern.type}")


def _minutes(value: Expr) -> str:
    if value.type.kind is Kind.TIMESTAMP_LTZ:
        return f"sf_offset({value.sql}, {ZONE})"
    if value.type.kind is Kind.TIMESTAMP_TZ:
        return f"({value.sql}).minutes"
    return "0"
