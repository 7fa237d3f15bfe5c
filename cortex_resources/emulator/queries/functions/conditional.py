"""Functions about missing values and conditions."""

from __future__ import annotations

from cortex_resources.emulator.queries.casts import boolean, cast, numeric, text, unify
from cortex_resources.emulator.queries.expression import Expr, derive, integer_constant
from cortex_resources.emulator.queries.operators import choose, compare
from cortex_resources.emulator.queries.registry import scalar
from cortex_resources.emulator.queries.types import BOOLEAN


@scalar("COALESCE", least=1, most=None)
def coalesce(values: list[Expr]) -> Expr:
    """The first value that is not NULL."""
    unified, shared = unify(values)
    return derive(f"COALESCE({', '.join(one.sql for one in unified)})", shared, *values)


@scalar("NVL", "IFNULL", least=2)
def nvl(values: list[Expr]) -> Expr:
    """NVL."""
    return coalesce(values)


def is_null(value: Expr) -> Expr:
    """IS NULL."""
    return derive(f"({value.sql} IS NULL)", BOOLEAN, value)


@scalar("NVL2", least=3)
def nvl2(values: list[Expr]) -> Expr:
    """NVL2(test, if not NULL, if NULL)."""
    test, present, absent = values
    return choose([is_null(test)], [absent, present])


@scalar("IFF", least=3)
def iff(values: list[Expr]) -> Expr:
    """IFF: an unknown condition counts as false."""
    return choose([boolean(values[0])], values[1:])


@scalar("NULLIF", least=2)
def nullif(values: list[Expr]) -> Expr:
    """NULL where both are equal."""
    first, second = values
    same = compare("=", first, second)
    nothing = Expr(f"CAST(NULL AS {first.type.duck})", first.type)
    return choose([same], [nothing, first])


@scalar("ZEROIFNULL", least=1)
def zeroifnull(values: list[Expr]) -> Expr:
    """ZEROIFNULL."""
    found = numeric(values[0])
    return derive(f"COALESCE({found.sql}, 0)", found.type, found)


@scalar("NULLIFZERO", least=1)
def nullifzero(values: list[Expr]) -> Expr:
    """NULLIFZERO."""
    return nullif([numeric(values[0]), integer_constant(0)])


@scalar("DECODE", least=3, most=None)
def decode(values: list[Expr]) -> Expr:
    """DECODE: NULL equals NULL here."""
    subject, *rest = values
    tests = [
        compare("IS NOT DISTINCT FROM", subject, one) for one in rest[: len(rest) // 2 * 2 : 2]
    ]
    results = rest[1::2]
    return choose(tests, results + (rest[-1:] if len(rest) % 2 else []))


@scalar("EQUAL_NULL", least=2)
def equal_null(values: list[Expr]) -> Expr:
    """EQUAL_NULL."""
    return compare("IS NOT DISTINCT FROM", values[0], values[1])


@scalar("BOOLAND", least=2)
def booland(values: list[Expr]) -> Expr:
    """BOOLAND."""
    first, second = (boolean(one) for one in values)
    return derive(f"({first.sql} AND {second.sql})", BOOLEAN, first, second)


@scalar("BOOLOR", least=2)
def boolor(values: list[Expr]) -> Expr:
    """BOOLOR."""
    first, second = (boolean(one) for one in values)
    return derive(f"({first.sql} OR {second.sql})", BOOLEAN, first, second)


@scalar("BOOLXOR", least=2)
def boolxor(values: list[Expr]) -> Expr:
    """BOOLXOR."""
    first, second = (boolean(one) for one in values)
    return derive(f"({first.sql} <> {second.sql})", BOOLEAN, first, second)


@scalar("TO_BOOLEAN", least=1)
def to_boolean(values: list[Expr]) -> Expr:
    """TO_BOOLEAN."""
    return boolean(values[0])


@scalar("TRY_TO_BOOLEAN", least=1)
def try_to_boolean(values: list[Expr]) -> Expr:
    """TRY_TO_BOOLEAN."""
    return cast(text(values[0]), BOOLEAN, attempt=True)
