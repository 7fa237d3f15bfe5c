"""Common table expressions, recursive ones too."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.casts import cast
from cortex_resources.emulator.queries.compiler import Compiler
from cortex_resources.emulator.queries.expression import Expr
from cortex_resources.emulator.queries.faults import compilation
from cortex_resources.emulator.queries.names import Names, fold
from cortex_resources.emulator.queries.setops import rename
from cortex_resources.emulator.queries.types import TEXT, Kind, Type

MAX_TABLE = 4_000_000  # characters


@dataclass(slots=True)
class Table:
    """A common table expression: its columns, and where to read them from."""

    columns: list[tuple[str, Type]]
    sql: str


def declare(compiler: Compiler, clause: exp.Expr) -> None:
    """Make the tables of a WITH clause known; each sees those before it."""
    for tree in clause.expressions:
        name = fold(tree.args["alias"].this)
        alone = compiler.inside(Names(parent=compiler.environment.arguments))
        if _recurs(clause, tree.this, name):
            table = _recursive(alone, tree, name)
        else:
            table = _plain(alone, tree)
        compiler.environment.tables[name] = table


def _recurs(clause: exp.Expr, query: exp.Expr, name: str) -> bool:
    """The word RECURSIVE may be left out: anchor UNION ALL a step that names the table itself."""
    if clause.args.get("recursive"):
        return _mentions(query, name)
    step = query.expression if isinstance(query, exp.Union) else None
    return step is not None and not query.args.get("distinct") and _mentions(step, name)


def _mentions(tree: exp.Expr, name: str) -> bool:
    return any(
        not found.args.get("db") and fold(found.this) == name for found in tree.find_all(exp.Table)
    )


def _plain(compiler: Compiler, tree: exp.Expr) -> Table:
    output = compiler.query(tree.this)
    if len(output.sql) > MAX_TABLE:  # it stands wherever it is named: two names double it
        raise unsupported("a common table expression of this size")
    names = rename(output.columns, tree.args["alias"].args.get("columns") or [])
    types = [one.type for _, one in output.columns]
    return Table(list(zip(names, types, strict=True)), f"({output.sql})")


def _recursive(compiler: Compiler, tree: exp.Expr, name: str) -> Table:
    """Anchor UNION ALL step; the anchor decides the types, widened to their families."""
    union = tree.this
    if not isinstance(union, exp.Union) or union.args.get("distinct"):
        raise unsupported("a recursive table that is not anchor UNION ALL step")
    anchor = compiler.query(union.this)
    names = rename(anchor.columns, tree.args["alias"].args.get("columns") or [])
    types = [_family(one.type) for _, one in anchor.columns]
    physical = compiler.statement.fresh()
    table = Table(list(zip(names, types, strict=True)), physical)
    inner = compiler.environment.inner()
    inner.tables[name] = table
    around = Names(parent=inner.arguments)
    step = Compiler(compiler.statement, inner, around).query(union.expression)
    if len(step.columns) != len(types):
        raise compilation(1789, "42601", "invalid number of result columns in the recursive term")
    branches = []
    for output in (anchor, step):
        relation = compiler.statement.fresh()
        cells = [
            (cast(Expr(f"{relation}.c{place}", one.type), kind).sql, kind.duck)
            for place, ((_, one), kind) in enumerate(zip(output.columns, types, strict=True), 1)
        ]
        listed = ", ".join(
            f"CAST({cell} AS {duck}) AS c{place}" for place, (cell, duck) in enumerate(cells, 1)
        )
        branches.append(f"SELECT {listed} FROM ({output.sql}) AS {relation}")
    listed = ", ".join(f"c{place}" for place in range(1, len(types) + 1))
    sql = (
        f"(WITH RECURSIVE {physical}({listed}) AS ({branches[0]} UNION ALL {branches[1]}) "
        f"SELECT {listed} FROM {physical})"
    )
    return Table(table.columns, sql)


def _family(kind: Type) -> Type:
    if kind.kind is Kind.NUMBER:
        return Type(Kind.NUMBER, precision=38, scale=kind.scale)
    return TEXT if kind.kind in (Kind.TEXT, Kind.NULL) else kind
