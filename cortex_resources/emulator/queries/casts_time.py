"""Conversions between dates, times, timestamps, and the texts and numbers that spell them."""

from __future__ import annotations

from cortex_resources.emulator.queries.casts import ZONE, cast, rule, text
from cortex_resources.emulator.queries.expression import Expr
from cortex_resources.emulator.queries.types import TIMESTAMPS, Kind, Type

LOCAL = {
    Kind.DATE: "CAST({} AS TIMESTAMP)",
    Kind.TIMESTAMP_NTZ: "{}",
    Kind.TIMESTAMP_LTZ: f"sf_to_local({{}}, {ZONE})",
    Kind.TIMESTAMP_TZ: "sf_shift(({0}).utc, ({0}).minutes)",
}
TIMED = tuple(LOCAL)


def wall_clock(value: Expr) -> str:
    """What the clock on the wall shows at a date or timestamp, as an engine TIMESTAMP."""
    return LOCAL[value.type.kind].format(value.sql)


def instant(value: Expr) -> str:
    """The instant in UTC, as an engine TIMESTAMP."""
    if value.type.kind is Kind.TIMESTAMP_LTZ:
        return value.sql
    if value.type.kind is Kind.TIMESTAMP_TZ:
        return f"({value.sql}).utc"
    return f"sf_from_local({wall_clock(value)}, {ZONE})"


def _try(function: str, attempt: bool) -> str:
    return f"sf_try_{function}" if attempt else f"sf_{function}"


def _rounded(sql: str, target: Type) -> str:
    """Timestamps of a lower precision lose the digits beyond it."""
    if target.scale >= 6:
        return sql
    return f"sf_digits({sql}, {target.scale})"


@rule((Kind.TEXT,), Kind.DATE)
def _text_date(value: Expr, _target: Type, attempt: bool) -> str:
    return f"{_try('date', attempt)}({value.sql}, 'AUTO')"


@rule((Kind.TEXT,), Kind.TIME)
def _text_time(value: Expr, _target: Type, attempt: bool) -> str:
    return f"{_try('time', attempt)}({value.sql}, 'AUTO')"


@rule((Kind.TEXT,), Kind.TIMESTAMP_NTZ)
def _text_ntz(value: Expr, target: Type, attempt: bool) -> str:
    return _rounded(f"{_try('timestamp', attempt)}({value.sql}, 'AUTO')", target)


@rule((Kind.TEXT,), Kind.TIMESTAMP_LTZ)
def _text_ltz(value: Expr, target: Type, attempt: bool) -> str:
    return _rounded(f"{_try('instant', attempt)}({value.sql}, 'AUTO', {ZONE})", target)


@rule((Kind.TEXT,), Kind.TIMESTAMP_TZ)
def _text_tz(value: Expr, _target: Type, attempt: bool) -> str:
    return zoned(value.sql, "'AUTO'", attempt)


def zoned(sql: str, pattern: str, attempt: bool) -> str:
    """Text as TIMESTAMP_TZ: the instant and the offset it was written with."""
    return (
        f"CASE WHEN {_try('instant', attempt)}({sql}, {pattern}, {ZONE}) IS NULL THEN NULL ELSE "
        f"struct_pack(utc := {_try('instant', attempt)}({sql}, {pattern}, {ZONE}), "
        f"minutes := {_try('minutes', attempt)}({sql}, {pattern}, {ZONE})) END"
    )


@rule((Kind.NUMBER,), Kind.TIMESTAMP_NTZ)
def _number_ntz(value: Expr, _target: Type, _attempt: bool) -> str:
    return f"sf_epoch(CAST({value.sql} AS VARCHAR), 0)"


@rule((Kind.NUMBER,), Kind.TIMESTAMP_LTZ)
def _number_ltz(value: Expr, _target: Type, _attempt: bool) -> str:
    return f"sf_epoch(CAST({value.sql} AS VARCHAR), 0)"


@rule((Kind.NUMBER,), Kind.TIMESTAMP_TZ)
def _number_tz(value: Expr, _target: Type, _attempt: bool) -> str:
    moment = f"sf_epoch(CAST({value.sql} AS VARCHAR), 0)"
    return (
        f"CASE WHEN {value.sql} IS NULL THEN NULL ELSE "
        f"struct_pack(utc := {moment}, minutes := 0) END"
    )


@rule(TIMED, Kind.DATE)
def _date(value: Expr, _target: Type, _attempt: bool) -> str:
    return f"CAST({wall_clock(value)} AS DATE)"


@rule((Kind.TIME, *TIMESTAMPS), Kind.TIME)
def _time(value: Expr, _target: Type, _attempt: bool) -> str:
    if value.type.kind is Kind.TIME:
        return value.sql
    return f"CAST({wall_clock(value)} AS TIME)"


@rule(TIMED, Kind.TIMESTAMP_NTZ)
def _ntz(value: Expr, target: Type, _attempt: bool) -> str:
    return _rounded(wall_clock(value), target)


@rule(TIMED, Kind.TIMESTAMP_LTZ)
def _ltz(value: Expr, target: Type, _attempt: bool) -> str:
    return _rounded(instant(value), target)


@rule(TIMED, Kind.TIMESTAMP_TZ)
def _tz(value: Expr, _target: Type, _attempt: bool) -> str:
    if value.type.kind is Kind.TIMESTAMP_TZ:
        return value.sql
    moment = instant(value)
    return (
        f"CASE WHEN {value.sql} IS NULL THEN NULL ELSE "
        f"struct_pack(utc := {moment}, minutes := sf_offset({moment}, {ZONE})) END"
    )


def _through_text(value: Expr, target: Type, attempt: bool) -> str:
    found = cast(text(value), target, True).sql
    if attempt:
        return found
    told = f"CASE WHEN {value.sql} <> 'null' THEN sf_no_time({value.sql}, '{target.kind.name}') END"
    return f"COALESCE({found}, CAST({told} AS {target.duck}))"


for _kind in (Kind.DATE, Kind.TIME, *TIMESTAMPS):
    rule((Kind.VARIANT,), _kind)(_through_text)
