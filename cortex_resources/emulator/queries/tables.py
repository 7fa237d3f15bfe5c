"""Tables: their columns from CREATE TABLE, their physical shape, CREATE TABLE AS."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import duckdb
from sqlglot import exp

from cortex_resources.emulator.errors import syntax_error, unsupported
from cortex_resources.emulator.keywords import NO_COLUMN
from cortex_resources.emulator.names import quoted
from cortex_resources.emulator.queries import everything  # noqa: F401  fill the registry
from cortex_resources.emulator.queries.casts import cast
from cortex_resources.emulator.queries.context import Column, QueryContext
from cortex_resources.emulator.queries.engine import changed_rows, execute, statement
from cortex_resources.emulator.queries.expression import Expr
from cortex_resources.emulator.queries.faults import compilation, invalid_identifier
from cortex_resources.emulator.queries.names import fold
from cortex_resources.emulator.queries.parse import parse, parse_name, parse_query, room
from cortex_resources.emulator.queries.select import compile_query
from cortex_resources.emulator.queries.spelling import from_tree
from cortex_resources.emulator.queries.views import frozen

IGNORED = (exp.ForeignKey, exp.Reference)


def column_definitions(text: str) -> list[Column]:
    """The columns of `(id NUMBER NOT NULL, name VARCHAR(10) DEFAULT 'x', …)`.

    Primary and unique keys are noted, not enforced, and foreign keys are accepted without
    effect, as Snowflake does ("Overview of Constraints").
    """
    tree = parse(f"CREATE TABLE t {text}")
    schema = tree.this if isinstance(tree, exp.Create) else None
    if not isinstance(schema, exp.Schema):
        raise syntax_error("a list of columns was expected.")
    if not schema.expressions:
        raise syntax_error("unexpected ')'.")
    columns: list[Column] = []
    keys: list[exp.Expr] = []
    for part in schema.expressions:
        if isinstance(part, exp.ColumnDef):
            columns.append(_column(part))
        else:
            keys += part.expressions if isinstance(part, exp.Constraint) else [part]
    for place, column in enumerate(columns):
        if any(column.name == other.name for other in columns[:place]):
            raise compilation(2025, "42S21", f"duplicate column name '{column.name}'")
    for key in keys:
        columns = _keyed(columns, key)
    return columns


def _keyed(columns: list[Column], key: exp.Expr) -> list[Column]:
    """The columns with what a PRIMARY KEY (…) or UNIQUE (…) behind them says."""
    if isinstance(key, exp.PrimaryKey):
        names = [fold(one) for one in key.expressions]
        changed: dict[str, Any] = {"primary": True, "nullable": False}
    elif isinstance(key, exp.UniqueColumnConstraint):
        listed = key.this.expressions if isinstance(key.this, exp.Schema) else []
        names = [fold(one) for one in listed]
        changed = {"unique": True}
    elif isinstance(key, IGNORED):
        return columns
    else:
        raise unsupported(f"{type(key).__name__} in CREATE TABLE")
    for name in names:
        if not any(column.name == name for column in columns):
            raise invalid_identifier(quoted(name))
    return [replace(one, **changed) if one.name in names else one for one in columns]


def _column(part: exp.Expr) -> Column:
    kind = part.args.get("kind")
    if kind is None:
        raise syntax_error(f"column '{part.name}' has no data type.")
    name = part.this
    if not isinstance(name, exp.Identifier):
        raise syntax_error(f"unexpected '{name.sql()[:80]}'.")
    if not name.quoted and name.name.upper() in NO_COLUMN:
        raise syntax_error(f"unexpected '{name.name}'.")
    column = Column(fold(name), from_tree(kind))
    for constraint in part.args.get("constraints") or ():
        what = constraint.args.get("kind")
        read = CONSTRAINTS.get(type(what))
        if read is None:
            raise unsupported(f"{type(what).__name__.removesuffix('ColumnConstraint')} of a column")
        column = replace(column, **read(what))
    return column


def _collation(what: exp.Expr) -> dict[str, Any]:
    """COLLATE '': no collation, which clients write out; others would change how texts compare."""
    if what.this.name:
        raise unsupported(f"COLLATE '{what.this.name}' of a column")
    return {}


def _identity(what: exp.Expr) -> dict[str, Any]:
    """AUTOINCREMENT and IDENTITY [(start, step)] [ORDER | NOORDER]."""
    start, step = (
        int(literal.name) if literal is not None else 1
        for literal in (what.args.get("start"), what.args.get("increment"))
    )
    order = "ORDER" if what.args.get("order") else "NOORDER"
    text = f"IDENTITY START {start} INCREMENT {step} {order}"
    return {"identity": (start, step), "default": text}


def _tags(what: exp.Expr) -> dict[str, Any]:
    return {
        "tags": tuple(
            (parse_name(one.this.sql(dialect="snowflake")), one.args["value"].name)
            for one in what.expressions
        )
    }


CONSTRAINTS: dict[type, Callable[[exp.Expr], dict[str, Any]]] = {
    exp.CollateColumnConstraint: _collation,
    exp.NotNullColumnConstraint: lambda what: {"nullable": bool(what.args.get("allow_null"))},
    exp.DefaultColumnConstraint: lambda what: {"default": what.this.sql(dialect="snowflake")},
    exp.CommentColumnConstraint: lambda what: {"comment": what.this.name},
    exp.PrimaryKeyColumnConstraint: lambda _: {"primary": True, "nullable": False},
    exp.UniqueColumnConstraint: lambda _: {"unique": True},
    exp.AutoIncrementColumnConstraint: _identity,
    exp.GeneratedAsIdentityColumnConstraint: _identity,
    exp.Tags: _tags,
    exp.Reference: lambda _: {},
}


def table_ddl(duck_name: str, columns: Sequence[Column]) -> str:
    """The physical table: columns c1, c2, … of the carrying types."""
    listed = ", ".join(f"c{place} {column.type.duck}" for place, column in enumerate(columns, 1))
    return f'CREATE TABLE "{duck_name}" ({listed})'


def create_table_as(
    query: str,
    context: QueryContext,
    connection: duckdb.DuckDBPyConnection,
    duck_name: str,
    *,
    columns: Sequence[Column] | None = None,
    names: list[str] | None = None,
    describe_only: bool = False,
) -> list[Column]:
    """Make a physical table from a query; gives the table's columns.

    `columns` are those of a column list with types, `names` those of a list without. With
    `describe_only` the query is checked and not run.
    """
    with room(query, context):
        tree = parse_query(query)
    with statement(context, connection, describe_only) as compiler:
        output = compile_query(compiler, tree)
        found = list(columns) if columns is not None else frozen(output.columns, names)
        if len(found) != len(output.columns):
            raise compilation(
                2026,
                "42601",
                f"Invalid column definition list: {len(found)} names, "
                f"{len(output.columns)} columns",
            )
        connection.execute(table_ddl(duck_name, found))
        relation = compiler.statement.fresh()
        cells = ", ".join(
            cast(Expr(f"{relation}.c{place}", one.type), column.type).sql
            for place, ((_, one), column) in enumerate(zip(output.columns, found, strict=True), 1)
        )
        sql = f'INSERT INTO "{duck_name}" SELECT {cells} FROM ({output.sql}) AS {relation}'
        if describe_only:
            execute(compiler, f"EXPLAIN {sql}")
        else:
            changed_rows(compiler, sql)
        return found
