"""Tables: their columns from CREATE TABLE, their physical shape, CREATE TABLE AS."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
from sqlglot import exp

from cortex_resources.emulator.errors import syntax_error, unsupported
from cortex_resources.emulator.queries import everything  # noqa: F401  fill the registry
from cortex_resources.emulator.queries.casts import cast
from cortex_resources.emulator.queries.context import Column, QueryContext
from cortex_resources.emulator.queries.engine import changed_rows, statement
from cortex_resources.emulator.queries.expression import Expr
from cortex_resources.emulator.queries.faults import compilation
from cortex_resources.emulator.queries.names import fold
from cortex_resources.emulator.queries.parse import parse, parse_query
from cortex_resources.emulator.queries.select import compile_query
from cortex_resources.emulator.queries.spelling import from_tree
from cortex_resources.emulator.queries.views import frozen

KEYS = (exp.PrimaryKeyColumnConstraint, exp.UniqueColumnConstraint)
IGNORED = (exp.PrimaryKey, exp.UniqueColumnConstraint, exp.ForeignKey, exp.Constraint)


def column_definitions(text: str) -> list[Column]:
    """The columns of `(id NUMBER NOT NULL, name VARCHAR(10) DEFAULT 'x', …)`.

    Primary, unique and foreign keys are accepted without effect, as Snowflake does.
    """
    tree = parse(f"CREATE TABLE t {text}")
    schema = tree.this if isinstance(tree, exp.Create) else None
    if not isinstance(schema, exp.Schema):
        raise syntax_error("a list of columns was expected.")
    columns: list[Column] = []
    for part in schema.expressions:
        if isinstance(part, exp.ColumnDef):
            columns.append(_column(part))
        elif not isinstance(part, IGNORED):
            raise unsupported(f"{type(part).__name__} in CREATE TABLE")
    for place, column in enumerate(columns):
        if any(column.name == other.name for other in columns[:place]):
            raise compilation(2025, "42S21", f"duplicate column name '{column.name}'")
    return columns


def _column(part: exp.Expr) -> Column:
    kind = part.args.get("kind")
    if kind is None:
        raise syntax_error(f"column '{part.name}' has no data type.")
    nullable, default, comment = True, None, ""
    for constraint in part.args.get("constraints") or ():
        what = constraint.args.get("kind")
        if isinstance(what, exp.NotNullColumnConstraint):
            nullable = bool(what.args.get("allow_null"))
        elif isinstance(what, exp.DefaultColumnConstraint):
            default = what.this.sql(dialect="snowflake")
        elif isinstance(what, exp.CommentColumnConstraint):
            comment = what.this.name
        elif isinstance(what, exp.PrimaryKeyColumnConstraint):
            nullable = False
        elif not isinstance(what, KEYS):
            raise unsupported(f"{type(what).__name__.removesuffix('ColumnConstraint')} of a column")
    return Column(fold(part.this), from_tree(kind), nullable, default, comment)


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
) -> list[Column]:
    """Make a physical table from a query; gives the table's columns.

    `columns` are those of a column list with types, `names` those of a list without.
    """
    tree = parse_query(query)
    with statement(context, connection) as compiler:
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
        changed_rows(compiler, sql)
        return found
