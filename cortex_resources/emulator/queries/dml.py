"""UPDATE, DELETE and TRUNCATE."""

from __future__ import annotations

from sqlglot import exp

from cortex_resources.emulator.errors import SnowflakeError, syntax_error
from cortex_resources.emulator.queries.casts import boolean
from cortex_resources.emulator.queries.changes import change, stage
from cortex_resources.emulator.queries.compiler import Compiler, refuse_clauses
from cortex_resources.emulator.queries.context import (
    DmlResult,
    TableRelation,
)
from cortex_resources.emulator.queries.engine import changed_rows
from cortex_resources.emulator.queries.expression import Expr
from cortex_resources.emulator.queries.faults import compilation
from cortex_resources.emulator.queries.names import Field, Source, fold
from cortex_resources.emulator.queries.relations import joined
from cortex_resources.emulator.queries.relations import relation as from_item
from cortex_resources.emulator.queries.sources import table_parts
from cortex_resources.emulator.queries.targets import (
    default_of,
    is_default,
    physical,
    positions,
    required,
    stored,
    target_of,
)


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


@change(exp.Update, "UPDATE")
def update(compiler: Compiler, tree: exp.Expr) -> DmlResult:
    """UPDATE t SET … [FROM …] [WHERE …]"""
    refuse_clauses(tree, {"this", "expressions", "from_", "where"}, "UPDATE")
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
        f'SELECT {alias}.rowid AS rid, {changes} FROM "{table.duck_name}" AS {alias}{extra}{where}'
    )
    if compiler.statement.describe_only:
        return DmlResult(updated=0, multi_joined=0)
    return _apply_update(compiler, table, rows, [place for place, _ in pairs])


def assignments(
    compiler: Compiler, table: TableRelation, trees: list[exp.Expr]
) -> list[tuple[int, str]]:
    """SET column = value: the place of the column, and the value as it will be stored."""
    if not all(isinstance(tree.this, exp.Column) for tree in trees):
        raise syntax_error("a column was expected behind SET.")
    names = [fold(tree.this.this) for tree in trees]
    found = []
    for place, tree in zip(positions(table, names), trees, strict=True):
        column = table.columns[place]
        value = (
            default_of(compiler, column)
            if is_default(tree.expression)
            else compiler.expr(tree.expression)
        )
        found.append((place, required(stored(value, column), table, column)))
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


@change(exp.Delete, "DELETE")
def delete(compiler: Compiler, tree: exp.Expr) -> DmlResult:
    """DELETE FROM t [USING …] [WHERE …]"""
    refuse_clauses(tree, {"this", "using", "where"}, "DELETE")
    table = target_of(compiler, tree.this, "DELETE")
    alias = compiler.statement.fresh()
    compiler.names.sources.append(exposed(compiler, tree.this, table, alias))
    extra = _sources(compiler, exp.Delete(), tree.args.get("using") or [])
    where = _condition(compiler, tree)
    if compiler.statement.describe_only:
        return DmlResult(deleted=0)
    rows = f'SELECT {alias}.rowid FROM "{table.duck_name}" AS {alias}{extra}{where}'
    return DmlResult(
        deleted=changed_rows(compiler, f'DELETE FROM "{table.duck_name}" WHERE rowid IN ({rows})')
    )


def _with_table(sql: str) -> str:
    """TABLE may be left out, but the parser wants it."""
    words = sql.split(None, 2)
    if len(words) > 1 and words[1].upper() not in ("TABLE", "IF"):
        return f"{words[0]} TABLE {sql.split(None, 1)[1]}"
    return sql


@change(exp.TruncateTable, "TRUNCATE TABLE", _with_table)
def truncate(compiler: Compiler, tree: exp.Expr) -> DmlResult:
    """TRUNCATE [TABLE] [IF EXISTS] t"""
    if len(tree.expressions) != 1:
        raise syntax_error("TRUNCATE TABLE was expected.")
    refuse_clauses(tree, {"expressions", "exists"}, "TRUNCATE")
    try:
        table = target_of(compiler, tree.expressions[0], "TRUNCATE")
    except SnowflakeError as error:
        if error.errno == 2003 and tree.args.get("exists"):
            return DmlResult(deleted=0)
        raise
    if compiler.statement.describe_only:
        return DmlResult(deleted=0)
    return DmlResult(deleted=changed_rows(compiler, f'DELETE FROM "{table.duck_name}"'))
