"""A compiled expression: engine SQL, Snowflake type, and what is known about it beforehand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from cortex_resources.emulator.queries.faults import compilation
from cortex_resources.emulator.queries.types import BOOLEAN, NULL, TEXT, Type, number


class Unknown:
    """The mark of a value that only the rows will tell."""

    def __bool__(self) -> bool:
        return False


UNKNOWN: Final = Unknown()
MAX_SQL = 16_000_000


@dataclass(frozen=True, slots=True)
class Expr:
    """Engine SQL with its Snowflake type; `constant` is the value where it is known."""

    sql: str
    type: Type
    constant: Any = UNKNOWN
    volatile: bool = False
    aggregate: bool = False
    window: bool = False

    @property
    def known(self) -> bool:
        """Whether the value is known before any row is read."""
        return self.constant is not UNKNOWN

    def retyped(self, wanted: Type) -> Expr:
        """The same SQL under another type."""
        return replace(self, type=wanted)


def derive(sql: str, kind: Type, *parts: Expr, **flags: bool) -> Expr:
    """An expression made of others: it inherits what they are."""
    if len(sql) > MAX_SQL:
        raise compilation(603, "XX000", "the expression is too large")
    return Expr(
        sql,
        kind,
        volatile=flags.get("volatile", False) or any(part.volatile for part in parts),
        aggregate=flags.get("aggregate", False) or any(part.aggregate for part in parts),
        window=flags.get("window", False) or any(part.window for part in parts),
    )


def call(function: str, kind: Type, *parts: Expr) -> Expr:
    """A call of an engine function on those arguments."""
    return derive(f"{function}({', '.join(part.sql for part in parts)})", kind, *parts)


def quote(value: str) -> str:
    """An engine literal of that text."""
    pieces = ["'" + piece.replace("'", "''") + "'" for piece in value.split("\0")]
    return pieces[0] if len(pieces) == 1 else "(" + " || chr(0) || ".join(pieces) + ")"


def text_constant(value: str) -> Expr:
    """A VARCHAR literal."""
    return Expr(quote(value), TEXT if not value else Type(TEXT.kind, length=len(value)), value)


def integer_constant(value: int) -> Expr:
    """A NUMBER literal without fraction."""
    digits = len(str(abs(value)))
    sql = str(value) if digits <= 18 else f"CAST('{value}' AS DECIMAL(38,0))"
    return Expr(sql if value >= 0 else f"({sql})", number(max(1, min(digits, 38))), value)


def boolean_constant(value: bool) -> Expr:
    """TRUE or FALSE."""
    return Expr("TRUE" if value else "FALSE", BOOLEAN, value)


NULL_EXPR = Expr("NULL", NULL, None)
