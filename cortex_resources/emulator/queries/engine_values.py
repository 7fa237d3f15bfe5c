"""Values that a query's shape depends on: PIVOT … IN (ANY) and IN (query)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlglot import exp

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.compiler import Compiler
from cortex_resources.emulator.queries.engine import execute
from cortex_resources.emulator.queries.faults import compilation
from cortex_resources.emulator.queries.names import Names
from cortex_resources.emulator.queries.ordering import order_by

MOST = 1000


def values_of(compiler: Compiler, key: exp.Expr, tree: exp.Expr, relation: str) -> list[exp.Expr]:
    """The distinct values of a column, as literals."""
    column = compiler.expr(key)
    order = order_by(compiler, tree.this if isinstance(tree.this, exp.Order) else None)
    order = order or f"ORDER BY {column.sql}"
    return _literals(
        compiler,
        f"SELECT {column.sql} FROM {relation} WHERE {column.sql} IS NOT NULL "
        f"GROUP BY {column.sql} {order} LIMIT {MOST + 1}",
    )


def values_from(compiler: Compiler, query: exp.Expr) -> list[exp.Expr]:
    """What a query of one column gives, in its order; each value once ("PIVOT")."""
    output = compiler.inside(Names()).query(query)
    if len(output.columns) != 1:
        raise compilation(90151, "42601", "unexpected number of columns in a subquery")
    found = _literals(compiler, output.sql)
    if len(set(found)) < len(found):
        raise compilation(1003, "42000", "PIVOT over a query that gives a value twice")
    return found


def _literals(compiler: Compiler, sql: str) -> list[exp.Expr]:
    rows = execute(compiler, sql).fetchmany(MOST + 1)
    if len(rows) > MOST:
        raise unsupported(f"PIVOT with more than {MOST} values")
    return [_literal(row[0]) for row in rows]


def _literal(value: Any) -> exp.Expr:
    if isinstance(value, str):
        return exp.Literal.string(value)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return exp.Literal.number(str(value))
    raise unsupported("PIVOT over values that are neither text nor number")
