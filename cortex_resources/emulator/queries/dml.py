"""INSERT, UPDATE, DELETE, TRUNCATE."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
from sqlglot import exp

from cortex_resources.emulator.errors import SnowflakeError, syntax_error, unsupported
from cortex_resources.emulator.queries.casts import boolean, cast, unify
from cortex_resources.emulator.queries.compiler import Compiler, Output, refuse_clauses
from cortex_resources.emulator.queries.context import (
    Column,
    DmlResult,
    QueryContext,
    TableRelation,
)
from cortex_resources.emulator.queries.engine import changed_rows, execute, statement
from cortex_resources.emulator.queries.expression import Expr
from cortex_resources.emulator.queries.faults import compilation, invalid_identifier
from cortex_resources.emulator.queries.literals import bound
from cortex_resources.emulator.queries.names import Field, Names, Source, fold
from cortex_resources.emulator.queries.parse import parse
from cortex_resources.emulator.queries.relations import joined
from cortex_resources.emulator.queries.relations import relation as from_item
from cortex_resources.emulator.queries.select import compile_query, with_tables
from cortex_resources.emulator.queries.sources import default_physical, table_parts
from cortex_resources.emulator.queries.types import Kind, number

FULL = {"this", "expression", "with_", "overwrite"}


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
    if not isinstance(tree, exp.Table) or isinstance(tree.this, exp.Anonymous):
        raise unsupported("a target that is no table name")
    return compiler.statement.context.authorise(privilege, "TABLE", table_parts(tree))


def positions(table: TableRelation, names: Sequence[str]) -> list[int]:
    """Where those columns are in the table."""
    known = [column.name for column in table.columns]
    for place, name in enumerate(names):
        if name not in known:
            raise invalid_identifier(name)
        if name in names[:place]:
            raise compilation(2025, "42S21", f"duplicate column name '{name}'")
    return [known.index(name) for name in names]


def default_of(compiler: Compiler, column: Column) -> Expr:
    """The default value of a column."""
    if column.default is None:
        return Expr(f"CAST(NULL AS {column.type.duck})", column.type)
    tree = parse(f"SELECT {column.default}")
    return compiler.inside(Names()).expr(tree.expressions[0])


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
    chosen = ", ".join(required(cells[place], column) for place, column in enumerate(table.columns))
    sql = (
        f'INSERT INTO "{table.duck_name}" ({listed}) SELECT {chosen} FROM ({source}) AS {relation}'
    )
    return changed_rows(compiler, sql)


def required(sql: str, column: Column) -> str:
    """A cell of a NOT NULL column: NULL is an error."""
    if column.nullable:
        return sql
    complaint = "'@@SF:100072:22000:NULL result in a non-nullable column@@'"
    return f"COALESCE({sql}, CAST(error({complaint}) AS {column.type.duck}))"


def insert(
    sql: str,
    context: QueryContext,
    connection: duckdb.DuckDBPyConnection,
    describe_only: bool = False,
) -> DmlResult:
    """INSERT [OVERWRITE] INTO t [(columns)] VALUES … | SELECT …"""
    tree = parse(sql)
    if not isinstance(tree, exp.Insert):
        raise (
            unsupported("multi-table INSERT")
            if isinstance(tree, exp.MultitableInserts)
            else syntax_error("INSERT INTO was expected.")
        )
    refuse_clauses(tree, FULL, "INSERT")
    with statement(context, connection, describe_only) as compiler:
        table, places = _target(compiler, tree)
        if tree.expression is None:
            raise syntax_error("VALUES or a query was expected.")
        batches = _batches(compiler, tree.expression, table, places)
        if describe_only:
            return DmlResult(inserted=0)
        if tree.args.get("overwrite"):
            compiler.statement.context.authorise("DELETE", "TABLE", table_parts(_named(tree)))
            connection.execute(f'DELETE FROM "{table.duck_name}"')
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


def _target(compiler: Compiler, tree: exp.Expr) -> tuple[TableRelation, list[int]]:
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
    _match(len(output.columns), len(places))
    return [output]


def _match(got: int, wanted: int) -> None:
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
    _match(len(rows[0]), width)
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
        _match(len(row), len(places))
        found.append(
            [
                default_of(compiler, table.columns[place])
                if _is_default(tree)
                else _value(compiler, tree)
                for tree, place in zip(row, places, strict=True)
            ]
        )
    return _union(found)


def _value(compiler: Compiler, tree: exp.Expr) -> Expr:
    value = compiler.expr(tree)
    if value.aggregate or value.window:
        raise compilation(2014, "22000", "Invalid expression in VALUES clause")
    return value


def _is_default(tree: exp.Expr) -> bool:
    if isinstance(tree, exp.Var):
        return tree.name.upper() == "DEFAULT"
    return (
        isinstance(tree, exp.Column)
        and not tree.args.get("table")
        and (not tree.this.args.get("quoted") and tree.name.upper() == "DEFAULT")
    )


def _union(rows: list[list[Expr]]) -> Output:
    """Rows of expressions as one query, in the types their columns share."""
    width = len(rows[0]) if rows else 0
    columns = [unify([row[place] for row in rows]) for place in range(width)]
    lines = ", ".join(
        "(" + ", ".join(column[0][line].sql for column in columns) + ")"
        for line in range(len(rows))
    )
    listed = ", ".join(default_physical(width))
    sql = f"SELECT {listed} FROM (VALUES {lines}) AS v({listed})"
    return Output(sql, [("", Expr("", kind)) for _, kind in columns])


def exposed(_compiler: Compiler, tree: exp.Expr, table: TableRelation, alias: str) -> Source:
    """The target of a change as a source of names."""
    given = tree.args.get("alias")
    label = (fold(given.this),) if given is not None else table_parts(tree)
    fields = [
        Field(column.name, Expr(f"{alias}.{own}", column.type))
        for column, own in zip(table.columns, physical(table), strict=True)
    ]
    return Source(label, fields, f"{alias}.rowid")


def _condition(compiler: Compiler, tree: exp.Expr) -> str:
    where = tree.args.get("where")
    if where is None:
        return ""
    found = boolean(compiler.expr(where.this))
    if found.aggregate or found.window:
        raise compilation(2035, "42601", "Invalid function in where clause")
    return f" WHERE {found.sql}"


def _sources(compiler: Compiler, tree: exp.Expr, items: list[exp.Expr]) -> str:
    sql = ""
    for item in items:
        place = len(compiler.names.sources)
        found = from_item(compiler, item)
        for join in item.args.get("laterals") or ():
            found = joined(compiler, found, join, place)
        sql += f", {found}"
    for join in tree.args.get("joins") or ():
        sql = joined(compiler, sql, join)
    return sql


def update(
    sql: str,
    context: QueryContext,
    connection: duckdb.DuckDBPyConnection,
    describe_only: bool = False,
) -> DmlResult:
    """UPDATE t SET … [FROM …] [WHERE …]"""
    tree = parse(sql)
    if not isinstance(tree, exp.Update):
        raise syntax_error("UPDATE was expected.")
    refuse_clauses(tree, {"this", "expressions", "from_", "where"}, "UPDATE")
    with statement(context, connection, describe_only) as compiler:
        table = target_of(compiler, tree.this, "UPDATE")
        alias = compiler.statement.fresh()
        compiler.names.sources.append(exposed(compiler, tree.this, table, alias))
        start = tree.args.get("from_")
        items = [start.this] if start is not None else []
        extra = _sources(compiler, start or tree, items)
        pairs = assignments(compiler, table, tree.expressions)
        where = _condition(compiler, tree)
        changes = ", ".join(f"{value} AS n{place}" for place, value in pairs)
        rows = (
            f'SELECT {alias}.rowid AS rid, {changes} FROM "{table.duck_name}" AS {alias}{extra}'
            f"{where}"
        )
        if describe_only:
            return DmlResult(updated=0, multi_joined=0)
        return _apply_update(compiler, table, rows, [place for place, _ in pairs])


def assignments(
    compiler: Compiler, table: TableRelation, trees: list[exp.Expr]
) -> list[tuple[int, str]]:
    """SET column = value: the place of the column, and the value as it will be stored."""
    names = [fold(tree.this.this) for tree in trees]
    found = []
    for place, tree in zip(positions(table, names), trees, strict=True):
        column = table.columns[place]
        value = (
            default_of(compiler, column)
            if _is_default(tree.expression)
            else compiler.expr(tree.expression)
        )
        found.append((place, required(stored(value, column), column)))
    return found


def _apply_update(
    compiler: Compiler, table: TableRelation, rows: str, places: list[int]
) -> DmlResult:
    staged = stage(compiler, rows)
    own = physical(table)
    multi = compiler.statement.connection.execute(
        f"SELECT count(*) FROM (SELECT rid FROM {staged} GROUP BY rid HAVING count(*) > 1)"
    ).fetchone()
    sets = ", ".join(f"{own[place]} = s.n{place}" for place in places)
    chosen = ", ".join(f"arg_min_null(n{place}, sf_order) AS n{place}" for place in places)
    one = f"SELECT rid, {chosen} FROM {staged} GROUP BY rid"
    count = changed_rows(
        compiler,
        f'UPDATE "{table.duck_name}" SET {sets} FROM ({one}) AS s '
        f'WHERE "{table.duck_name}".rowid = s.rid',
    )
    return DmlResult(updated=count, multi_joined=int(multi[0]) if multi else 0)


def stage(compiler: Compiler, rows: str) -> str:
    """Keep the rows of a query for the rest of the statement, numbered."""
    name = f"sf_stage_{compiler.statement.key}_{compiler.statement.fresh()}"
    compiler.statement.staged.append(name)
    execute(
        compiler,
        f"CREATE TEMP TABLE {name} AS SELECT *, row_number() OVER () AS sf_order FROM ({rows})",
    )
    return name


def delete(
    sql: str,
    context: QueryContext,
    connection: duckdb.DuckDBPyConnection,
    describe_only: bool = False,
) -> DmlResult:
    """DELETE FROM t [USING …] [WHERE …]"""
    tree = parse(sql)
    if not isinstance(tree, exp.Delete):
        raise syntax_error("DELETE was expected.")
    refuse_clauses(tree, {"this", "using", "where"}, "DELETE")
    with statement(context, connection, describe_only) as compiler:
        table = target_of(compiler, tree.this, "DELETE")
        alias = compiler.statement.fresh()
        compiler.names.sources.append(exposed(compiler, tree.this, table, alias))
        extra = _sources(compiler, exp.Delete(), tree.args.get("using") or [])
        where = _condition(compiler, tree)
        if describe_only:
            return DmlResult(deleted=0)
        rows = f'SELECT {alias}.rowid FROM "{table.duck_name}" AS {alias}{extra}{where}'
        return DmlResult(
            deleted=changed_rows(
                compiler, f'DELETE FROM "{table.duck_name}" WHERE rowid IN ({rows})'
            )
        )


def truncate(
    sql: str,
    context: QueryContext,
    connection: duckdb.DuckDBPyConnection,
    describe_only: bool = False,
) -> DmlResult:
    """TRUNCATE [TABLE] [IF EXISTS] t"""
    words = sql.split(None, 2)
    if len(words) > 1 and words[1].upper() not in ("TABLE", "IF"):
        sql = f"{words[0]} TABLE {sql.split(None, 1)[1]}"
    tree = parse(sql)
    if not isinstance(tree, exp.TruncateTable) or len(tree.expressions) != 1:
        raise syntax_error("TRUNCATE TABLE was expected.")
    refuse_clauses(tree, {"expressions", "exists"}, "TRUNCATE")
    with statement(context, connection, describe_only) as compiler:
        try:
            table = target_of(compiler, tree.expressions[0], "TRUNCATE")
        except SnowflakeError as error:
            if error.errno == 2003 and tree.args.get("exists"):
                return DmlResult(deleted=0)
            raise
        if describe_only:
            return DmlResult(deleted=0)
        return DmlResult(deleted=changed_rows(compiler, f'DELETE FROM "{table.duck_name}"'))


def described(result: DmlResult) -> tuple[list[Column], list[tuple[Any, ...]]]:
    """The columns and the row in which a client reads the counts."""
    pairs = [
        ("number of rows inserted", result.inserted),
        ("number of rows updated", result.updated),
        ("number of multi-joined rows updated", result.multi_joined),
        ("number of rows deleted", result.deleted),
    ]
    known = [(name, count) for name, count in pairs if count is not None]
    columns = [Column(name, number(19), nullable=False) for name, _ in known]
    return columns, [tuple(count for _, count in known)]
