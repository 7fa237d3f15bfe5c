"""What FROM can name: how each kind of relation is read and becomes visible."""

from __future__ import annotations

from sqlglot import exp

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.compiler import Compiler, Output
from cortex_resources.emulator.queries.context import (
    Relation,
    RowsRelation,
    TableRelation,
    ViewRelation,
)
from cortex_resources.emulator.queries.expression import Expr
from cortex_resources.emulator.queries.names import Field, Source, fold
from cortex_resources.emulator.queries.pivots import pivoted
from cortex_resources.emulator.queries.row_order import numbered
from cortex_resources.emulator.queries.rows import literal_rows
from cortex_resources.emulator.queries.sampling import sampled
from cortex_resources.emulator.queries.setops import rename
from cortex_resources.emulator.queries.views import inline


def table_parts(tree: exp.Expr) -> tuple[str, ...]:
    """The folded parts of a table name; `db..t` has an empty schema."""
    parts = [fold(tree.this)]
    if tree.args.get("db") is not None or tree.args.get("catalog") is not None:
        parts.insert(0, fold(tree.args.get("db") or ""))
    if tree.args.get("catalog") is not None:
        parts[0] = parts[0] or "PUBLIC"
        parts.insert(0, fold(tree.args["catalog"]))
    return tuple(parts)


def named_relation(compiler: Compiler, tree: exp.Expr, parts: tuple[str, ...]) -> str:
    """A table, a view or a common table expression by name."""
    found = compiler.environment.find(parts[0]) if len(parts) == 1 else None
    if found is not None:
        columns = [(name, Expr("", kind)) for name, kind in found.columns]
        return add(compiler, tree, Output(found.sql, columns), parts, seeded=False)
    if parts == ("DUAL",):
        return add(compiler, tree, Output("(SELECT 1)", []), parts)
    known = compiler.statement.context.relation(parts, compiler.environment.scope)
    sql, columns, physical = read_relation(compiler, known, parts)
    output = Output(sql, columns)
    stored = isinstance(known, TableRelation)
    key = "rowid" if stored else ""
    return add(compiler, tree, output, parts, physical, seeded=stored, key=key)


def read_relation(
    compiler: Compiler, known: Relation, parts: tuple[str, ...]
) -> tuple[str, list[tuple[str, Expr]], list[str]]:
    """How to read a relation: SQL, columns, physical column names."""
    columns = [(column.name, Expr("", column.type)) for column in known.columns]
    if isinstance(known, TableRelation):
        physical = list(known.physical) or default_physical(len(columns))
        return f'"{known.duck_name}"', columns, physical
    if isinstance(known, ViewRelation):
        return f"({inline(compiler, known, parts)})", columns, default_physical(len(columns))
    if isinstance(known, RowsRelation):
        return literal_rows(compiler, known), columns, default_physical(len(columns))
    raise unsupported("this kind of relation")


def default_physical(count: int) -> list[str]:
    """c1, c2, …"""
    return [f"c{place}" for place in range(1, count + 1)]


def add(
    compiler: Compiler,
    tree: exp.Expr,
    output: Output,
    parts: tuple[str, ...],
    physical: list[str] | None = None,
    *,
    seeded: bool = False,
    key: str = "",
) -> str:
    """Make a relation visible under its alias or its name; gives its SQL in FROM.

    `key` is a column of the relation that its rows are in the order of.
    """
    alias = compiler.statement.fresh()
    own = physical or default_physical(len(output.columns))
    given = tree.args.get("alias")
    names = rename(output.columns, (given.args.get("columns") if given else None) or [])
    fields = [
        Field(name, Expr(f"{alias}.{column}", one.type))
        for name, column, (_, one) in zip(names, own, output.columns, strict=True)
    ]
    sql = output.sql
    if tree.args.get("sample") is not None:
        key = ""
        sql = sampled(compiler, tree.args["sample"], sql, own, seeded)
    label = (fold(given.this),) if given is not None and given.this is not None else parts
    source = Source(label, fields)
    for pivot in tree.args.get("pivots") or ():
        key = ""
        sql, source = pivoted(compiler, pivot, sql, alias, source)
        alias = compiler.statement.fresh()
        source.fields = [
            Field(one.name, Expr(f"{alias}.c{place}", one.expr.type))
            for place, one in enumerate(source.fields, 1)
        ]
    source.alias = alias
    compiler.names.sources.append(source)
    return f"{numbered(compiler, sql, alias, key)} AS {alias}"
