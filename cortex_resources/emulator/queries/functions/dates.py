"""Arithmetic with dates and times, their parts and their rounding."""

from __future__ import annotations

from sqlglot import exp

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.casts import ZONE, cast, integer, is_time, text
from cortex_resources.emulator.queries.casts_time import instant, wall_clock
from cortex_resources.emulator.queries.compiler import Compiler
from cortex_resources.emulator.queries.expression import Expr, derive
from cortex_resources.emulator.queries.faults import compilation, wrong_arguments, wrong_type
from cortex_resources.emulator.queries.functions.numeric import truncated
from cortex_resources.emulator.queries.functions.units import COARSE, fine, fits, unit_of
from cortex_resources.emulator.queries.registry import node, scalar, special
from cortex_resources.emulator.queries.types import (
    DATE,
    DIGITS,
    NUMBER,
    TEXT,
    TIME,
    TIMESTAMP_LTZ,
    TIMESTAMP_NTZ,
    TIMESTAMP_TZ,
    Kind,
    Type,
    number,
)


def temporal(value: Expr) -> Expr:
    """A date, time or timestamp; text and VARIANT are read as a timestamp."""
    if is_time(value) or value.type.kind is Kind.NULL:
        return value if is_time(value) else cast(value, TIMESTAMP_NTZ)
    if value.type.kind in (Kind.TEXT, Kind.VARIANT):
        return cast(value, TIMESTAMP_NTZ)
    raise wrong_type("a date function", value.type)


def back(wall: str, kind: Type, source: Expr, *parts: Expr) -> Expr:
    """A wall clock in the type of the value it was made from."""
    form = {
        Kind.DATE: "CAST({} AS DATE)",
        Kind.TIME: "CAST({} AS TIME)",
        Kind.TIMESTAMP_NTZ: "{}",
        Kind.TIMESTAMP_LTZ: f"sf_from_local({{}}, {ZONE})",
        Kind.TIMESTAMP_TZ: "struct_pack(utc := sf_shift({}, -({source}).minutes), "
        "minutes := ({source}).minutes)",
    }[kind.kind]
    return derive(form.format(wall, source=source.sql), kind, source, *parts)


def wall(value: Expr) -> str:
    """The wall clock of any temporal value."""
    if value.type.kind is Kind.TIME:
        return f"(DATE '1970-01-01' + {value.sql})"
    return wall_clock(value)


def add(unit: str, amount: Expr, value: Expr) -> Expr:
    """DATEADD."""
    if not fits(unit, value.type.kind):
        raise wrong_type("DATEADD", f"{unit}, {value.type}")
    kind = TIMESTAMP_NTZ if value.type.kind is Kind.DATE and fine(unit) else value.type
    count = integer(amount)
    start = wall(value)
    if unit in ("year", "quarter", "month"):
        months = {"year": 12, "quarter": 3, "month": 1}[unit]
        return back(f"sf_months({start}, {count.sql} * {months})", kind, value, count)
    if unit == "nanosecond":
        return back(f"({start} + to_microseconds({count.sql} // 1000))", kind, value, count)
    return back(f"({start} + to_{unit}s({count.sql}))", kind, value, count)


@special("DATEADD", "TIMEADD", "TIMESTAMPADD", "DATE_ADD")
def dateadd(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """DATEADD(unit, amount, value)."""
    if len(trees) != 3:
        raise wrong_arguments("DATEADD", len(trees), 3, 3)
    unit = unit_of(compiler, trees[0])
    amount = compiler.expr(trees[1])
    return add(unit, amount, temporal(compiler.expr(trees[2])))


@special("DATEDIFF", "TIMEDIFF", "TIMESTAMPDIFF")
def datediff(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """DATEDIFF(unit, from, to): boundaries crossed."""
    if len(trees) != 3:
        raise wrong_arguments("DATEDIFF", len(trees), 3, 3)
    unit = unit_of(compiler, trees[0])
    first, second = (temporal(compiler.expr(tree)) for tree in trees[1:])
    if not fits(unit, first.type.kind):
        raise wrong_type("DATEDIFF", f"{unit}, {first.type}")
    start, end = wall(first), wall(second)
    if unit == "nanosecond":
        sql = f"(datediff('microsecond', {start}, {end}) * 1000)"
    elif unit == "week":
        sql = f"(datediff('day', date_trunc('week', {start}), date_trunc('week', {end})) // 7)"
    elif unit in (*COARSE, "hour", "minute", "second", "millisecond", "microsecond"):
        sql = f"datediff('{unit}', {start}, {end})"
    else:
        raise unsupported(f"DATEDIFF by {unit}")
    return derive(sql, NUMBER, first, second)


def truncate(unit: str, value: Expr) -> Expr:
    """DATE_TRUNC: the type stays."""
    if unit == "nanosecond" or (value.type.kind is Kind.DATE and fine(unit)):
        return value
    if unit not in (*COARSE, "hour", "minute", "second", "millisecond", "microsecond"):
        raise unsupported(f"DATE_TRUNC to {unit}")
    if not fits(unit, value.type.kind):
        raise wrong_type("DATE_TRUNC", f"{unit}, {value.type}")
    return back(f"CAST(date_trunc('{unit}', {wall(value)}) AS TIMESTAMP)", value.type, value)


@special("DATE_TRUNC")
def date_trunc(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """DATE_TRUNC(unit, value), the other way round too."""
    if len(trees) != 2:
        raise wrong_arguments("DATE_TRUNC", len(trees), 2, 2)
    first, second = trees
    if not isinstance(first, (exp.Literal, exp.Var)) and isinstance(second, exp.Literal):
        first, second = second, first
    return truncate(unit_of(compiler, first), temporal(compiler.expr(second)))


@special("TRUNC", "TRUNCATE")
def trunc(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """TRUNC of a number or of a date."""
    if not 1 <= len(trees) <= 2:
        raise wrong_arguments("TRUNC", len(trees), 1, 2)
    value = compiler.expr(trees[0])
    if is_time(value):
        return truncate(unit_of(compiler, trees[1]) if len(trees) > 1 else "day", value)
    return truncated(compiler.exprs(trees))


PARTS = {
    "year": "year",
    "quarter": "quarter",
    "month": "month",
    "week": "week",
    "weekiso": "week",
    "day": "day",
    "hour": "hour",
    "minute": "minute",
    "dayofweek": "dow",
    "dayofweekiso": "isodow",
    "dayofyear": "doy",
    "yearofweek": "isoyear",
    "yearofweekiso": "isoyear",
}
EPOCHS = {"epoch_second": 1_000_000, "epoch_millisecond": 1_000, "epoch_microsecond": 1}


def part(unit: str, value: Expr) -> Expr:
    """DATE_PART."""
    if not fits(unit, value.type.kind):
        raise wrong_type("DATE_PART", f"{unit}, {value.type}")
    clock = wall(value)
    if unit in PARTS:
        return derive(f"date_part('{PARTS[unit]}', {clock})", number(9), value)
    if unit == "second":
        return derive(f"(date_part('second', {clock}))", number(9), value)
    if unit == "nanosecond":
        return derive(f"((epoch_us({clock}) % 1000000) * 1000)", number(9), value)
    moment = instant(value) if value.type.kind in (Kind.TIMESTAMP_LTZ, Kind.TIMESTAMP_TZ) else clock
    if unit in EPOCHS:
        return derive(f"CAST(floor(epoch_us({moment}) / {EPOCHS[unit]}) AS BIGINT)", NUMBER, value)
    if unit == "epoch_nanosecond":
        return derive(f"(CAST(epoch_us({moment}) AS HUGEINT) * 1000)", NUMBER, value)
    return _zone_part(unit, value)


def _zone_part(unit: str, value: Expr) -> Expr:
    if unit not in ("timezone_hour", "timezone_minute"):
        raise unsupported(f"DATE_PART {unit}")
    zoned = cast(value, TIMESTAMP_TZ)
    operator = "//" if unit == "timezone_hour" else "%"
    return derive(f"(({zoned.sql}).minutes {operator} 60)", number(9), value)


@special("DATE_PART")
def date_part(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """DATE_PART(unit, value)."""
    if len(trees) != 2:
        raise wrong_arguments("DATE_PART", len(trees), 2, 2)
    return part(unit_of(compiler, trees[0]), temporal(compiler.expr(trees[1])))


@node(exp.Extract)
def extract(compiler: Compiler, tree: exp.Expr) -> Expr:
    """EXTRACT(unit FROM value)."""
    return part(unit_of(compiler, tree.this), temporal(compiler.expr(tree.expression)))


NAMED = {
    "YEAR": "year",
    "QUARTER": "quarter",
    "MONTH": "month",
    "WEEK": "week",
    "WEEKISO": "weekiso",
    "WEEKOFYEAR": "week",
    "DAY": "day",
    "DAYOFMONTH": "day",
    "DAYOFWEEK": "dayofweek",
    "DAYOFWEEKISO": "dayofweekiso",
    "DAYOFYEAR": "dayofyear",
    "HOUR": "hour",
    "MINUTE": "minute",
    "SECOND": "second",
    "YEAROFWEEK": "yearofweek",
    "YEAROFWEEKISO": "yearofweekiso",
}


def _register_named() -> None:
    for name, unit in NAMED.items():

        def build(values: list[Expr], unit: str = unit) -> Expr:
            return part(unit, temporal(values[0]))

        scalar(name, least=1)(build)


_register_named()


@special("LAST_DAY")
def last_day(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """LAST_DAY of a month, or of another unit."""
    if not 1 <= len(trees) <= 2:
        raise wrong_arguments("LAST_DAY", len(trees), 1, 2)
    value = temporal(compiler.expr(trees[0]))
    unit = unit_of(compiler, trees[1]) if len(trees) > 1 else "month"
    clock = wall(value)
    if unit == "month":
        return derive(f"sf_end_of_month({clock})", DATE, value)
    start = f"date_trunc('{unit}', {clock})"
    steps = {
        "day": "to_days(0)",
        "week": "to_days(6)",
        "quarter": "to_months(3) - to_days(1)",
        "year": "to_years(1) - to_days(1)",
    }
    if unit not in steps:
        raise unsupported(f"LAST_DAY of {unit}")
    return derive(f"CAST({start} + {steps[unit]} AS DATE)", DATE, value)


WEEKDAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")


def _weekday(values: list[Expr], forward: bool) -> Expr:
    value, day = temporal(values[0]), text(values[1])
    clock = f"CAST({wall(value)} AS DATE)"
    if isinstance(day.constant, str) and day.constant.strip().lower()[:2] not in WEEKDAYS:
        raise compilation(1007, "22023", "a day of the week is needed here")
    names = "['mo','tu','we','th','fr','sa','su']"
    wanted = f"(list_position({names}, lower(left(trim({day.sql}), 2))) - isodow({clock}))"
    after = f"(({wanted} + 6) % 7 + 1)"
    days = after if forward else f"-((7 - ({wanted} % 7) - 1) % 7 + 1)"
    return derive(f"CAST({clock} + to_days(CAST({days} AS INTEGER)) AS DATE)", DATE, value, day)


@scalar("NEXT_DAY", least=2)
def next_day(values: list[Expr]) -> Expr:
    """NEXT_DAY."""
    return _weekday(values, forward=True)


@scalar("PREVIOUS_DAY", least=2)
def previous_day(values: list[Expr]) -> Expr:
    """PREVIOUS_DAY."""
    return _weekday(values, forward=False)


@scalar("DAYNAME", least=1)
def dayname(values: list[Expr]) -> Expr:
    """Mon, Tue, …"""
    found = temporal(values[0])
    return derive(f"left(dayname({wall(found)}), 3)", TEXT, found)


@scalar("MONTHNAME", least=1)
def monthname(values: list[Expr]) -> Expr:
    """Jan, Feb, …"""
    found = temporal(values[0])
    return derive(f"left(monthname({wall(found)}), 3)", TEXT, found)


@scalar("ADD_MONTHS", least=2)
def add_months(values: list[Expr]) -> Expr:
    """ADD_MONTHS: the last day of a month stays the last day."""
    value, count = temporal(values[0]), integer(values[1])
    clock = wall(value)
    moved = f"sf_months({clock}, {count.sql})"
    at_end = f"CAST({clock} AS DATE) = sf_end_of_month({clock})"
    whole = f"(CAST(sf_end_of_month({moved}) AS DATE) + CAST({clock} AS TIME))"
    return back(f"CASE WHEN {at_end} THEN {whole} ELSE {moved} END", value.type, value, count)


@scalar("MONTHS_BETWEEN", least=2)
def months_between(values: list[Expr]) -> Expr:
    """MONTHS_BETWEEN."""
    later, earlier = (temporal(value) for value in values)
    spans = number(DIGITS, 6)
    months = f"CAST(sf_month_span({wall(later)}, {wall(earlier)}) AS {spans.duck})"
    return derive(months, spans, later, earlier)


@scalar("DATE_FROM_PARTS", "DATEFROMPARTS", least=3)
def date_from_parts(values: list[Expr]) -> Expr:
    """DATE_FROM_PARTS: months and days beyond their range carry over."""
    year, month, day = (integer(value) for value in values)
    start = f"sf_months(TIMESTAMP '2000-01-01', ({year.sql} - 2000) * 12 + {month.sql} - 1)"
    return derive(
        f"CAST({start} + to_days(CAST({day.sql} - 1 AS INTEGER)) AS DATE)", DATE, year, month, day
    )


@scalar("TIME_FROM_PARTS", "TIMEFROMPARTS", least=3, most=4)
def time_from_parts(values: list[Expr]) -> Expr:
    """TIME_FROM_PARTS."""
    return derive(f"CAST(TIMESTAMP '1970-01-01' + {_clock(values)} AS TIME)", TIME, *values)


def _clock(values: list[Expr]) -> str:
    """Hour, minute, second and perhaps nanosecond as a span of time."""
    hour, minute, second = (integer(value) for value in values[:3])
    seconds = f"({hour.sql} * 3600 + {minute.sql} * 60 + {second.sql})"
    if len(values) < 4:
        return f"to_seconds({seconds})"
    return (
        f"to_microseconds(CAST({seconds} AS BIGINT) * 1000000 + {integer(values[3]).sql} // 1000)"
    )


@scalar("TIMESTAMP_FROM_PARTS", "TIMESTAMP_NTZ_FROM_PARTS", "TIMESTAMPFROMPARTS", least=2, most=7)
def timestamp_from_parts(values: list[Expr]) -> Expr:
    """TIMESTAMP_NTZ_FROM_PARTS."""
    if len(values) == 2:
        day, clock = cast(values[0], DATE), cast(values[1], TIME)
        return derive(f"({day.sql} + {clock.sql})", TIMESTAMP_NTZ, day, clock)
    if len(values) not in (6, 7):
        raise wrong_arguments("TIMESTAMP_FROM_PARTS", len(values), 6, 7)
    day = date_from_parts(values[:3])
    sql = f"(CAST({day.sql} AS TIMESTAMP) + {_clock(values[3:])})"
    return derive(sql, TIMESTAMP_NTZ, *values)


@scalar("TIMESTAMP_LTZ_FROM_PARTS", least=6, most=7)
def timestamp_ltz_from_parts(values: list[Expr]) -> Expr:
    """The same in the session's zone."""
    return cast(timestamp_from_parts(values), TIMESTAMP_LTZ)


@scalar("TIMESTAMP_TZ_FROM_PARTS", least=6, most=8)
def timestamp_tz_from_parts(values: list[Expr]) -> Expr:
    """The same in a zone that is given, else in the session's."""
    found = timestamp_from_parts(values[:7])
    if len(values) < 8:
        return cast(found, TIMESTAMP_TZ)
    zone = text(values[7])
    moment = f"sf_from_local({found.sql}, {zone.sql})"
    return _in_zone(moment, zone.sql, found, zone)


def _in_zone(moment: str, zone: str, *parts: Expr) -> Expr:
    """An instant with the offset that a zone has then."""
    sql = (
        f"(CASE WHEN {moment} IS NULL THEN NULL ELSE struct_pack(utc := {moment}, "
        f"minutes := sf_offset({moment}, {zone})) END)"
    )
    return derive(sql, TIMESTAMP_TZ, *parts)


@scalar("CONVERT_TIMEZONE", least=2, most=3)
def convert_timezone(values: list[Expr]) -> Expr:
    """CONVERT_TIMEZONE([source,] target, value)."""
    if len(values) == 3:
        source, target = text(values[0]), text(values[1])
        clock = wall_clock(cast(temporal(values[2]), TIMESTAMP_NTZ))
        sql = f"sf_to_local(sf_from_local({clock}, {source.sql}), {target.sql})"
        return derive(sql, TIMESTAMP_NTZ, *values)
    target, value = text(values[0]), temporal(values[1])
    return _in_zone(instant(value), target.sql, target, value)
