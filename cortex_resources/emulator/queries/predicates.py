"""Comparisons, BETWEEN, IN and LIKE as they are written."""

from __future__ import annotations

from sqlglot import exp

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.casts import text, unify
from cortex_resources.emulator.queries.compiler import Compiler, refuse_clauses
from cortex_resources.emulator.queries.expression import Expr, derive
from cortex_resources.emulator.queries.operators import compare, one_like
from cortex_resources.emulator.queries.registry import node
from cortex_resources.emulator.queries.subqueries import in_query, quantified
from cortex_resources.emulator.queries.types import BOOLEAN, Kind

COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM",
    exp.NullSafeNEQ: "IS DISTINCT FROM",
}


@node(*COMPARISONS)
def comparison(compiler: Compiler, tree: exp.Expr) -> Expr:
    """= <> < <= > >= and IS [NOT] DISTINCT FROM; ANY and ALL over a query too."""
    left, right = tree.this, tree.expression
    if isinstance(right, (exp.Any, exp.All)):
        return quantified(compiler, COMPARISONS[type(tree)], left, right)
    if isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple):
        return _rows(compiler, COMPARISONS[type(tree)], left, right)
    return compare(COMPARISONS[type(tree)], compiler.expr(left), compiler.expr(right))


def _rows(compiler: Compiler, operator: str, left: exp.Expr, right: exp.Expr) -> Expr:
    if operator not in ("=", "<>") or len(left.expressions) != len(right.expressions):
        raise unsupported("this comparison of rows")
    pairs = [
        compare("=", compiler.expr(low), compiler.expr(high))
        for low, high in zip(left.expressions, right.expressions, strict=True)
    ]
    sql = "(" + " AND ".join(pair.sql for pair in pairs) + ")"
    return derive(sql if operator == "=" else f"(NOT {sql})", BOOLEAN, *pairs)


@node(exp.Between)
def between(compiler: Compiler, tree: exp.Expr) -> Expr:
    """BETWEEN, both ends included."""
    refuse_clauses(tree, {"this", "low", "high"}, "BETWEEN")
    value = compiler.expr(tree.this)
    low = compare(">=", value, compiler.expr(tree.args["low"]))
    high = compare("<=", value, compiler.expr(tree.args["high"]))
    return derive(f"({low.sql} AND {high.sql})", BOOLEAN, low, high)


@node(exp.In)
def membership(compiler: Compiler, tree: exp.Expr) -> Expr:
    """IN a list or a query."""
    query = tree.args.get("query")
    if query is not None:
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


LIKES: dict[type[exp.Expr], str] = {exp.Like: "LIKE", exp.ILike: "ILIKE"}


@node(exp.Like, exp.ILike)
def like(compiler: Compiler, tree: exp.Expr) -> Expr:
    """[I]LIKE, ANY and ALL of several patterns."""
    return _like(compiler, tree, None)


@node(exp.Escape)
def like_escape(compiler: Compiler, tree: exp.Expr) -> Expr:
    """[I]LIKE … ESCAPE."""
    return _like(compiler, tree.this, compiler.expr(tree.expression))


def _like(compiler: Compiler, tree: exp.Expr, escape: Expr | None) -> Expr:
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
