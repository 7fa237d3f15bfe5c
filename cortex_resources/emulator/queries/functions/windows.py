"""Functions that need OVER: ranks, neighbours, first and last values."""

from __future__ import annotations

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.casts import boolean, integer, numeric, unify
from cortex_resources.emulator.queries.expression import Expr, derive
from cortex_resources.emulator.queries.faults import compilation
from cortex_resources.emulator.queries.functions.aggregates import total
from cortex_resources.emulator.queries.functions.calls import Call, window
from cortex_resources.emulator.queries.operators import divide
from cortex_resources.emulator.queries.types import FLOAT, NUMBER, Kind

WHOLE = "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"


def _need_order(call: Call) -> None:
    if not call.ordered:
        raise compilation(
            2303,
            "42601",
            f"Window function type [{call.name}] requires ORDER BY in window specification",
        )


@window("ROW_NUMBER", "RANK", "DENSE_RANK")
def ranks(call: Call) -> Expr:
    """Positions."""
    call.arguments(0)
    _need_order(call)
    return call.sql(call.name.lower(), "", NUMBER)


@window("PERCENT_RANK", "CUME_DIST")
def shares(call: Call) -> Expr:
    """Relative positions."""
    call.arguments(0)
    _need_order(call)
    return call.sql(call.name.lower(), "", FLOAT)


@window("NTILE")
def ntile(call: Call) -> Expr:
    """Buckets of equal size."""
    _need_order(call)
    found = integer(call.arguments(1)[0])
    return call.sql("ntile", found.sql, NUMBER, found)


@window("LAG", "LEAD")
def neighbours(call: Call) -> Expr:
    """The value some rows before or after."""
    _need_order(call)
    value, *rest = call.arguments(1, 3)
    distance = integer(rest[0]) if rest else None
    inner = f"{value.sql}, {distance.sql if distance else '1'}"
    if len(rest) == 2:
        (value, default), _ = unify([value, rest[1]])
        inner = f"{value.sql}, {distance.sql if distance else '1'}, {default.sql}"
    return call.sql(call.name.lower(), inner + _nulls(call), value.type, value)


def _nulls(call: Call) -> str:
    return " IGNORE NULLS" if call.ignore_nulls else ""


@window("FIRST_VALUE", "LAST_VALUE", "NTH_VALUE")
def edges(call: Call) -> Expr:
    """The first, last or nth value of the frame, which is the whole partition unless said."""
    _need_order(call)
    value, *rest = call.arguments(2 if call.name == "NTH_VALUE" else 1, 2)
    if not call.framed:
        call.over = f"{call.over} {WHOLE}"
    inner = ", ".join([value.sql, *(integer(one).sql for one in rest)])
    return call.sql(call.name.lower(), inner + _nulls(call), value.type, value)


@window("RATIO_TO_REPORT")
def ratio(call: Call) -> Expr:
    """The share of a value in the sum of its partition."""
    found = numeric(call.arguments(1)[0])
    summed = total(call)
    guarded = derive(f"NULLIF({summed.sql}, 0)", summed.type, summed)
    if found.type.kind is Kind.FLOAT:
        return derive(f"({found.sql} / {guarded.sql})", FLOAT, found, guarded)
    return divide(found, guarded)


@window("CONDITIONAL_TRUE_EVENT")
def true_events(call: Call) -> Expr:
    """How often a condition was true so far."""
    _need_order(call)
    found = boolean(call.arguments(1)[0])
    return call.sql("count", f"CASE WHEN {found.sql} THEN 1 END", NUMBER, found)


@window("CONDITIONAL_CHANGE_EVENT")
def change_events(call: Call) -> Expr:
    """How often a value changed so far: needs a window over a window."""
    raise unsupported(f"{call.name}")
