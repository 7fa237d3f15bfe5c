"""Snowflake's error numbers for data statements, and how engine errors become them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cortex_resources.emulator.errors import SnowflakeError, disk_full, unsupported
from cortex_resources.emulator.names import quoted
from cortex_resources.emulator.queries.elsewhere import is_elsewhere
from cortex_resources.emulator.queries.marks import unmarked

if TYPE_CHECKING:
    from sqlglot import exp

MARK = re.compile(r"@@SF:(\d+):(\w{5}):(.*?)@@", re.DOTALL)


class Fault(Exception):  # noqa: N818 - what a row did wrong, not a bug
    """A value that a conversion cannot take; its text carries number, SQLSTATE and message."""

    def __init__(self, errno: int, sqlstate: str, message: str) -> None:
        super().__init__(f"@@SF:{errno}:{sqlstate}:{message}@@")


def not_recognized(what: str, value: str) -> Fault:
    """Text that does not spell a value of that type."""
    errno, sqlstate = {
        "Numeric value": (100038, "22018"),
        "Boolean value": (100037, "22018"),
        "Date": (100040, "22007"),
        "Time": (100108, "22007"),
        "Timestamp": (100035, "22007"),
    }[what]
    return Fault(errno, sqlstate, f"{what} '{value}' is not recognized")


def too_long(value: str) -> Fault:
    """Text that its type or column has no room for."""
    return Fault(100078, "22000", f"String '{value}' is too long and would be truncated")


def uncast(value: str, target: str) -> Fault:
    """A VARIANT whose value is of another type; `value` is its JSON text."""
    return Fault(100071, "22000", f"Failed to cast variant value {unmarked(value)} to {target}")


def compilation(errno: int, sqlstate: str, detail: str) -> SnowflakeError:
    """An error found before any row is read."""
    return SnowflakeError(errno, sqlstate, f"SQL compilation error:\n{detail}")


def invalid_identifier(name: str, line: int = 1, position: int = 0) -> SnowflakeError:
    """A column that no source in sight has, and where it is written."""
    place = f"error line {line} at position {position}"
    return compilation(904, "42000", f"{place}\ninvalid identifier '{name}'")


def ambiguous(name: str) -> SnowflakeError:
    """A column that two sources have."""
    return compilation(2028, "42601", f"ambiguous column name '{name}'")


def unknown_function(name: str) -> SnowflakeError:
    """A function that Snowflake has not, or that this session may not see.

    One that Snowflake has and the local account has not is refused by name.
    """
    if is_elsewhere(name):
        return unsupported(f"the function {name}")
    if "." in name and not name.startswith("SNOWFLAKE."):
        return compilation(2141, "42601", f"Unknown user-defined function {name}")
    return compilation(2140, "42601", f"Unknown function {name}")


def invalid_order(order: exp.Expr) -> SnowflakeError:
    """DISTINCT values in the order of others ("ARRAY_AGG"); the number is ours."""
    terms = ", ".join(term.this.sql(dialect="snowflake").upper() for term in order.expressions)
    return compilation(979, "42601", f"[{terms}] is not a valid order by expression")


def function_cycle(name: str) -> SnowflakeError:
    """A function that calls itself, or one that calls it; the text is observed, the number ours."""
    return SnowflakeError(2037, "42601", f"Detected a cycle in SQL UDF: {quoted(name)}")


def other_result(declared: object, found: object) -> SnowflakeError:
    """A body of another type than RETURNS says; the text is observed, the number ours."""
    return SnowflakeError(
        1044,
        "42P13",
        f"Declared return type '{declared}' is incompatible with actual return type '{found}'",
    )


def wrong_arguments(name: str, got: int, least: int, most: int | None) -> SnowflakeError:
    """A call with too few or too many arguments."""
    few = got < least
    words = ("not enough", least) if few else ("too many", most)
    return compilation(
        938 if few else 939,
        "22023",
        f"{words[0]} arguments for function [{name}], expected {words[1]}, got {got}",
    )


def wrong_type(name: str, got: object) -> SnowflakeError:
    """An argument of a type that the function does not take."""
    return compilation(1044, "42P13", f"Invalid argument types for function '{name}': ({got})")


def not_castable(got: object, wanted: object) -> SnowflakeError:
    """A cast between types that have nothing in common."""
    return compilation(1007, "22023", f"invalid type [CAST({got} AS {wanted})]")


REGEX = (
    r"invalid regular expression|Invalid replacement string|no argument for repetition|"
    r"missing [\])]|bad .*escape|invalid (escape|perl|character)|unexpected \)|repetition"
)
RULES: tuple[tuple[str, int, str, str], ...] = (
    (
        r"must appear in the GROUP BY|must be part of.*GROUP BY|GROUP BY clause or",
        979,
        "42601",
        "SQL compilation error:\nan expression is not a valid group by expression",
    ),
    (
        r"aggregates|aggregate function",
        2,
        "0A000",
        "SQL compilation error:\nInvalid aggregate function in this context",
    ),
    (
        r"window function",
        2303,
        "42601",
        "SQL compilation error:\nWindow function is not allowed in this context",
    ),
    (
        r"Scalar subquery can only return a single row|More than one row returned",
        90150,
        "22000",
        "Single-row subquery returns more than one row.",
    ),
    (r"[Dd]ivision by zero|divide by zero", 100051, "22012", "Division by zero"),
    (
        r"Could not convert string|Failed to cast value: Could not convert",
        100039,
        "22003",
        "Numeric value is out of range",
    ),
    (r"NOT NULL constraint", 100072, "22000", "NULL result in a non-nullable column"),
    (
        r"(Could not cast|Casting) value|[Oo]verflow|[Oo]ut of [Rr]ange|exceeds the limits",
        100046,
        "22003",
        "Number out of representable range",
    ),
    (
        REGEX,
        100048,
        "2201B",
        "Invalid regular expression",
    ),
    (r"INTERRUPT|Interrupt", 604, "57014", "SQL execution canceled"),
    (
        r"Out of Memory|out of memory|memory",
        300001,
        "XX000",
        "The statement needs more memory than the local account has",
    ),
    (
        r"(?i)stack|recursion|expression depth|nested too",
        603,
        "XX000",
        "SQL compilation error:\nthe expression is nested too deeply",
    ),
)


UNFIT = re.compile(
    r"(?:Casting value \"|Could not cast value )(?P<value>[-+.\w]+)\"? to (?:type )?"
    r"DECIMAL\((?P<precision>\d+),(?P<scale>\d+)\)"
)
UNREAD = re.compile(r"Could not convert string \"(?P<value>[-+.\w]+)\" to DECIMAL")
STORED = ((2, "SB1"), (4, "SB2"), (9, "SB4"), (18, "SB8"), (38, "SB16"))


def _unfit(words: str) -> SnowflakeError | None:
    """A number that its type has no room for."""
    if found := UNFIT.search(words):
        precision = int(found["precision"])
        width = next(name for digits, name in STORED if precision <= digits)
        kind = f"FIXED[{width}]({precision},{found['scale']}){{nullable}}"
        shown = f"Number out of representable range: type {kind}, value {found['value']}"
        return SnowflakeError(100046, "22003", shown)
    if found := UNREAD.search(words):
        value = found["value"]
        return SnowflakeError(100039, "22003", f"Numeric value '{value}' is out of range")
    return None


def from_engine(error: Exception) -> SnowflakeError:
    """Snowflake's number for what the engine said, without the engine's words."""
    words = str(error)
    if marked := MARK.search(words):
        return SnowflakeError(int(marked[1]), marked[2], marked[3])
    if known := disk_full(error) or _unfit(words):
        return known
    for pattern, errno, sqlstate, message in RULES:
        if re.search(pattern, words):
            return SnowflakeError(errno, sqlstate, message)
    return unsupported("this combination of clauses")
