"""FILTER, TRANSFORM and REDUCE: functions that take a lambda."""

from __future__ import annotations

from sqlglot import exp

from cortex_resources.emulator.queries.casts import boolean, cast, to_variant
from cortex_resources.emulator.queries.compiler import Compiler
from cortex_resources.emulator.queries.expression import NULL_EXPR, Expr, derive
from cortex_resources.emulator.queries.faults import compilation, wrong_arguments, wrong_type
from cortex_resources.emulator.queries.names import Field, Names, Source, fold
from cortex_resources.emulator.queries.registry import special
from cortex_resources.emulator.queries.types import ARRAY, VARIANT, Kind


def _items(compiler: Compiler, name: str, tree: exp.Expr) -> Expr:
    """The array whose items the lambda sees; a JSON null is NULL to it."""
    value = compiler.expr(tree)
    if value.type.kind not in (Kind.ARRAY, Kind.VARIANT, Kind.NULL):
        raise wrong_type(name, value.type)
    return cast(to_variant(value), ARRAY)


def _body(compiler: Compiler, name: str, tree: exp.Expr, count: int) -> tuple[str, Expr]:
    """The engine's names of the parameters, and the compiled expression behind the arrow."""
    if not isinstance(tree, exp.Lambda) or len(tree.expressions) != count:
        raise compilation(1044, "42P13", f"Invalid lambda expression in function '{name}'")
    names = [compiler.statement.fresh() for _ in range(count)]
    fields = [
        Field(fold(given), Expr(own, VARIANT))
        for given, own in zip(tree.expressions, names, strict=True)
    ]
    seen = compiler.inside(Names(compiler.names, [Source((), fields)]))
    body = seen.expr(tree.this)
    if body.aggregate or body.window:
        raise compilation(2, "0A000", f"an aggregate in the lambda of {name}")
    return ", ".join(names), body


@special("FILTER")
def filtered(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """FILTER(array, item -> condition)."""
    if len(trees) != 2:
        raise wrong_arguments("FILTER", len(trees), 2, 2)
    array = _items(compiler, "FILTER", trees[0])
    given, body = _body(compiler, "FILTER", trees[1], 1)
    kept = f"list_filter(sf_items({array.sql}), lambda {given}: {boolean(body).sql})"
    return derive(f"sf_known_array({kept})", ARRAY, array, body)


@special("TRANSFORM")
def transformed(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """TRANSFORM(array, item -> expression)."""
    if len(trees) != 2:
        raise wrong_arguments("TRANSFORM", len(trees), 2, 2)
    array = _items(compiler, "TRANSFORM", trees[0])
    given, body = _body(compiler, "TRANSFORM", trees[1], 1)
    made = f"list_transform(sf_items({array.sql}), lambda {given}: {to_variant(body).sql})"
    return derive(f"sf_known_array({made})", ARRAY, array, body)


@special("REDUCE")
def reduced(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """REDUCE(array, start, (so far, item) -> expression): the type of the start stays."""
    if len(trees) != 3:
        raise wrong_arguments("REDUCE", len(trees), 3, 3)
    array = _items(compiler, "REDUCE", trees[0])
    start = compiler.expr(trees[1])
    given, body = _body(compiler, "REDUCE", trees[2], 2)
    kind = VARIANT if start.type.kind is Kind.NULL else start.type
    folded = (
        f"list_reduce(sf_items({array.sql}), lambda {given}: {to_variant(body).sql},"
        f" {to_variant(start).sql})"
    )
    nothing = cast(NULL_EXPR, VARIANT).sql
    sql = f"CASE WHEN {array.sql} IS NULL THEN {nothing} ELSE {folded} END"
    return cast(derive(sql, VARIANT, array, start, body), kind)
