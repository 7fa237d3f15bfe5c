"""Numeric functions."""

from __future__ import annotations

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.casts import floating, integer, numeric, unify
from cortex_resources.emulator.queries.expression import Expr, call, derive, integer_constant, quote
from cortex_resources.emulator.queries.operators import arithmetic, choose, compare, decimal, divide
from cortex_resources.emulator.queries.registry import scalar
from cortex_resources.emulator.queries.types import DIGITS, FLOAT, NUMBER, Kind, number


def _same(function: str, value: Expr) -> Expr:
    found = numeric(value)
    sql = found.sql if found.type.kind is Kind.FLOAT else decimal(found)
    return derive(f"{function}({sql})", found.type, found)


@scalar("ABS", least=1)
def absolute(values: list[Expr]) -> Expr:
    """ABS."""
    return _same("abs", values[0])


@scalar("SIGN", least=1)
def sign(values: list[Expr]) -> Expr:
    """SIGN."""
    found = numeric(values[0])
    return derive(f"sign({found.sql})", number(1), found)


def _scaled(values: list[Expr], function: str) -> Expr:
    """ROUND, CEIL, FLOOR and TRUNC at a number of digits; a computed one leaves the scale."""
    value = numeric(values[0])
    digits = integer(values[1]) if len(values) > 1 else integer_constant(0)
    if value.type.kind is Kind.FLOAT:
        return _scaled_float(value, digits, function)
    places, scale = digits.constant, value.type.scale
    if not isinstance(places, int):
        at_most = f"{digits.sql} - greatest({digits.sql} - {scale}, 0)"  # NULL stays NULL
        kind, shown = number(DIGITS, scale), f"CAST({at_most} AS INTEGER)"
    elif places >= scale:
        return derive(decimal(value), number(DIGITS, scale), value)
    else:
        kind, shown = number(DIGITS, max(0, places)), str(places)
    text = f"sf_scaled(CAST({decimal(value)} AS VARCHAR), {shown}, '{function}')"
    return derive(f"CAST({text} AS {kind.duck})", kind, value, digits)


def _scaled_float(value: Expr, digits: Expr, function: str) -> Expr:
    """Of a FLOAT more digits than it has change nothing."""
    if function == "even":
        raise unsupported("HALF_TO_EVEN of a FLOAT")
    shift = f"pow(10, {digits.sql})"
    moved = f"({function}({value.sql} * {shift}) / {shift})"
    whole = f"{digits.sql} > 15 OR ({digits.sql} >= 0 AND abs({value.sql}) >= 1e15)"
    return derive(f"CASE WHEN {whole} THEN {value.sql} ELSE {moved} END", FLOAT, value, digits)


@scalar("ROUND", least=1, most=3)
def rounded(values: list[Expr]) -> Expr:
    """ROUND: half away from zero."""
    if len(values) == 3 and values[2].constant != "HALF_AWAY_FROM_ZERO":
        if values[2].constant != "HALF_TO_EVEN":
            raise unsupported("this rounding mode")
        return _scaled(values[:2], "even")
    return _scaled(values, "round")


@scalar("CEIL", "CEILING", least=1, most=2)
def ceiling(values: list[Expr]) -> Expr:
    """CEIL."""
    return _scaled(values, "ceil")


@scalar("FLOOR", least=1, most=2)
def floor(values: list[Expr]) -> Expr:
    """FLOOR."""
    return _scaled(values, "floor")


def truncated(values: list[Expr]) -> Expr:
    """TRUNC of a number."""
    return _scaled(values, "trunc")


@scalar("MOD", least=2)
def modulo(values: list[Expr]) -> Expr:
    """MOD."""
    return arithmetic("%", values[0], values[1])


@scalar("DIV0", least=2)
def div0(values: list[Expr]) -> Expr:
    """DIV0: zero where the divisor is zero."""
    return _guarded(values, nulls=False)


@scalar("DIV0NULL", least=2)
def div0null(values: list[Expr]) -> Expr:
    """DIV0NULL: zero where the divisor is zero or NULL."""
    return _guarded(values, nulls=True)


def _guarded(values: list[Expr], nulls: bool) -> Expr:
    over, under = (numeric(value) for value in values)
    zero = compare("=", under, integer_constant(0))
    test = f"({under.sql} IS NULL OR {zero.sql})" if nulls else zero.sql
    safe = derive(f"NULLIF({under.sql}, 0)", under.type, under)
    quotient = (
        divide(over, safe)
        if FLOAT not in (over.type, under.type)
        else derive(f"({floating(over).sql} / {floating(safe).sql})", FLOAT, over, safe)
    )
    nothing = derive(f"CASE WHEN {over.sql} IS NOT NULL THEN 0 END", NUMBER, over)
    return choose([derive(test, zero.type, under)], [nothing, quotient])


FLOATS = {
    "SQRT": "sqrt",
    "EXP": "exp",
    "LN": "ln",
    "CBRT": "cbrt",
    "SIN": "sin",
    "COS": "cos",
    "TAN": "tan",
    "COT": "cot",
    "ASIN": "asin",
    "ACOS": "acos",
    "ATAN": "atan",
    "ACOSH": "acosh",
    "ASINH": "asinh",
    "ATANH": "atanh",
    "SINH": "sinh",
    "COSH": "cosh",
    "TANH": "tanh",
    "DEGREES": "degrees",
    "RADIANS": "radians",
}


OUTSIDE = {
    # where the engine would answer NaN or an infinity
    "SQRT": "{0} < 0",
    "LN": "{0} <= 0",
    "ASIN": "abs({0}) > 1",
    "ACOS": "abs({0}) > 1",
    "ACOSH": "{0} < 1",
    "ATANH": "abs({0}) >= 1",
}


def _defined(name: str, sql: str, outside: str) -> str:
    """An error where the function has no value."""
    complaint = quote(f"@@SF:100047:22003:Invalid floating point operation: {name.lower()}@@")
    return f"(CASE WHEN {outside} THEN CAST(error({complaint}) AS DOUBLE) ELSE {sql} END)"


def _register_floats() -> None:
    for name, function in FLOATS.items():

        def build(values: list[Expr], name: str = name, engine: str = function) -> Expr:
            found = floating(numeric(values[0]))
            sql = f"{engine}({found.sql})"
            if name in OUTSIDE:
                sql = _defined(name, sql, OUTSIDE[name].format(found.sql))
            return derive(sql, FLOAT, found)

        scalar(name, least=1)(build)


_register_floats()


@scalar("POWER", "POW", least=2)
def power(values: list[Expr]) -> Expr:
    """POWER."""
    base, exponent = (floating(numeric(value)) for value in values)
    return derive(f"pow({base.sql}, {exponent.sql})", FLOAT, base, exponent)


@scalar("SQUARE", least=1)
def square(values: list[Expr]) -> Expr:
    """SQUARE."""
    found = floating(numeric(values[0]))
    return derive(f"({found.sql} * {found.sql})", FLOAT, found)


@scalar("ATAN2", least=2)
def atan2(values: list[Expr]) -> Expr:
    """ATAN2."""
    first, second = (floating(numeric(value)) for value in values)
    return derive(f"atan2({first.sql}, {second.sql})", FLOAT, first, second)


@scalar("LOG", least=2)
def logarithm(values: list[Expr]) -> Expr:
    """LOG(base, value)."""
    base, value = (floating(numeric(one)) for one in values)
    outside = f"{base.sql} <= 0 OR {base.sql} = 1 OR {value.sql} <= 0"
    sql = _defined("LOG", f"(ln({value.sql}) / ln({base.sql}))", outside)
    return derive(sql, FLOAT, base, value)


@scalar("HAVERSINE", least=4)
def haversine(values: list[Expr]) -> Expr:
    """HAVERSINE: kilometres between two places on the globe."""
    first, east, second, west = (f"radians({floating(numeric(one)).sql})" for one in values)
    chord = (
        f"pow(sin(({second} - {first}) / 2), 2) + "
        f"cos({first}) * cos({second}) * pow(sin(({west} - {east}) / 2), 2)"
    )
    return derive(f"(2 * 6371 * asin(sqrt(least(1, {chord}))))", FLOAT, *values)


@scalar("REGR_VALX", least=2)
def regr_valx(values: list[Expr]) -> Expr:
    """REGR_VALX(y, x): x, where y is not NULL."""
    return derive(f"(CASE WHEN {values[0].sql} IS NOT NULL THEN {values[1].sql} END)",
                  values[1].type, *values)  # fmt: skip


@scalar("REGR_VALY", least=2)
def regr_valy(values: list[Expr]) -> Expr:
    """REGR_VALY(y, x): y, where x is not NULL."""
    return regr_valx(values[::-1])


@scalar("PI")
def pi(_: list[Expr]) -> Expr:
    """PI."""
    return derive("pi()", FLOAT)


@scalar("FACTORIAL", least=1)
def factorial(values: list[Expr]) -> Expr:
    """FACTORIAL."""
    found = integer(values[0])
    return derive(f"factorial(CAST({found.sql} AS INTEGER))", NUMBER, found)


BITS = {
    "BITAND": "&",
    "BIT_AND": "&",
    "BITOR": "|",
    "BIT_OR": "|",
    "BITSHIFTLEFT": "<<",
    "BIT_SHIFTLEFT": "<<",
    "BITSHIFTRIGHT": ">>",
    "BIT_SHIFTRIGHT": ">>",
}


def _register_bits() -> None:
    for name, sign_ in BITS.items():

        def build(values: list[Expr], operator: str = sign_) -> Expr:
            first, second = (integer(value) for value in values)
            sql = f"(CAST({first.sql} AS BIGINT) {operator} CAST({second.sql} AS BIGINT))"
            return derive(sql, NUMBER, first, second)

        scalar(name, least=2)(build)


_register_bits()


@scalar("GETBIT", least=2)
def getbit(values: list[Expr]) -> Expr:
    """GETBIT."""
    return call("sf_getbit", number(1), *(integer(value) for value in values))


@scalar("BITXOR", "BIT_XOR", least=2)
def bitxor(values: list[Expr]) -> Expr:
    """BITXOR."""
    first, second = (integer(value) for value in values)
    return derive(
        f"xor(CAST({first.sql} AS BIGINT), CAST({second.sql} AS BIGINT))", NUMBER, first, second
    )


@scalar("BITNOT", "BIT_NOT", least=1)
def bitnot(values: list[Expr]) -> Expr:
    """BITNOT."""
    found = integer(values[0])
    return derive(f"(~CAST({found.sql} AS BIGINT))", NUMBER, found)


def _extreme(values: list[Expr], function: str, skip: bool) -> Expr:
    unified, shared = unify(values)
    inner = ", ".join(value.sql for value in unified)
    sql = f"{function}({inner})"
    if shared.kind is Kind.VARIANT:
        keyed = ", ".join(f"{{'k': sf_sort_key({v.sql}), 'v': {v.sql}}}" for v in unified)
        word = "list_max" if function == "greatest" else "list_min"
        sql = f"({word}(list_filter([{keyed}], lambda one: one.v IS NOT NULL))).v"
    if not skip:
        missing = " OR ".join(f"{value.sql} IS NULL" for value in unified)
        sql = f"(CASE WHEN {missing} THEN NULL ELSE {sql} END)"
    return derive(sql, shared, *values)


@scalar("GREATEST", least=1, most=None)
def greatest(values: list[Expr]) -> Expr:
    """GREATEST: NULL as soon as one argument is."""
    return _extreme(values, "greatest", skip=False)


@scalar("LEAST", least=1, most=None)
def least(values: list[Expr]) -> Expr:
    """LEAST: NULL as soon as one argument is."""
    return _extreme(values, "least", skip=False)


@scalar("GREATEST_IGNORE_NULLS", least=1, most=None)
def greatest_known(values: list[Expr]) -> Expr:
    """GREATEST of what is not NULL."""
    return _extreme(values, "greatest", skip=True)


@scalar("LEAST_IGNORE_NULLS", least=1, most=None)
def least_known(values: list[Expr]) -> Expr:
    """LEAST of what is not NULL."""
    return _extreme(values, "least", skip=True)


@scalar("WIDTH_BUCKET", least=4)
def width_bucket(values: list[Expr]) -> Expr:
    """WIDTH_BUCKET."""
    value, low, high = (floating(numeric(one)) for one in values[:3])
    buckets = integer(values[3])
    share = f"(({value.sql} - {low.sql}) / ({high.sql} - {low.sql}))"
    inside = f"CAST(floor({share} * {buckets.sql}) AS BIGINT) + 1"
    sql = (
        f"(CASE WHEN {value.sql} < {low.sql} THEN 0 WHEN {value.sql} >= {high.sql} "
        f"THEN {buckets.sql} + 1 ELSE {inside} END)"
    )
    return derive(sql, NUMBER, value, low, high, buckets)
