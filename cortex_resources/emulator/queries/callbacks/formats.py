"""Date and time formats: `YYYY-MM-DD HH24:MI:SS.FF3` both ways."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHORT_MONTHS = tuple(name[:3].lower() for name in MONTHS)

ELEMENT = re.compile(
    r'"([^"]*)"|(YYYY|UUUU|MMMM|TZHTZM|TZH:TZM|HH24|HH12|FF[0-9]|MON|TZH|TZM|YY|MM|DD|DY|HH|AM|PM|'
    r"MI|SS|FF)",
    re.IGNORECASE,
)
NAMES = "|".join(SHORT_MONTHS)
FULL_NAMES = "|".join(name.lower() for name in MONTHS)
DAY_NAMES = "|".join(name[:3].lower() for name in DAYS)

READERS = {
    "YYYY": r"(?P<year>\d{4})",
    "UUUU": r"(?P<year>[+-]?\d{4})",
    "YY": r"(?P<short>\d{2})",
    "MMMM": f"(?P<name>{FULL_NAMES})",
    "MON": f"(?P<name>{NAMES})",
    "MM": r"(?P<month>\d{1,2})",
    "DD": r"(?P<day>\d{1,2})",
    "DY": f"(?:{DAY_NAMES})",
    "HH24": r"(?P<hour>\d{1,2})",
    "HH": r"(?P<hour>\d{1,2})",
    "HH12": r"(?P<half>\d{1,2})",
    "AM": "(?P<noon>am|pm)",
    "PM": "(?P<noon>am|pm)",
    "MI": r"(?P<minute>\d{1,2})",
    "SS": r"(?P<second>\d{1,2})",
    "TZH:TZM": r"(?P<zone>[+-]?\d{1,2}:\d{2}|z)",
    "TZHTZM": r"(?P<zone>[+-]?\d{4}|z)",
    "TZH": r"(?P<zone>[+-]?\d{1,2}|z)",
    "TZM": r"(?P<zoneminute>\d{2})",
}


def _offset(minutes: int, form: str) -> str:
    sign, size = "-" if minutes < 0 else "+", abs(minutes)
    return form.format(f"{sign}{size // 60:02d}", f"{size % 60:02d}")


WRITERS: dict[str, Callable[[datetime, int], str]] = {
    "YYYY": lambda at, _: f"{at.year:04d}",
    "UUUU": lambda at, _: f"{at.year:04d}",
    "YY": lambda at, _: f"{at.year % 100:02d}",
    "MMMM": lambda at, _: MONTHS[at.month - 1],
    "MON": lambda at, _: MONTHS[at.month - 1][:3],
    "MM": lambda at, _: f"{at.month:02d}",
    "DD": lambda at, _: f"{at.day:02d}",
    "DY": lambda at, _: DAYS[at.weekday()][:3],
    "HH24": lambda at, _: f"{at.hour:02d}",
    "HH": lambda at, _: f"{at.hour:02d}",
    "HH12": lambda at, _: f"{at.hour % 12 or 12:02d}",
    "AM": lambda at, _: "AM" if at.hour < 12 else "PM",
    "PM": lambda at, _: "AM" if at.hour < 12 else "PM",
    "MI": lambda at, _: f"{at.minute:02d}",
    "SS": lambda at, _: f"{at.second:02d}",
    "TZH:TZM": lambda _, minutes: _offset(minutes, "{}:{}"),
    "TZHTZM": lambda _, minutes: _offset(minutes, "{}{}"),
    "TZH": lambda _, minutes: _offset(minutes, "{}"),
    "TZM": lambda _, minutes: f"{abs(minutes) % 60:02d}",
}


@lru_cache(maxsize=256)
def elements(pattern: str) -> tuple[tuple[str, str], ...]:
    """The pieces of a format: (element, '') or ('', literal)."""
    found: list[tuple[str, str]] = []
    position = 0
    for match in ELEMENT.finditer(pattern):
        if match.start() > position:
            found.append(("", pattern[position : match.start()]))
        found.append(("", match[1]) if match[1] is not None else (match[2].upper(), ""))
        position = match.end()
    if position < len(pattern):
        found.append(("", pattern[position:]))
    return tuple(found)


def write(at: datetime, minutes: int, pattern: str) -> str:
    """The text of a moment; `minutes` is its offset from UTC."""
    pieces = []
    for element, literal in elements(pattern):
        if not element:
            pieces.append(literal)
        elif element.startswith("FF"):
            digits = int(element[2:] or 9)
            pieces.append(f"{at.microsecond * 1000:09d}"[:digits])
        else:
            pieces.append(WRITERS[element](at, minutes))
    return "".join(pieces)


@lru_cache(maxsize=256)
def _reader(pattern: str) -> re.Pattern[str]:
    seen: set[str] = set()
    pieces = []
    for element, literal in elements(pattern):
        if not element:
            pieces.append(re.sub(r"(\\ )+", r"\\s+", re.escape(literal)))
        elif element.startswith("FF"):
            pieces.append(r"(?P<fraction>\d{0,9})")
        else:
            pieces.append(READERS[element])
        name = re.search(r"\(\?P<(\w+)>", pieces[-1])
        if name and name[1] in seen:
            pieces[-1] = pieces[-1].replace(f"?P<{name[1]}>", "?:")
        elif name:
            seen.add(name[1])
    return re.compile("".join(pieces), re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Moment:
    """What a text says: the wall clock, and the offset in minutes if it names one."""

    at: datetime
    minutes: int | None = None


CLOCK = (
    r"(?:\s+(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})"
    r"(?:\.(?P<fraction>\d{0,9}))?)?)?"
)
ISO = (
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?:(?:t|\s+)(?P<hour>\d{1,2})(?::(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})"
    r"(?:\.(?P<fraction>\d{0,9}))?)?)?)?(?:\s*(?P<zone>z|[+-]\d{1,2}(?::?\d{2})?))?"
)
MAIL = (
    rf"(?:{DAY_NAMES}), (?P<day>\d{{1,2}}) (?P<name>{NAMES}) (?P<year>\d{{4}}) "
    r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2}):(?P<second>\d{1,2})(?:\.(?P<fraction>\d{0,9}))?"
    r"(?: (?P<zone>[+-]\d{4}|z))?"
)
MAIL_HALVES = (
    rf"(?:{DAY_NAMES}), (?P<day>\d{{1,2}}) (?P<name>{NAMES}) (?P<year>\d{{4}}) "
    r"(?P<half>\d{1,2}):(?P<minute>\d{1,2}):(?P<second>\d{1,2})(?:\.(?P<fraction>\d{0,9}))?"
    r" (?P<noon>am|pm)(?: (?P<zone>[+-]\d{4}))?"
)
SHELL = (
    rf"(?:{DAY_NAMES}) (?P<name>{NAMES}) (?P<day>\d{{1,2}}) "
    r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2}):(?P<second>\d{1,2}) (?P<zone>[+-]\d{4}) (?P<year>\d{4})"
)
AUTO = tuple(
    re.compile(pattern, re.IGNORECASE | re.ASCII)
    for pattern in (
        ISO,
        rf"(?P<day>\d{{1,2}})-(?P<name>{NAMES})-(?P<year>\d{{4}})" + CLOCK,
        r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})" + CLOCK,
        MAIL,
        MAIL_HALVES,
        SHELL,
    )
)


def read(value: str, pattern: str) -> Moment | None:
    """The moment a text spells, or None; pattern AUTO knows the documented forms."""
    found = value.strip()
    if pattern.upper() == "AUTO":
        return _read_auto(found)
    match = _reader(pattern).fullmatch(found)
    return _moment(match.groupdict()) if match else None


def _read_auto(value: str) -> Moment | None:
    if re.fullmatch(r"[+-]?\d+(\.\d+)?", value, re.ASCII):
        return Moment(epoch(value)) if "." not in value else None
    for form in AUTO:
        match = form.fullmatch(value)
        if match:
            return _moment(match.groupdict())
    return None


def epoch(value: str) -> datetime:
    """A moment from digits: their size decides between seconds, milli-, micro-, nanoseconds."""
    count = int(value)
    size = abs(count)
    unit = 1_000_000_000
    for limit, scale in (
        (31_536_000_000, 1),
        (31_536_000_000_000, 1_000),
        (31_536_000_000_000_000, 1_000_000),
    ):
        if size < limit:
            unit = scale
            break
    return scaled_epoch(count, unit)


def scaled_epoch(count: int, per_second: int) -> datetime:
    """A moment from a count of units since 1970."""
    seconds, rest = divmod(count, per_second)
    return datetime(1970, 1, 1) + timedelta(
        seconds=seconds, microseconds=rest * 1_000_000 // per_second
    )


def _moment(parts: dict[str, str | None]) -> Moment | None:
    minutes = _minutes(parts.get("zone"), parts.get("zoneminute"))
    hour = _hour(parts)
    if hour is None:
        return None
    try:
        at = datetime(
            _year(parts),
            _month(parts),
            int(parts.get("day") or 1),
            hour,
            int(parts.get("minute") or 0),
            int(parts.get("second") or 0),
            int((parts.get("fraction") or "").ljust(6, "0")[:6]),
        )
    except ValueError:
        return None
    return Moment(at, minutes)


def _year(parts: dict[str, str | None]) -> int:
    if short := parts.get("short"):
        return int(short) + (1900 if int(short) >= 70 else 2000)
    return int(parts.get("year") or 1970)


def _month(parts: dict[str, str | None]) -> int:
    if name := parts.get("name"):
        return SHORT_MONTHS.index(name[:3].lower()) + 1
    return int(parts.get("month") or 1)


def _hour(parts: dict[str, str | None]) -> int | None:
    half = parts.get("half")
    if half is None:
        return int(parts.get("hour") or 0)
    if not 1 <= int(half) <= 12:
        return None
    noon = (parts.get("noon") or "am").lower()
    return int(half) % 12 + (12 if noon == "pm" else 0)


def _minutes(zone: str | None, extra: str | None) -> int | None:
    if zone is None:
        return None
    if zone.lower() == "z":
        return 0
    sign = -1 if zone.startswith("-") else 1
    digits = zone.lstrip("+-").replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, extra or "0")
    return sign * (int(hours) * 60 + int(minutes))
