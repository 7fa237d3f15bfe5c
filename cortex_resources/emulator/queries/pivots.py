"""PIVOT and UNPIVOT."""

from __future__ import annotations

from sqlglot import exp

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.casts import unify
from cortex_resources.emulator.queries.compiler import Compiler, function_name, refuse_clauses
from cortex_resources.emulator.queries.engine_values import values_from, values_of
from cortex_resources.emulator.queries.expression import Expr, quote
from cortex_resources.emulator.queries.names import Field, Names, Source, fold
from cortex_resources.emulator.queries.setops import rename
from cortex_resources.emulator.queries.types import TEXT

KNOWN = {
    "expressions",
    "fields",
    "unpivot",
    "alias",
    "columns",
    "include_nulls",
    "default_on_null",
    "identify_pivot_strings",
    "prefixed_pivot_columns",
    "pivot_column_naming",
    "value_columns_first",
}
AGGREGATES = ("SUM", "COUNT", "MIN", "MAX", "AVG", "LISTAGG", "ARRAY_AGG", "ANY_VALUE", "MEDIAN")


def pivoted(
    compiler: Compiler, pivot: exp.Expr, sql: str, alias: str, source: Source
) -> tuple[str, Source]:
    """A relation turned; its columns are c1, c2, …"""
    refuse_clauses(pivot, KNOWN, "PIVOT")
    if len(pivot.args.get("fields") or ()) != 1 or len(pivot.expressions) != 1:
        raise unsupported("PIVOT over several columns or aggregates")
    seen = compiler.inside(Names(compiler.names.parent, [source]))
    turn = _unpivot if pivot.args.get("unpivot") else _pivot
    text, columns = turn(seen, pivot, f"{sql} AS {alias}", source)
    given = pivot.args.get("alias")
    names = rename(columns, (given.args.get("columns") if given else None) or [])
    label = (fold(given.this),) if given is not None and given.this is not None else source.parts
    fields = [Field(name, one) for name, (_, one) in zip(names, columns, strict=True)]
    return f"({text})", Source(label, fields)


Columns = list[tuple[str, Expr]]


def _pivot(
    compiler: Compiler, pivot: exp.Expr, relation: str, source: Source
) -> tuple[str, Columns]:
    """One column for each listed value, the rest grouped."""
    field, call = pivot.args["fields"][0], pivot.expressions[0]
    if isinstance(call, exp.Alias):
        raise unsupported("PIVOT with an alias of its aggregate")
    if function_name(call) not in AGGREGATES or len(call.expressions) < 1:
        raise unsupported(f"{function_name(call)} in PIVOT")
    key, argument = field.this, call.expressions[0]
    used = {fold(one.this) for one in (*argument.find_all(exp.Column), key)}
    rest = [one for one in source.fields if one.name not in used]
    columns: Columns = [(one.name, one.expr) for one in rest]
    default = pivot.args.get("default_on_null")
    for name, value in _values(compiler, field, relation):
        only = exp.Anonymous(
            this="IFF",
            expressions=[exp.EQ(this=key.copy(), expression=value), argument.copy(), exp.Null()],
        )
        tree: exp.Expr = exp.Anonymous(
            this=function_name(call), expressions=[only, *call.expressions[1:]]
        )
        if isinstance(default, exp.Expr):
            tree = exp.Anonymous(this="COALESCE", expressions=[tree, default.copy()])
        columns.append((name, compiler.expr(tree)))
    listed = ", ".join(f"{one.sql} AS c{place}" for place, (_, one) in enumerate(columns, 1))
    group = ", ".join(one.expr.sql for one in rest)
    return f"SELECT {listed} FROM {relation}" + (f" GROUP BY {group}" if group else ""), columns


def _values(compiler: Compiler, field: exp.Expr, relation: str) -> list[tuple[str, exp.Expr]]:
    """The names and the values of the new columns."""
    found: list[tuple[str, exp.Expr]] = []
    for tree in field.expressions:
        if isinstance(tree, exp.PivotAny):
            return _named(values_of(compiler, field.this, tree, relation))
        if isinstance(tree, exp.Query):
            return _named(values_from(compiler, tree))
        if isinstance(tree, (exp.PivotAlias, exp.Alias)):
            found.append((fold(tree.args["alias"]), tree.this))
        else:
            found.append((tree.sql(dialect="snowflake"), tree))
    return found


def _named(values: list[exp.Expr]) -> list[tuple[str, exp.Expr]]:
    return [(value.sql(dialect="snowflake"), value) for value in values]


def _unpivot(
    compiler: Compiler, pivot: exp.Expr, relation: str, source: Source
) -> tuple[str, Columns]:
    """One row for each listed column; NULLs are left out unless included."""
    field, value = pivot.args["fields"][0], fold(pivot.expressions[0])
    label = fold(field.this.this if isinstance(field.this, exp.Column) else field.this)
    names, trees = [], []
    for tree in field.expressions:
        named = isinstance(tree, (exp.PivotAlias, exp.Alias))
        column = tree.this if named else tree
        trees.append(column)
        names.append(fold(tree.args["alias"]) if named else fold(column.this))
    turned, shared = unify(compiler.exprs(trees))
    used = {fold(tree.this) for tree in trees}
    rest = [one for one in source.fields if one.name not in used]
    pair = compiler.statement.fresh()
    lines = ", ".join(
        f"({quote(name)}, {one.sql})" for name, one in zip(names, turned, strict=True)
    )
    columns: Columns = [(one.name, one.expr) for one in rest]
    columns += [(label, Expr(f"{pair}.n", TEXT)), (value, Expr(f"{pair}.v", shared))]
    listed = ", ".join(f"{one.sql} AS c{place}" for place, (_, one) in enumerate(columns, 1))
    keep = "" if pivot.args.get("include_nulls") else f" WHERE {pair}.v IS NOT NULL"
    sql = f"SELECT {listed} FROM {relation}, LATERAL (VALUES {lines}) AS {pair}(n, v){keep}"
    return sql, columns
