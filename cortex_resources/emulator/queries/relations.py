"""FROM: tables, views, subqueries, VALUES, table functions, joins."""

from __future__ import annotations

from sqlglot import exp

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.names import quoted
from cortex_resources.emulator.queries.casts import boolean, unify
from cortex_resources.emulator.queries.compiler import Compiler, Output, refuse_clauses
from cortex_resources.emulator.queries.expression import Expr, derive
from cortex_resources.emulator.queries.faults import compilation, invalid_identifier
from cortex_resources.emulator.queries.names import Names, Source, fold
from cortex_resources.emulator.queries.row_order import multiplies
from cortex_resources.emulator.queries.sources import (
    add,
    default_physical,
    named_relation,
    table_parts,
)
from cortex_resources.emulator.queries.table_functions import table_function

TABLE_ARGS = {"this", "db", "catalog", "alias", "joins", "sample", "pivots", "laterals"}


def compile_from(compiler: Compiler, tree: exp.Expr) -> str:
    """The FROM clause; its sources become visible in `compiler.names`."""
    start = tree.args.get("from_")
    if start is None:
        if tree.args.get("joins"):
            raise unsupported("a join without FROM")
        return ""
    compiler.names.numbered = multiplies(tree, start.this)
    sql = relation(compiler, start.this)
    for join in [*(tree.args.get("joins") or ()), *(tree.args.get("laterals") or ())]:
        sql = joined(compiler, sql, join)
    return f"FROM {sql}"


def relation(compiler: Compiler, tree: exp.Expr, lateral: bool = False) -> str:
    """One item of FROM with the joins that belong to it."""
    place = len(compiler.names.sources)
    sql = _item(compiler, tree, lateral)
    for join in tree.args.get("joins") or ():
        sql = joined(compiler, sql, join, place)
    return sql


def _item(compiler: Compiler, tree: exp.Expr, lateral: bool) -> str:
    if isinstance(tree, exp.Table) and isinstance(tree.this, exp.Anonymous):
        return table_function(compiler, tree, tree.this)
    if isinstance(tree, exp.Table):
        refuse_clauses(tree, TABLE_ARGS, "FROM")
        return named_relation(compiler, tree, table_parts(tree))
    if isinstance(tree, exp.Subquery):
        return _subquery(compiler, tree, lateral)
    if isinstance(tree, exp.Values):
        return values(compiler, tree)
    if isinstance(tree, exp.Lateral):
        return _lateral(compiler, tree)
    raise unsupported(f"{type(tree).__name__.upper()} in FROM")


def _lateral(compiler: Compiler, tree: exp.Expr) -> str:
    refuse_clauses(tree, {"this", "alias"}, "LATERAL")
    if isinstance(tree.this, exp.Subquery):
        return _subquery(compiler, tree.this, True, tree.args.get("alias"))
    return table_function(compiler, tree, tree.this)


def _subquery(
    compiler: Compiler, tree: exp.Expr, lateral: bool, alias: exp.Expr | None = None
) -> str:
    inner = tree.this
    if isinstance(inner, exp.Table) or (
        isinstance(inner, exp.Values) and not isinstance(inner, exp.Query)
    ):
        return (
            f"({relation(compiler, inner)})"
            if isinstance(inner, exp.Table)
            else values(compiler, inner, tree.args.get("alias"))
        )
    outer = compiler.names if lateral else compiler.names.parent
    seen = compiler.inside(Names(outer) if outer is None else outer)
    output = seen.query(tree if alias is None else tree.copy())
    named = tree if alias is None else exp.Subquery(this=inner, alias=alias)
    prefix = "LATERAL " if lateral else ""
    return prefix + add(compiler, named, Output(f"({output.sql})", output.columns), ())


def values(compiler: Compiler, tree: exp.Expr, alias: exp.Expr | None = None) -> str:
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


JOIN_ARGS = {"this", "side", "kind", "on", "using", "method", "match_condition"}


def joined(compiler: Compiler, left: str, join: exp.Expr, first: int = 0) -> str:
    """`left` with one more join; `first` is where the sources of `left` begin."""
    if isinstance(join, exp.Lateral):
        return f"{left}, {relation(compiler, join, lateral=True)}"
    refuse_clauses(join, JOIN_ARGS, "JOIN")
    side, kind = (join.args.get("side") or "").upper(), (join.args.get("kind") or "").upper()
    method = (join.args.get("method") or "").upper()
    if (
        method not in ("", "NATURAL", "ASOF")
        or kind not in ("", "INNER", "OUTER", "CROSS")
        or side
        not in (
            "",
            "LEFT",
            "RIGHT",
            "FULL",
        )
    ):
        raise unsupported(f"{method or kind or side} JOIN")
    before = len(compiler.names.sources)
    lateral = isinstance(join.this, exp.Lateral) or _calls(join.this)
    right = relation(compiler, join.this, lateral)
    condition = _condition(compiler, join, first, before, side)
    if method == "ASOF":
        return f"{left} ASOF LEFT JOIN {right} ON {_nearest(compiler, join, condition)}"
    if condition is None:
        if side and not lateral:
            raise compilation(1003, "42000", f"syntax error: {side} JOIN needs a condition")
        if side:
            return f"{left} {side} JOIN {right} ON TRUE"
        return f"{left} CROSS JOIN {right}"
    return f"{left} {side or 'INNER'} JOIN {right} ON {condition}"


def _nearest(compiler: Compiler, join: exp.Expr, condition: str | None) -> str:
    """The condition of ASOF JOIN: equal keys, and one comparison that the nearest row wins."""
    match = join.args.get("match_condition")
    if isinstance(match, exp.Paren):
        match = match.this
    if not isinstance(match, (exp.GTE, exp.GT, exp.LTE, exp.LT)):
        raise compilation(1003, "42000", "syntax error: ASOF JOIN needs MATCH_CONDITION (a >= b)")
    nearest = compiler.expr(match).sql
    return nearest if condition is None else f"{condition} AND {nearest}"


def _calls(tree: exp.Expr) -> bool:
    return isinstance(tree, exp.Table) and isinstance(tree.this, exp.Anonymous)


def _condition(
    compiler: Compiler, join: exp.Expr, first: int, before: int, side: str
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
    theirs = [
        one for source in rights for one in source.fields if one.name == name and not one.hidden
    ]
    if not mine or not theirs:
        raise invalid_identifier(quoted(name))
    (left, right), _ = unify([mine[0].expr, theirs[0].expr])
    condition = f"{left.sql} = {right.sql}"
    theirs[0].hidden = True
    if side == "RIGHT":
        mine[0].expr = right
    elif side == "FULL":
        mine[0].expr = derive(f"COALESCE({left.sql}, {right.sql})", left.type, left, right)
    return condition
