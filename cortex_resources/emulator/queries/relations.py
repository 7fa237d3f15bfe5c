"""FROM: tables, views, subqueries, VALUES, table functions, joins."""

from __future__ import annotations

from sqlglot import exp

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.casts import boolean, unify
from cortex_resources.emulator.queries.compiler import Compiler, Output, refuse_clauses
from cortex_resources.emulator.queries.context import (
    Relation,
    RowsRelation,
    TableRelation,
    ViewRelation,
)
from cortex_resources.emulator.queries.expression import Expr, derive
from cortex_resources.emulator.queries.faults import compilation, invalid_identifier
from cortex_resources.emulator.queries.names import Field, Names, Source, fold
from cortex_resources.emulator.queries.sampling import sampled
from cortex_resources.emulator.queries.setops import rename

TABLE_ARGS = {"this", "db", "catalog", "alias", "joins", "sample", "pivots", "laterals"}


def compile_from(compiler: Compiler, tree: exp.Expression) -> str:
    """The FROM clause; its sources become visible in `compiler.names`."""
    start = tree.args.get("from_")
    if start is None:
        if tree.args.get("joins"):
            raise unsupported("a join without FROM")
        return ""
    sql = relation(compiler, start.this)
    for join in [*(tree.args.get("joins") or ()), *(tree.args.get("laterals") or ())]:
        sql = joined(compiler, sql, join)
    return f"FROM {sql}"


def relation(compiler: Compiler, tree: exp.Expression, lateral: bool = False) -> str:
    """One item of FROM with the joins that belong to it."""
    place = len(compiler.names.sources)
    sql = _item(compiler, tree, lateral)
    for join in tree.args.get("joins") or ():
        sql = joined(compiler, sql, join, place)
    return sql


def _item(compiler: Compiler, tree: exp.Expression, lateral: bool) -> str:
    if isinstance(tree, exp.Table) and isinstance(tree.this, exp.Anonymous):
        from cortex_resources.emulator.queries.table_functions import table_function

        return table_function(compiler, tree, tree.this)
    if isinstance(tree, exp.Table):
        refuse_clauses(tree, TABLE_ARGS, "FROM")
        return _table(compiler, tree)
    if isinstance(tree, exp.Subquery):
        return _subquery(compiler, tree, lateral)
    if isinstance(tree, exp.Values):
        return values(compiler, tree)
    if isinstance(tree, exp.Lateral):
        return _lateral(compiler, tree)
    raise unsupported(f"{type(tree).__name__.upper()} in FROM")


def _lateral(compiler: Compiler, tree: exp.Expression) -> str:
    refuse_clauses(tree, {"this", "alias"}, "LATERAL")
    if isinstance(tree.this, exp.Subquery):
        return _subquery(compiler, tree.this, True, tree.args.get("alias"))
    from cortex_resources.emulator.queries.table_functions import table_function

    return table_function(compiler, tree, tree.this)


def table_parts(tree: exp.Expression) -> tuple[str, ...]:
    """The folded parts of a table name; `db..t` has an empty schema."""
    parts = [fold(tree.this)]
    if tree.args.get("db") is not None or tree.args.get("catalog") is not None:
        parts.insert(0, fold(tree.args.get("db") or ""))
    if tree.args.get("catalog") is not None:
        parts[0] = parts[0] or "PUBLIC"
        parts.insert(0, fold(tree.args["catalog"]))
    return tuple(parts)


def _table(compiler: Compiler, tree: exp.Expression) -> str:
    parts = table_parts(tree)
    return named_relation(compiler, tree, parts)


def named_relation(compiler: Compiler, tree: exp.Expression, parts: tuple[str, ...]) -> str:
    """A table, a view or a common table expression by name."""
    found = compiler.environment.find(parts[0]) if len(parts) == 1 else None
    if found is not None:
        columns = [(name, Expr("", kind)) for name, kind in found.columns]
        return add(compiler, tree, Output(found.sql, columns), parts, seeded=False)
    known = compiler.statement.context.relation(parts, compiler.environment.scope)
    sql, columns, physical = read_relation(compiler, known, parts)
    output = Output(sql, columns)
    return add(compiler, tree, output, parts, physical, seeded=isinstance(known, TableRelation))


def read_relation(
    compiler: Compiler, known: Relation, parts: tuple[str, ...]
) -> tuple[str, list[tuple[str, Expr]], list[str]]:
    """How to read a relation: SQL, columns, physical column names."""
    columns = [(column.name, Expr("", column.type)) for column in known.columns]
    if isinstance(known, TableRelation):
        physical = list(known.physical) or default_physical(len(columns))
        return f'"{known.duck_name}"', columns, physical
    if isinstance(known, ViewRelation):
        from cortex_resources.emulator.queries.views import inline

        return f"({inline(compiler, known, parts)})", columns, default_physical(len(columns))
    if isinstance(known, RowsRelation):
        from cortex_resources.emulator.queries.rows import literal_rows

        return literal_rows(compiler, known), columns, default_physical(len(columns))
    raise unsupported("this kind of relation")


def default_physical(count: int) -> list[str]:
    """c1, c2, …"""
    return [f"c{place}" for place in range(1, count + 1)]


def add(
    compiler: Compiler,
    tree: exp.Expression,
    output: Output,
    parts: tuple[str, ...],
    physical: list[str] | None = None,
    seeded: bool = False,
) -> str:
    """Make a relation visible under its alias or its name; gives its SQL in FROM."""
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
        sql = sampled(compiler, tree.args["sample"], sql, own, seeded)
    label = (fold(given.this),) if given is not None and given.this is not None else parts
    source = Source(label, fields)
    for pivot in tree.args.get("pivots") or ():
        from cortex_resources.emulator.queries.pivots import pivoted

        sql, source = pivoted(compiler, pivot, sql, alias, source)
        alias = compiler.statement.fresh()
        source.fields = [
            Field(one.name, Expr(f"{alias}.c{place}", one.expr.type))
            for place, one in enumerate(source.fields, 1)
        ]
    compiler.names.sources.append(source)
    return f"{sql} AS {alias}"


def _subquery(
    compiler: Compiler, tree: exp.Expression, lateral: bool, alias: exp.Expression | None = None
) -> str:
    inner = tree.this
    if isinstance(inner, exp.Table) or (isinstance(inner, exp.Values) and not isinstance(inner, exp.Query)):
        return f"({relation(compiler, inner)})" if isinstance(inner, exp.Table) else values(
            compiler, inner, tree.args.get("alias"))
    from cortex_resources.emulator.queries.select import compile_query

    outer = compiler.names if lateral else compiler.names.parent
    seen = compiler.inside(Names(outer) if outer is None else outer)
    output = compile_query(seen, tree if alias is None else tree.copy())
    named = tree if alias is None else exp.Subquery(this=inner, alias=alias)
    prefix = "LATERAL " if lateral else ""
    return prefix + add(compiler, named, Output(f"({output.sql})", output.columns), ())


def values(
    compiler: Compiler, tree: exp.Expression, alias: exp.Expression | None = None
) -> str:
    """VALUES: columns COLUMN1, COLUMN2, … of the types their rows share."""
    rows = [
        compiler.exprs(row.expressions if isinstance(row, exp.Tuple) else [row])
        for row in tree.expressions
    ]
    width = len(rows[0])
    if any(len(row) != width for row in rows):
        raise compilation(2026, "42601", "the rows of VALUES have different numbers of columns")
    if any(one.aggregate or one.window for row in rows for one in row):
        raise compilation(2014, "22000", "Invalid expression in VALUES clause")
    unified = [unify([row[place] for row in rows]) for place in range(width)]
    lines = ", ".join(
        "(" + ", ".join(column[0][line].sql for column in unified) + ")"
        for line in range(len(rows))
    )
    listed = ", ".join(default_physical(width))
    inner = compiler.statement.fresh()
    sql = f"(SELECT {listed} FROM (VALUES {lines}) AS {inner}({listed}))"
    columns = [(f"COLUMN{place}", Expr("", kind)) for place, (_, kind) in enumerate(unified, 1)]
    holder = tree if alias is None else exp.Values(expressions=[], alias=alias)
    return add(compiler, holder, Output(sql, columns), ())


JOIN_ARGS = {"this", "side", "kind", "on", "using", "method"}


def joined(compiler: Compiler, left: str, join: exp.Expression, first: int = 0) -> str:
    """`left` with one more join; `first` is where the sources of `left` begin."""
    if isinstance(join, exp.Lateral):
        return f"{left}, {relation(compiler, join, lateral=True)}"
    refuse_clauses(join, JOIN_ARGS, "JOIN")
    side, kind = (join.args.get("side") or "").upper(), (join.args.get("kind") or "").upper()
    method = (join.args.get("method") or "").upper()
    if method not in ("", "NATURAL") or kind not in ("", "INNER", "OUTER", "CROSS") or side not in (
        "", "LEFT", "RIGHT", "FULL",
    ):
        raise unsupported(f"{method or kind or side} JOIN")
    before = len(compiler.names.sources)
    lateral = isinstance(join.this, exp.Lateral) or _calls(join.this)
    right = relation(compiler, join.this, lateral)
    condition = _condition(compiler, join, first, before, side)
    if condition is None:
        if side:
            raise compilation(1003, "42000", f"syntax error: {side} JOIN needs a condition")
        return f"{left} CROSS JOIN {right}"
    return f"{left} {side or 'INNER'} JOIN {right} ON {condition}"


def _calls(tree: exp.Expression) -> bool:
    return isinstance(tree, exp.Table) and isinstance(tree.this, exp.Anonymous)


def _condition(
    compiler: Compiler, join: exp.Expression, first: int, before: int, side: str
) -> str | None:
    on, using = join.args.get("on"), join.args.get("using")
    lefts = compiler.names.sources[first:before]
    rights = compiler.names.sources[before:]
    if (join.args.get("method") or "").upper() == "NATURAL":
        mine = [one.name for source in lefts for one in source.fields if not one.hidden]
        theirs = [one.name for source in rights for one in source.fields if not one.hidden]
        using = [name for name in dict.fromkeys(mine) if name in theirs]
    elif using:
        using = [fold(name) for name in using]
    if using:
        return " AND ".join(_merge(lefts, rights, name, side) for name in using)
    if on is None:
        return None
    seen = compiler.inside(Names(compiler.names.parent, compiler.names.sources[first:]))
    found = boolean(seen.expr(on))
    if found.aggregate or found.window:
        raise compilation(2035, "42601", "Invalid function in a join condition")
    return found.sql


def _merge(lefts: list[Source], rights: list[Source], name: str, side: str) -> str:
    """USING: one column for both; of an outer join the side that has it."""
    mine = [one for source in lefts for one in source.fields if one.name == name and not one.hidden]
    theirs = [one for source in rights for one in source.fields if one.name == name and not one.hidden]
    if not mine or not theirs:
        raise invalid_identifier(name)
    (left, right), _ = unify([mine[0].expr, theirs[0].expr])
    condition = f"{left.sql} = {right.sql}"
    theirs[0].hidden = True
    if side == "RIGHT":
        mine[0].expr = right
    elif side == "FULL":
        mine[0].expr = derive(f"COALESCE({left.sql}, {right.sql})", left.type, left, right)
    return condition


