"""Dates, times and timestamps: text both ways, zones, epochs."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cortex_resources.emulator.queries.callbacks import formats
from cortex_resources.emulator.queries.callbacks.table import callback, fallible
from cortex_resources.emulator.queries.faults import Fault, not_recognized


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The time zone of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Fault(100030, "22023", "Unknown timezone") from None


@fallible("date", "VARCHAR VARCHAR", "DATE")
def to_date(value: str, pattern: str) -> date:
    """A date from text."""
    found = formats.read(value, pattern)
    if found is None:
        raise not_recognized("Date", value)
    return found.at.date()


@fallible("timestamp", "VARCHAR VARCHAR", "TIMESTAMP")
def to_timestamp(value: str, pattern: str) -> datetime:
    """A wall clock from text; an offset in the text is left out."""
    found = formats.read(value, pattern)
    if found is None:
        raise not_recognized("Timestamp", value)
    return found.at


@fallible("instant", "VARCHAR VARCHAR VARCHAR", "TIMESTAMP")
def to_instant(value: str, pattern: str, name: str) -> datetime:
    """An instant in UTC from text; without an offset the session's zone counts."""
    found = formats.read(value, pattern)
    if found is None:
        raise not_recognized("Timestamp", value)
    if found.minutes is not None:
        return found.at - timedelta(minutes=found.minutes)
    return from_local(found.at, name)


@fallible("minutes", "VARCHAR VARCHAR VARCHAR", "INTEGER")
def to_minutes(value: str, pattern: str, name: str) -> int:
    """The offset of a text in minutes; without one the session's zone counts."""
    found = formats.read(value, pattern)
    if found is None:
        raise not_recognized("Timestamp", value)
    if found.minutes is not None:
        return found.minutes
    return offset(from_local(found.at, name), name)


@fallible("time", "VARCHAR VARCHAR", "TIME")
def to_time(value: str, pattern: str) -> time:
    """A time of day from text."""
    if pattern.upper() == "AUTO":
        found = formats.read(f"1970-01-01 {value.strip()}", pattern) if ":" in value else None
        found = found or (formats.read(value, pattern) if "-" in value else None)
    else:
        found = formats.read(value, pattern)
    if found is None:
        raise not_recognized("Time", value)
    return found.at.time()


@callback("epoch", "VARCHAR INTEGER", "TIMESTAMP")
def epoch(value: str, scale: int) -> datetime:
    """A moment from a number of seconds, or of smaller units by scale."""
    whole, _, fraction = value.partition(".")
    digits = (fraction + "0" * 9)[:9]
    sign = -1 if whole.startswith("-") else 1
    nanoseconds = int(whole) * 10**9 + sign * int(digits)
    try:
        return formats.scaled_epoch(nanoseconds // 10 ** max(0, scale), 10**9)
    except OverflowError:
        raise not_recognized("Timestamp", value) from None


@callback("offset", "TIMESTAMP VARCHAR", "INTEGER")
def offset(moment: datetime, name: str) -> int:
    """Minutes from UTC in a zone at an instant."""
    found = moment.replace(tzinfo=UTC).astimezone(zone(name)).utcoffset()
    return int(found.total_seconds() // 60) if found else 0


@callback("to_local", "TIMESTAMP VARCHAR", "TIMESTAMP")
def to_local(moment: datetime, name: str) -> datetime:
    """The wall clock in a zone at an instant."""
    return moment.replace(tzinfo=UTC).astimezone(zone(name)).replace(tzinfo=None)


@callback("from_local", "TIMESTAMP VARCHAR", "TIMESTAMP")
def from_local(moment: datetime, name: str) -> datetime:
    """The instant at which a zone's clock shows that."""
    return moment.replace(tzinfo=zone(name)).astimezone(UTC).replace(tzinfo=None)


@callback("shift", "TIMESTAMP INTEGER", "TIMESTAMP")
def shift(moment: datetime, minutes: int) -> datetime:
    """The wall clock at an instant, given the offset."""
    return moment + timedelta(minutes=minutes)


@callback("zoned_text", "TIMESTAMP INTEGER", "VARCHAR")
def zoned_text(moment: datetime, minutes: int) -> str:
    """The default text of an instant with its offset."""
    return formats.write(shift(moment, minutes), minutes, "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM")


@callback("format_time", "TIMESTAMP INTEGER VARCHAR", "VARCHAR")
def format_time(moment: datetime, minutes: int, pattern: str) -> str:
    """TO_CHAR of a wall clock with an offset."""
    return formats.write(moment, minutes, pattern)


@callback("digits", "TIMESTAMP INTEGER", "TIMESTAMP")
def digits(moment: datetime, scale: int) -> datetime:
    """A timestamp with fewer digits after the second."""
    unit = 10 ** (6 - scale)
    return moment.replace(microsecond=moment.microsecond // unit * unit)


@callback("months", "TIMESTAMP BIGINT", "TIMESTAMP")
def add_months(moment: datetime, count: int) -> datetime:
    """The same day some months on, at most the last of that month."""
    months = moment.year * 12 + moment.month - 1 + count
    year, month = divmod(months, 12)
    if not 1 <= year <= 9999:
        raise Fault(100046, "22003", "Date is out of range")
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last_day(year, month)))


def last_day(year: int, month: int) -> int:
    """The number of days in a month counted from zero."""
    following = datetime(year + month // 11, (month + 1) % 12 + 1, 1) if year < 9999 else None
    return (following - timedelta(days=1)).day if following else 31


@callback("end_of_month", "TIMESTAMP", "DATE")
def end_of_month(moment: datetime) -> date:
    """The last day of the month."""
    return moment.date().replace(day=last_day(moment.year, moment.month - 1))


@callback("month_span", "TIMESTAMP TIMESTAMP", "DOUBLE")
def month_span(later: datetime, earlier: datetime) -> float:
    """MONTHS_BETWEEN: whole months where days agree or both end their month, else parts of 31."""
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    both_end = later.day == last_day(later.year, later.month - 1) and earlier.day == last_day(
        earlier.year, earlier.month - 1
    )
    if later.day == earlier.day or both_end:
        return float(months)
    seconds = (later - later.replace(day=1, hour=0, minute=0, second=0)) - (
        earlier - earlier.replace(day=1, hour=0, minute=0, second=0)
    )
    return round(months + seconds.total_seconds() / (31 * 86400), 6)
