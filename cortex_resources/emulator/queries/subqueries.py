"""Queries inside expressions: scalar, EXISTS, IN, ANY and ALL."""

from __future__ import annotations

from sqlglot import exp

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.casts import cast
from cortex_resources.emulator.queries.compiler import Compiler, Output
from cortex_resources.emulator.queries.expression import Expr, derive
from cortex_resources.emulator.queries.faults import compilation
from cortex_resources.emulator.queries.operators import comparable
from cortex_resources.emulator.queries.registry import node
from cortex_resources.emulator.queries.types import BOOLEAN, Kind, Type


def inner_query(compiler: Compiler, tree: exp.Expr, width: int | None = 1) -> Output:
    """The compiled query of a subquery expression, with that many columns."""
    output = compiler.query(tree)
    if width is not None and len(output.columns) != width:
        raise compilation(90151, "42601", "unexpected number of columns in a subquery")
    return output


@node(exp.Subquery, exp.Select, exp.Union, exp.Except, exp.Intersect)
def scalar(compiler: Compiler, tree: exp.Expr) -> Expr:
    """A query of one row and one column as a value."""
    output = inner_query(compiler, tree)
    return Expr(f"({output.sql})", output.columns[0][1].type)


@node(exp.Exists)
def exists(compiler: Compiler, tree: exp.Expr) -> Expr:
    """EXISTS."""
    return Expr(f"EXISTS ({inner_query(compiler, tree.this, None).sql})", BOOLEAN)


def in_query(compiler: Compiler, left: exp.Expr, query: exp.Expr) -> Expr:
    """[row] IN (query)."""
    if isinstance(left, exp.Tuple):
        values = compiler.exprs(left.expressions)
    else:
        values = [compiler.expr(left)]
    output = inner_query(compiler, query, len(values))
    pairs = [_pair(value, item[1].type) for value, item in zip(values, output.columns, strict=True)]
    relation = compiler.statement.fresh()
    inner = ", ".join(
        cast(Expr(f"{relation}.c{place}", item[1].type), kind).sql
        for place, (item, (_, kind)) in enumerate(zip(output.columns, pairs, strict=True), 1)
    )
    outer = ", ".join(value.sql for value, _ in pairs)
    row = f"({outer})" if len(pairs) > 1 else outer
    return derive(
        f"({row} IN (SELECT {inner} FROM ({output.sql}) AS {relation}))", BOOLEAN, *values
    )


def _pair(value: Expr, other: Type) -> tuple[Expr, Type]:
    sample = Expr("NULL", other)
    *_, shared = comparable(value, sample)
    if shared.kind is Kind.TIMESTAMP_TZ:
        raise unsupported("IN over TIMESTAMP_TZ")
    return cast(value, shared), shared


def quantified(compiler: Compiler, operator: str, left: exp.Expr, right: exp.Expr) -> Expr:
    """value operator ANY | ALL (query)."""
    if not isinstance(right.this, (exp.Subquery, exp.Query)):
        raise unsupported("ANY and ALL over a list")
    value = compiler.expr(left)
    output = inner_query(compiler, right.this)
    if output.columns[0][1].type.kind is not value.type.kind:
        raise unsupported("ANY and ALL over values of another type")
    word = "ANY" if isinstance(right, exp.Any) else "ALL"
    return derive(f"({value.sql} {operator} {word} ({output.sql}))", BOOLEAN, value)
