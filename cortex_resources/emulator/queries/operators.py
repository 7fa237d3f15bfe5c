"""Operators: arithmetic with Snowflake's scales, comparisons, logic, CASE, LIKE, IN."""

from __future__ import annotations

from sqlglot import exp

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.casts import (
    boolean,
    cast,
    common,
    floating,
    is_time,
    numeric,
    text,
    unify,
)
from cortex_resources.emulator.queries.casts_time import instant
from cortex_resources.emulator.queries.compiler import Compiler
from cortex_resources.emulator.queries.expression import Expr, derive
from cortex_resources.emulator.queries.faults import unknown_function, wrong_type
from cortex_resources.emulator.queries.registry import node
from cortex_resources.emulator.queries.types import (
    BOOLEAN,
    DATE,
    DIGITS,
    FLOAT,
    NUMBER,
    TEXT,
    Kind,
    Type,
    number,
)


def decimal(value: Expr) -> str:
    """The widest engine decimal of that scale, so that sums do not overflow early."""
    return f"CAST({value.sql} AS DECIMAL({DIGITS},{value.type.scale}))"


def arithmetic(name: str, left: Expr, right: Expr) -> Expr:
    """Two operands and one of + - * / %."""
    if is_time(left) or is_time(right):
        return _shifted(name, left, right)
    left, right = numeric(left), numeric(right)
    if Kind.FLOAT in (left.type.kind, right.type.kind):
        return _float(name, floating(left), floating(right))
    if name == "/":
        return divide(left, right)
    return _exact(name, left, right)


def _float(name: str, left: Expr, right: Expr) -> Expr:
    if name in "/%":
        sql = (
            f"CASE WHEN {right.sql} = 0 THEN error('Division by zero') "
            f"ELSE {left.sql} {name} {right.sql} END"
        )
        return derive(f"({sql})", FLOAT, left, right)
    return derive(f"({left.sql} {name} {right.sql})", FLOAT, left, right)


def _exact(name: str, left: Expr, right: Expr) -> Expr:
    low, high = left.type, right.type
    if name == "*":
        scale = min(low.scale + high.scale, max(low.scale, high.scale, 12))
        whole = low.precision - low.scale + high.precision - high.scale
        return _product(left, right, number(DIGITS, scale)).retyped(_sized(whole, scale))
    scale = max(low.scale, high.scale)
    if name == "%":
        sql = (
            f"CASE WHEN {right.sql} = 0 THEN error('Division by zero') "
            f"ELSE {decimal(left)} % {decimal(right)} END"
        )
        kind = number(DIGITS, scale)
        return derive(f"CAST(({sql}) AS {kind.duck})", kind, left, right)
    whole = max(low.precision - low.scale, high.precision - high.scale) + 1
    kind = number(min(DIGITS, whole + scale), scale)
    return derive(f"({decimal(left)} {name} {decimal(right)})", kind, left, right)


def _sized(whole: int, scale: int) -> Type:
    """NUMBER with so many digits before and after the point, at most 38 in all."""
    return number(max(1, min(DIGITS, whole + scale)), scale)


def _product(left: Expr, right: Expr, kind: Type) -> Expr:
    if left.type.scale + right.type.scale > DIGITS - 2:
        texts = f"CAST({left.sql} AS VARCHAR), CAST({right.sql} AS VARCHAR)"
        sql = f"sf_product({texts}, {left.type.scale + right.type.scale})"
    else:
        sql = f"({decimal(left)} * {decimal(right)})"
    if left.type.scale + right.type.scale != kind.scale:
        sql = f"CAST({sql} AS {kind.duck})"
    return derive(sql, kind, left, right)


def quotient_scale(numerator: int) -> int:
    """The scale of a quotient: six more than the numerator's, at most twelve."""
    return max(numerator, min(numerator + 6, 12))


def divide(left: Expr, right: Expr, scale: int | None = None) -> Expr:
    """An exact quotient, rounded half away from zero."""
    wanted = quotient_scale(left.type.scale) if scale is None else scale
    kind = number(DIGITS, wanted)
    sql = f"sf_quotient(CAST({left.sql} AS VARCHAR), CAST({right.sql} AS VARCHAR), {wanted})"
    digits = left.type.precision - left.type.scale + right.type.scale
    return derive(f"CAST({sql} AS {kind.duck})", _sized(digits, wanted), left, right)


def _shifted(name: str, left: Expr, right: Expr) -> Expr:
    """Dates and days: date ± number, date - date."""
    if name == "-" and left.type.kind is Kind.DATE and right.type.kind is Kind.DATE:
        return derive(f"datediff('day', {right.sql}, {left.sql})", NUMBER, left, right)
    if name == "+" and is_time(right) and not is_time(left):
        left, right = right, left
    if name in "+-" and left.type.kind is Kind.DATE and right.type.kind in (Kind.NUMBER, Kind.TEXT):
        days = cast(right, NUMBER)
        return derive(f"({left.sql} {name} CAST({days.sql} AS INTEGER))", DATE, left, right)
    raise wrong_type(name, f"{left.type}, {right.type}")


@node(exp.DPipe, exp.Concat)
def concatenation(compiler: Compiler, tree: exp.Expr) -> Expr:
    """`||`, where a NULL makes all of it NULL."""
    links: list[exp.Expr] = []
    if isinstance(tree, exp.Concat):
        links = list(reversed(tree.expressions))
    while isinstance(tree, exp.DPipe):
        links.append(tree.expression)
        tree = tree.this
        if not isinstance(tree, exp.DPipe):
            links.append(tree)
    return concatenate([compiler.expr(link) for link in reversed(links)])


def concatenate(values: list[Expr]) -> Expr:
    """The texts one after another."""
    if values and all(value.type.kind is Kind.BINARY for value in values):
        return derive(
            "(" + " || ".join(value.sql for value in values) + ")", values[0].type, *values
        )
    parts = [text(value) for value in values]
    length = min(TEXT.length, sum(part.type.length for part in parts))
    kind = Type(Kind.TEXT, length=max(1, length))
    return derive("(" + " || ".join(part.sql for part in parts) + ")", kind, *parts)


def comparable(left: Expr, right: Expr) -> tuple[str, str, Type]:
    """Both sides in the type they compare in."""
    shared = common(left.type, right.type)
    if shared.kind is Kind.VARIANT:
        other = right if left.type.kind is Kind.VARIANT else left
        if other.type.kind in (Kind.NULL, Kind.VARIANT):
            return left.sql, right.sql, shared
        shared = number(DIGITS, 12) if other.type.kind is Kind.NUMBER else other.type
        sides = [cast(left, shared), cast(right, shared)]
    elif shared.kind is Kind.NUMBER:
        sides, shared = unify([left, right])
    else:
        sides = [cast(left, shared), cast(right, shared)]
    if shared.kind is Kind.TIMESTAMP_TZ:
        return instant(sides[0]), instant(sides[1]), shared
    return sides[0].sql, sides[1].sql, shared


def compare(operator: str, left: Expr, right: Expr) -> Expr:
    """A comparison; VARIANT values order by their keys."""
    low, high, shared = comparable(left, right)
    if shared.kind is Kind.VARIANT and operator not in ("=", "<>"):
        low, high = f"sf_sort_key({low})", f"sf_sort_key({high})"
    return derive(f"({low} {operator} {high})", BOOLEAN, left, right)


@node(exp.And, exp.Or)
def connective(compiler: Compiler, tree: exp.Expr) -> Expr:
    """A chain of AND or OR, read without recursion on its left side."""
    kind, links = type(tree), []
    while type(tree) is kind:
        links.append(tree.expression)
        tree = tree.this
    parts = [boolean(compiler.expr(link)) for link in reversed([*links, tree])]
    word = " AND " if kind is exp.And else " OR "
    return derive("(" + word.join(part.sql for part in parts) + ")", BOOLEAN, *parts)


@node(exp.Not)
def negation(compiler: Compiler, tree: exp.Expr) -> Expr:
    """NOT."""
    value = boolean(compiler.expr(tree.this))
    return derive(f"(NOT {value.sql})", BOOLEAN, value)


@node(exp.Is)
def identity(compiler: Compiler, tree: exp.Expr) -> Expr:
    """IS NULL, IS TRUE, IS FALSE."""
    value = compiler.expr(tree.this)
    if isinstance(tree.expression, exp.Null):
        return derive(f"({value.sql} IS NULL)", BOOLEAN, value)
    if not isinstance(tree.expression, exp.Boolean):
        raise unsupported("this kind of IS")
    word = "TRUE" if tree.expression.this else "FALSE"
    return derive(f"({boolean(value).sql} IS {word})", BOOLEAN, value)


@node(exp.Case)
def case(compiler: Compiler, tree: exp.Expr) -> Expr:
    """CASE with or without an operand."""
    operand = compiler.expr(tree.this) if tree.this is not None else None
    tests: list[Expr] = []
    for branch in tree.args["ifs"]:
        test = compiler.expr(branch.this)
        tests.append(boolean(test) if operand is None else compare("=", operand, test))
    results = [compiler.expr(branch.args["true"]) for branch in tree.args["ifs"]]
    default = tree.args.get("default")
    if default is not None:
        results.append(compiler.expr(default))
    return choose(tests, results)


@node(exp.If)
def if_node(_compiler: Compiler, _tree: exp.Expr) -> Expr:
    """IF is no function of Snowflake."""
    raise unknown_function("IF")


def choose(tests: list[Expr], results: list[Expr]) -> Expr:
    """The first result whose test is true; one result more is the default."""
    unified, shared = unify(results)
    branches = " ".join(
        f"WHEN {test.sql} THEN {result.sql}" for test, result in zip(tests, unified, strict=False)
    )
    rest = f" ELSE {unified[-1].sql}" if len(unified) > len(tests) else ""
    return derive(f"(CASE {branches}{rest} END)", shared, *tests, *results)


def one_like(word: str, value: Expr, pattern: Expr, escape: Expr | None) -> Expr:
    """One pattern; without ESCAPE a backslash escapes nothing."""
    found = text(pattern)
    if escape is None:
        return derive(f"({value.sql} {word} {found.sql})", BOOLEAN, value, found)
    sign = text(escape)
    if sign.constant == "":
        return derive(f"({value.sql} {word} {found.sql})", BOOLEAN, value, found)
    return derive(
        f"({value.sql} {word} {found.sql} ESCAPE {sign.sql})", BOOLEAN, value, found, sign
    )
