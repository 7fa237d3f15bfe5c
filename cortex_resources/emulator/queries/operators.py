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
from cortex_resources.emulator.queries.expression import Expr, derive, integer_constant
from cortex_resources.emulator.queries.faults import wrong_type
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
        sql = (f"CASE WHEN {right.sql} = 0 THEN error('Division by zero') "
               f"ELSE {left.sql} {name} {right.sql} END")
        return derive(f"({sql})", FLOAT, left, right)
    return derive(f"({left.sql} {name} {right.sql})", FLOAT, left, right)


def _exact(name: str, left: Expr, right: Expr) -> Expr:
    low, high = left.type, right.type
    if name == "*":
        scale = min(low.scale + high.scale, max(low.scale, high.scale, 12))
        return _product(left, right, number(DIGITS, scale))
    scale = max(low.scale, high.scale)
    if name == "%":
        sql = (f"CASE WHEN {right.sql} = 0 THEN error('Division by zero') "
               f"ELSE {decimal(left)} % {decimal(right)} END")
        kind = number(DIGITS, scale)
        return derive(f"CAST(({sql}) AS {kind.duck})", kind, left, right)
    whole = max(low.precision - low.scale, high.precision - high.scale) + 1
    kind = number(min(DIGITS, whole + scale), scale)
    return derive(f"({decimal(left)} {name} {decimal(right)})", kind, left, right)


def _product(left: Expr, right: Expr, kind: Type) -> Expr:
    if left.type.scale + right.type.scale > DIGITS - 2:
        sql = f"(CAST({left.sql} AS DOUBLE) * CAST({right.sql} AS DOUBLE))"
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
    return derive(f"CAST({sql} AS {kind.duck})", kind, left, right)


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


ARITHMETIC: dict[type[exp.Expression], str] = {
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%",
}


@node(*ARITHMETIC)
def arithmetic_node(compiler: Compiler, tree: exp.Expression) -> Expr:
    """A chain of arithmetic, read without recursion on its left side."""
    links: list[tuple[str, exp.Expression]] = []
    while type(tree) in ARITHMETIC:
        links.append((ARITHMETIC[type(tree)], tree.expression))
        tree = tree.this
    value = compiler.expr(tree)
    for name, right in reversed(links):
        if isinstance(right, exp.Interval):
            from cortex_resources.emulator.queries.functions.intervals import add_interval

            value = add_interval(compiler, value, right, name)
        else:
            value = arithmetic(name, value, compiler.expr(right))
    return value


@node(exp.Neg)
def negative(compiler: Compiler, tree: exp.Expression) -> Expr:
    """Unary minus."""
    value = numeric(compiler.expr(tree.this))
    if isinstance(value.constant, int):
        return integer_constant(-value.constant)
    if value.type.kind is Kind.FLOAT:
        return derive(f"(-{value.sql})", FLOAT, value)
    found = derive(f"(-{decimal(value)})", value.type, value)
    if value.known and value.constant is not None:
        return Expr(found.sql, found.type, -value.constant)
    return found


@node(exp.DPipe, exp.Concat)
def concatenation(compiler: Compiler, tree: exp.Expression) -> Expr:
    """`||`, where a NULL makes all of it NULL."""
    links: list[exp.Expression] = []
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
        return derive("(" + " || ".join(value.sql for value in values) + ")", values[0].type, *values)
    parts = [text(value) for value in values]
    return derive("(" + " || ".join(part.sql for part in parts) + ")", TEXT, *parts)


def comparable(left: Expr, right: Expr) -> tuple[str, str, Type]:
    """Both sides in the type they compare in."""
    shared = common(left.type, right.type)
    if shared.kind is Kind.VARIANT:
        other = right if left.type.kind is Kind.VARIANT else left
        if other.type.kind in (Kind.NULL, Kind.VARIANT):
            return left.sql, right.sql, shared
        shared = number(DIGITS, 9) if other.type.kind is Kind.NUMBER else other.type
    sides, shared = unify([left, right]) if shared.kind is Kind.NUMBER else (
        [cast(left, shared), cast(right, shared)], shared
    )
    if shared.kind is Kind.TIMESTAMP_TZ:
        return instant(sides[0]), instant(sides[1]), shared
    return sides[0].sql, sides[1].sql, shared


def compare(operator: str, left: Expr, right: Expr) -> Expr:
    """A comparison."""
    low, high, _ = comparable(left, right)
    return derive(f"({low} {operator} {high})", BOOLEAN, left, right)


COMPARISONS: dict[type[exp.Expression], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<=",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM", exp.NullSafeNEQ: "IS DISTINCT FROM",
}


@node(*COMPARISONS)
def comparison(compiler: Compiler, tree: exp.Expression) -> Expr:
    """= <> < <= > >= and IS [NOT] DISTINCT FROM; ANY and ALL over a query too."""
    left, right = tree.this, tree.expression
    if isinstance(right, (exp.Any, exp.All)):
        from cortex_resources.emulator.queries.subqueries import quantified

        return quantified(compiler, COMPARISONS[type(tree)], left, right)
    if isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple):
        return _rows(compiler, COMPARISONS[type(tree)], left, right)
    return compare(COMPARISONS[type(tree)], compiler.expr(left), compiler.expr(right))


def _rows(compiler: Compiler, operator: str, left: exp.Expression, right: exp.Expression) -> Expr:
    if operator not in ("=", "<>") or len(left.expressions) != len(right.expressions):
        raise unsupported("this comparison of rows")
    pairs = [
        compare("=", compiler.expr(low), compiler.expr(high))
        for low, high in zip(left.expressions, right.expressions, strict=True)
    ]
    sql = "(" + " AND ".join(pair.sql for pair in pairs) + ")"
    return derive(sql if operator == "=" else f"(NOT {sql})", BOOLEAN, *pairs)


@node(exp.And, exp.Or)
def connective(compiler: Compiler, tree: exp.Expression) -> Expr:
    """A chain of AND or OR, read without recursion on its left side."""
    kind, links = type(tree), []
    while type(tree) is kind:
        links.append(tree.expression)
        tree = tree.this
    parts = [boolean(compiler.expr(link)) for link in reversed([*links, tree])]
    word = " AND " if kind is exp.And else " OR "
    return derive("(" + word.join(part.sql for part in parts) + ")", BOOLEAN, *parts)


@node(exp.Not)
def negation(compiler: Compiler, tree: exp.Expression) -> Expr:
    """NOT."""
    value = boolean(compiler.expr(tree.this))
    return derive(f"(NOT {value.sql})", BOOLEAN, value)


@node(exp.Is)
def identity(compiler: Compiler, tree: exp.Expression) -> Expr:
    """IS NULL, IS TRUE, IS FALSE."""
    value = compiler.expr(tree.this)
    if isinstance(tree.expression, exp.Null):
        return derive(f"({value.sql} IS NULL)", BOOLEAN, value)
    if not isinstance(tree.expression, exp.Boolean):
        raise unsupported("this kind of IS")
    word = "TRUE" if tree.expression.this else "FALSE"
    return derive(f"({boolean(value).sql} IS {word})", BOOLEAN, value)


@node(exp.Between)
def between(compiler: Compiler, tree: exp.Expression) -> Expr:
    """BETWEEN, both ends included."""
    value = compiler.expr(tree.this)
    low = compare(">=", value, compiler.expr(tree.args["low"]))
    high = compare("<=", value, compiler.expr(tree.args["high"]))
    return derive(f"({low.sql} AND {high.sql})", BOOLEAN, low, high)


@node(exp.In)
def membership(compiler: Compiler, tree: exp.Expression) -> Expr:
    """IN a list or a query."""
    query = tree.args.get("query")
    if query is not None:
        from cortex_resources.emulator.queries.subqueries import in_query

        return in_query(compiler, tree.this, query)
    if tree.args.get("unnest") or tree.args.get("field"):
        raise unsupported("this kind of IN")
    if isinstance(tree.this, exp.Tuple):
        rows = [_rows(compiler, "=", tree.this, row) for row in tree.expressions]
        return derive("(" + " OR ".join(row.sql for row in rows) + ")", BOOLEAN, *rows)
    return in_list(compiler.expr(tree.this), compiler.exprs(tree.expressions))


def in_list(value: Expr, items: list[Expr]) -> Expr:
    """IN over values; a NULL among them makes a miss unknown."""
    if value.type.kind is Kind.VARIANT or any(i.type.kind is Kind.VARIANT for i in items):
        tests = [compare("=", value, item) for item in items]
        return derive("(" + " OR ".join(test.sql for test in tests) + ")", BOOLEAN, *tests)
    (value, *items), _ = unify([value, *items])
    inner = ", ".join(item.sql for item in items)
    return derive(f"({value.sql} IN ({inner}))", BOOLEAN, value, *items)


@node(exp.Case)
def case(compiler: Compiler, tree: exp.Expression) -> Expr:
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
def if_node(compiler: Compiler, tree: exp.Expression) -> Expr:
    """IF is no function of Snowflake."""
    from cortex_resources.emulator.queries.faults import unknown_function

    raise unknown_function("IF")


def choose(tests: list[Expr], results: list[Expr]) -> Expr:
    """The first result whose test is true; one result more is the default."""
    unified, shared = unify(results)
    branches = " ".join(
        f"WHEN {test.sql} THEN {result.sql}"
        for test, result in zip(tests, unified, strict=False)
    )
    rest = f" ELSE {unified[-1].sql}" if len(unified) > len(tests) else ""
    return derive(f"(CASE {branches}{rest} END)", shared, *tests, *results)


LIKES: dict[type[exp.Expression], str] = {exp.Like: "LIKE", exp.ILike: "ILIKE"}


@node(exp.Like, exp.ILike)
def like(compiler: Compiler, tree: exp.Expression) -> Expr:
    """[I]LIKE, ANY and ALL of several patterns."""
    return _like(compiler, tree, None)


@node(exp.Escape)
def like_escape(compiler: Compiler, tree: exp.Expression) -> Expr:
    """[I]LIKE … ESCAPE."""
    return _like(compiler, tree.this, compiler.expr(tree.expression))


def _like(compiler: Compiler, tree: exp.Expression, escape: Expr | None) -> Expr:
    if type(tree) not in LIKES:
        raise unsupported("ESCAPE here")
    value, patterns = text(compiler.expr(tree.this)), tree.expression
    word = LIKES[type(tree)]
    if not isinstance(patterns, (exp.Any, exp.All)):
        return one_like(word, value, compiler.expr(patterns), escape)
    inner = patterns.this
    listed = inner.expressions if isinstance(inner, exp.Tuple) else [inner.unnest()]
    if any(isinstance(item, exp.Query) for item in listed):
        raise unsupported("LIKE ANY over a query")
    parts = [one_like(word, value, compiler.expr(item), escape) for item in listed]
    joint = " OR " if isinstance(patterns, exp.Any) else " AND "
    return derive("(" + joint.join(part.sql for part in parts) + ")", BOOLEAN, *parts)


def one_like(word: str, value: Expr, pattern: Expr, escape: Expr | None) -> Expr:
    """One pattern; without ESCAPE a backslash escapes nothing."""
    found = text(pattern)
    if escape is None:
        return derive(f"({value.sql} {word} {found.sql})", BOOLEAN, value, found)
    sign = text(escape)
    if sign.constant == "":
        return derive(f"({value.sql} {word} {found.sql})", BOOLEAN, value, found)
    return derive(f"({value.sql} {word} {found.sql} ESCAPE {sign.sql})", BOOLEAN, value, found, sign)


