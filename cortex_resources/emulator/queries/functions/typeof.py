"""SYSTEM$TYPEOF: the type of an expression, and how wide it is stored."""

from __future__ import annotations

from sqlglot import exp

from cortex_resources.emulator.queries.compiler import Compiler
from cortex_resources.emulator.queries.expression import Expr, derive, text_constant
from cortex_resources.emulator.queries.faults import wrong_arguments
from cortex_resources.emulator.queries.registry import special
from cortex_resources.emulator.queries.types import TIMESTAMPS, Kind, Type

WIDTHS = ((2, "SB1"), (4, "SB2"), (9, "SB4"), (18, "SB8"), (38, "SB16"))
STORED = {
    Kind.FLOAT: "DOUBLE",
    Kind.BOOLEAN: "SB1",
    Kind.DATE: "SB4",
    Kind.TIME: "SB8",
    Kind.TIMESTAMP_NTZ: "SB16",
    Kind.TIMESTAMP_LTZ: "SB16",
    Kind.TIMESTAMP_TZ: "SB16",
}


def _spelled(kind: Type) -> str:
    return "NULL" if kind.kind is Kind.NULL else str(kind)


def _stored(value: Expr) -> str:
    kind = value.type
    if kind.kind in (Kind.TIME, *TIMESTAMPS) and kind.scale < 9:
        return "SB8"
    if kind.kind is not Kind.NUMBER:
        return STORED.get(kind.kind, "LOB")
    if isinstance(value.constant, int):  # a constant is as wide as its value
        bits = value.constant.bit_length() + 1
        return next(name for size, name in zip((8, 16, 32, 64, 128), NAMES, strict=True)
                    if bits <= size)  # fmt: skip
    return next(name for digits, name in WIDTHS if kind.precision <= digits)


NAMES = tuple(name for _, name in WIDTHS)


@special("SYSTEM$TYPEOF")
def typeof(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """SYSTEM$TYPEOF(expression)."""
    if len(trees) != 1:
        raise wrong_arguments("SYSTEM$TYPEOF", len(trees), 1, 1)
    value = compiler.expr(trees[0])
    told = text_constant(f"{_spelled(value.type)}[{_stored(value)}]")
    if not value.aggregate:
        return told
    # The type of an aggregate is known without its rows, and still there is one row for them all.
    return derive(f"(CASE WHEN count(*) >= 0 THEN {told.sql} END)", told.type, aggregate=True)
