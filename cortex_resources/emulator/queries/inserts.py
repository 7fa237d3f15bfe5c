"""INSERT from values, bindings and queries."""

from __future__ import annotations

from sqlglot import exp

from cortex_resources.emulator.errors import syntax_error, unsupported
from cortex_resources.emulator.queries.casts import unify
from cortex_resources.emulator.queries.changes import stage
from cortex_resources.emulator.queries.compiler import Compiler, Output, refuse_clauses
from cortex_resources.emulator.queries.context import (
    DmlResult,
    TableRelation,
)
from cortex_resources.emulator.queries.engine import changed_rows
from cortex_resources.emulator.queries.expression import Expr
from cortex_resources.emulator.queries.faults import compilation
from cortex_resources.emulator.queries.literals import bound
from cortex_resources.emulator.queries.names import fold
from cortex_resources.emulator.queries.select import compile_query, with_tables
from cortex_resources.emulator.queries.sources import default_physical, table_parts
from cortex_resources.emulator.queries.targets import (
    default_of,
    is_default,
    physical,
    positions,
    required,
    stored,
    target_of,
)
from cortex_resources.emulator.queries.types import NULL, SEMI, Kind, Type

FULL = {"this", "expression", "with_", "overwrite"}


def write(
    compiler: Compiler, table: TableRelation, places: list[int], source: str, types: list[Expr]
) -> int:
    """Insert the rows of a query (columns c1, c2, …) into those columns."""
    relation = compiler.statement.fresh()
    cells = {
        place: stored(Expr(f"{relation}.c{number}", one.type), table.columns[place])
        for number, (place, one) in enumerate(zip(places, types, strict=True), 1)
    }
    for place, column in enumerate(table.columns):
        if place not in cells:
            cells[place] = stored(default_of(compiler, column), column)
    own = physical(table)
    listed = ", ".join(own)
    chosen = ", ".join(
        required(cells[place], table, column) for place, column in enumerate(table.columns)
    )
    sql = (
        f'INSERT INTO "{table.duck_name}" ({listed}) SELECT {chosen} FROM ({source}) AS {relation}'
    )
    return changed_rows(compiler, sql)


def insert_one(compiler: Compiler, tree: exp.Expr) -> DmlResult:
    """INSERT [OVERWRITE] INTO t [(columns)] VALUES … | SELECT …"""
    refuse_clauses(tree, FULL, "INSERT")
    table, places = target(compiler, tree)
    if tree.expression is None:
        raise syntax_error("VALUES or a query was expected.")
    batches = _batches(compiler, tree.expression, table, places)
    if compiler.statement.describe_only:
        return DmlResult(inserted=0)
    if tree.args.get("overwrite"):
        batches = [
            Output(f"SELECT * EXCLUDE sf_order FROM {stage(compiler, one.sql)}", one.columns)
            for one in batches
        ]
        emptied(compiler, tree)
    return DmlResult(
        inserted=sum(
            write(compiler, table, places, output.sql, [one for _, one in output.columns])
            for output in batches
        )
    )


def _named(tree: exp.Expr) -> exp.Expr:
    target: exp.Expr = tree.this
    inner: exp.Expr = target.this if isinstance(target, exp.Schema) else target
    return inner


def emptied(compiler: Compiler, tree: exp.Expr) -> None:
    """What OVERWRITE does first: it takes the right to delete, too."""
    named = table_parts(_named(tree))
    table = compiler.statement.context.authorise("DELETE", "TABLE", named)
    compiler.statement.connection.execute(f'DELETE FROM "{table.duck_name}"')


def target(compiler: Compiler, tree: exp.Expr) -> tuple[TableRelation, list[int]]:
    """The table of an INSERT and the places of the columns that it lists."""
    table = target_of(compiler, _named(tree), "INSERT")
    if isinstance(tree.this, exp.Schema):
        return table, positions(table, [fold(one) for one in tree.this.expressions])
    return table, list(range(len(table.columns)))


def _batches(
    compiler: Compiler, source: exp.Expr, table: TableRelation, places: list[int]
) -> list[Output]:
    """The rows to write; array bindings give one set of rows for each of their items."""
    if isinstance(source, exp.Values):
        rows = [
            row.expressions if isinstance(row, exp.Tuple) else [row] for row in source.expressions
        ]
        size = _array_size(compiler, source)
        if size is not None:
            return [_bound_rows(compiler, rows, size, len(places))]
        return [_value_rows(compiler, rows, table, places)]
    output = compile_query(with_tables(compiler, source), source)
    match(len(output.columns), len(places))
    return [output]


def match(got: int, wanted: int) -> None:
    """As many values as columns."""
    if got != wanted:
        raise compilation(
            2020,
            "21S01",
            f"Insert value list does not match column list expecting {wanted} but got {got}",
        )


def _array_size(compiler: Compiler, source: exp.Expr) -> int | None:
    marks = [str(mark.this) for mark in source.find_all(exp.Placeholder)]
    given = compiler.statement.context.bindings
    sizes = {
        len(given[mark][1]) for mark in marks if mark in given and isinstance(given[mark][1], list)
    }
    if len(sizes) > 1:
        raise compilation(2049, "42601", "array bindings of different lengths")
    return sizes.pop() if sizes else None


def _bound_rows(compiler: Compiler, rows: list[list[exp.Expr]], size: int, width: int) -> Output:
    """Array binding: VALUES (?, ?) once for every item."""
    if len(rows) != 1:
        raise unsupported("array binding with several rows of VALUES")
    match(len(rows[0]), width)
    given = compiler.statement.context.bindings
    found = []
    for line in range(size):
        cells = []
        for tree in rows[0]:
            if isinstance(tree, exp.Placeholder):
                kind, value = given[str(tree.this)]
                cells.append(bound(kind, value[line] if isinstance(value, list) else value))
            else:
                cells.append(compiler.expr(tree))
        found.append(cells)
    return _union(found)


def _value_rows(
    compiler: Compiler, rows: list[list[exp.Expr]], table: TableRelation, places: list[int]
) -> Output:
    found = []
    for row in rows:
        match(len(row), len(places))
        found.append(
            [
                default_of(compiler, table.columns[place])
                if is_default(tree)
                else _value(compiler, tree)
                for tree, place in zip(row, places, strict=True)
            ]
        )
    return _union(found)


def _value(compiler: Compiler, tree: exp.Expr) -> Expr:
    value = compiler.expr(tree)
    if value.aggregate or value.window or value.type.kind in SEMI:
        raise compilation(2014, "22000", "Invalid expression in VALUES clause")
    return value


def _column(values: list[Expr]) -> tuple[list[Expr], Type]:
    """The type that values share; nothing but NULL fits into any column."""
    if all(value.type.kind is Kind.NULL for value in values):
        return values, NULL
    return unify(values)


def _union(rows: list[list[Expr]]) -> Output:
    """Rows of expressions as one query, in the types their columns share."""
    width = len(rows[0]) if rows else 0
    columns = [_column([row[place] for row in rows]) for place in range(width)]
    lines = ", ".join(
        "(" + ", ".join(column[0][line].sql for column in columns) + ")"
        for line in range(len(rows))
    )
    listed = ", ".join(default_physical(width))
    sql = f"SELECT {listed} FROM (VALUES {lines}) AS v({listed})"
    return Output(sql, [("", Expr("", kind)) for _, kind in columns])
