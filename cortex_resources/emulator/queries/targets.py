"""The table that a statement changes: its columns, defaults, and what may be stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.names import quoted
from cortex_resources.emulator.queries.casts import cast
from cortex_resources.emulator.queries.compiler import (
    Compiler,
    function_name,
    refuse_clauses,
)
from cortex_resources.emulator.queries.context import (
    Column,
    TableRelation,
)
from cortex_resources.emulator.queries.expression import Expr, quote
from cortex_resources.emulator.queries.faults import Fault, compilation, invalid_identifier
from cortex_resources.emulator.queries.names import Names
from cortex_resources.emulator.queries.parse import parse, parse_name
from cortex_resources.emulator.queries.sources import default_physical, table_parts
from cortex_resources.emulator.queries.types import Kind


def physical(table: TableRelation) -> list[str]:
    """The physical column names of a table."""
    return list(table.physical) or default_physical(len(table.columns))


def stored(value: Expr, column: Column) -> str:
    """A value on its way into a column: cast, but never cut."""
    kind = column.type
    if value.type.kind is Kind.TEXT and kind.kind is Kind.TEXT:
        if kind.length >= value.type.length:
            return value.sql
        return f"sf_fit({value.sql}, {kind.length})"
    return cast(value, kind).sql


def target_of(compiler: Compiler, tree: exp.Expr, privilege: str) -> TableRelation:
    """The table a statement changes, once the role may do that."""
    if not isinstance(tree, exp.Table):
        raise unsupported("a target that is no table name")
    refuse_clauses(tree, {"this", "db", "catalog", "alias"}, "the name of a target")
    if isinstance(tree.this, exp.Func):
        _name(compiler, tree)
    parts = table_parts(tree)
    found = compiler.statement.context.authorise(privilege, "TABLE", parts)
    return replace(found, written=".".join(parts))


def _name(compiler: Compiler, tree: exp.Expr) -> None:
    """Put the name that IDENTIFIER(…) stands for in its place."""
    call = tree.this
    if isinstance(call, exp.DynamicIdentifier):
        given = call.this
    elif function_name(call) == "IDENTIFIER" and len(call.expressions) == 1:
        given = call.expressions[0]
    else:
        raise unsupported("a target that is no table name")
    parts = parse_name(str(compiler.constant(given, "IDENTIFIER")))
    for key, part in zip(("this", "db", "catalog"), reversed(parts), strict=False):
        tree.set(key, exp.Identifier(this=part, quoted=True))


def positions(table: TableRelation, names: Sequence[str]) -> list[int]:
    """Where those columns are in the table."""
    known = [column.name for column in table.columns]
    for place, name in enumerate(names):
        if name not in known:
            raise invalid_identifier(quoted(name))
        if name in names[:place]:
            raise compilation(2025, "42S21", f"duplicate column name '{name}'")
    return [known.index(name) for name in names]


def default_of(compiler: Compiler, column: Column) -> Expr:
    """The default value of a column."""
    if column.sequence:
        return Expr(f"nextval('{column.sequence}')", column.type, volatile=True)
    if column.default is None:
        return Expr(f"CAST(NULL AS {column.type.duck})", column.type)
    tree = parse(f"SELECT {column.default}")
    return compiler.inside(Names()).expr(tree.expressions[0])


def required(sql: str, table: TableRelation, column: Column) -> str:
    """A cell of a NOT NULL column: NULL is an error, which names the column."""
    if column.nullable:
        return sql
    where = f"DML operation to table {table.written} failed on column {column.name} with error: "
    complaint = Fault(100072, "22000", f"{where}NULL result in a non-nullable column")
    return f"COALESCE({sql}, CAST(error({quote(str(complaint))}) AS {column.type.duck}))"


def is_default(tree: exp.Expr) -> bool:
    """The word DEFAULT in place of a value."""
    if isinstance(tree, exp.Var):
        return tree.name.upper() == "DEFAULT"
    return (
        isinstance(tree, exp.Column)
        and not tree.args.get("table")
        and (not tree.this.args.get("quoted") and tree.name.upper() == "DEFAULT")
    )
