"""Units of time, in all their spellings."""

from __future__ import annotations

from sqlglot import exp

from cortex_resources.emulator.queries.compiler import Compiler
from cortex_resources.emulator.queries.faults import compilation
from cortex_resources.emulator.queries.types import Kind

SPELLINGS = {
    "year": "year y yy yyy yyyy yr years yrs",
    "quarter": "quarter q qtr qtrs quarters",
    "month": "month mm mon mons months",
    "week": "week w wk weekofyear woy wy weeks",
    "day": "day d dd days dayofmonth",
    "hour": "hour h hh hr hours hrs",
    "minute": "minute m mi min minutes mins",
    "second": "second s sec seconds secs",
    "millisecond": "millisecond ms msec milliseconds",
    "microsecond": "microsecond us usec microseconds",
    "nanosecond": "nanosecond ns nsec nanosec nsecond nanoseconds nanosecs nseconds",
    "dayofweek": "dayofweek weekday dow dw",
    "dayofweekiso": "dayofweekiso weekday_iso dow_iso dw_iso dayofweek_iso",
    "dayofyear": "dayofyear yearday doy dy",
    "weekiso": "weekiso week_iso weekofyeariso weekofyear_iso",
    "yearofweek": "yearofweek",
    "yearofweekiso": "yearofweekiso",
    "epoch_second": "epoch_second epoch epoch_seconds",
    "epoch_millisecond": "epoch_millisecond epoch_milliseconds",
    "epoch_microsecond": "epoch_microsecond epoch_microseconds",
    "epoch_nanosecond": "epoch_nanosecond epoch_nanoseconds",
    "timezone_hour": "timezone_hour tzh",
    "timezone_minute": "timezone_minute tzm",
}
UNITS = {word: unit for unit, words in SPELLINGS.items() for word in words.split()}
FINE = ("hour", "minute", "second", "millisecond", "microsecond", "nanosecond")
COARSE = ("year", "quarter", "month", "week", "day")


def unit_of(compiler: Compiler, tree: exp.Expr) -> str:
    """The unit an argument names: a bare word or a text."""
    if isinstance(tree, (exp.Column, exp.Var, exp.Identifier)) and not tree.args.get("table"):
        word = tree.name
    else:
        value = compiler.expr(tree)
        if not isinstance(value.constant, str):
            raise compilation(1007, "22023", "a date part must be a word or a text")
        word = value.constant
    found = UNITS.get(word.strip().lower())
    if found is None:
        raise compilation(1007, "22023", f"'{word}' is not a valid date/time component")
    return found


def fine(unit: str) -> bool:
    """Whether the unit is smaller than a day."""
    return unit in FINE


def fits(unit: str, kind: Kind) -> bool:
    """Whether values of that kind have that unit."""
    return not (kind is Kind.TIME and unit in COARSE)
