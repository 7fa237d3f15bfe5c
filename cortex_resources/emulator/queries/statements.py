"""The entry points for queries: SELECT, and the columns of a view to be."""

from __future__ import annotations

import duckdb

from cortex_resources.emulator.queries import (
    constants,
    everything,  # noqa: F401  fill the registry
)
from cortex_resources.emulator.queries.casts import text
from cortex_resources.emulator.queries.context import Column, QueryContext, QueryResult, Scope
from cortex_resources.emulator.queries.engine import execute, fetch, statement
from cortex_resources.emulator.queries.expression import Expr
from cortex_resources.emulator.queries.faults import compilation
from cortex_resources.emulator.queries.parse import parse_query, room
from cortex_resources.emulator.queries.select import compile_query
from cortex_resources.emulator.queries.types import TEXT, Kind
from cortex_resources.emulator.queries.views import frozen


def select(
    sql: str,
    context: QueryContext,
    connection: duckdb.DuckDBPyConnection,
    describe_only: bool = False,
) -> QueryResult:
    """Run a query; with `describe_only` it is checked and described, and nothing happens."""
    known = constants.find(sql)
    if known is not None:
        return QueryResult(known.columns, [] if describe_only else known.rows)
    with room(sql, context):
        tree = parse_query(sql)
    with statement(context, connection, describe_only) as compiler:
        output = compile_query(compiler, tree)
        columns = [_column(name, one) for name, one in output.columns]
        if describe_only:
            execute(compiler, f"EXPLAIN {output.sql}")
            return QueryResult(columns)
        result = fetch(compiler, output.sql, columns)
    constants.keep(sql, tree, result)
    return result


def _column(name: str, one: Expr) -> Column:
    """A column of a result; only what is a value beforehand is known not to be NULL."""
    kind = TEXT if one.type.kind is Kind.NULL else one.type
    return Column(name, kind, nullable=not one.known or one.constant is None)


def stage_text(
    sql: str,
    context: QueryContext,
    connection: duckdb.DuckDBPyConnection,
    name: str,
    most: int,
) -> None:
    """Put rows of a query into a temporary table of text columns c1, c2, …: at most so many."""
    with room(sql, context):
        tree = parse_query(sql)
    with statement(context, connection) as compiler:
        output = compile_query(compiler, tree)
        listed = ", ".join(
            f"CAST({text(Expr(f's.c{place}', one.type)).sql} AS VARCHAR) AS c{place}"
            for place, (_, one) in enumerate(output.columns, 1)
        )
        staged = f"SELECT {listed} FROM ({output.sql}) AS s LIMIT {most}"
        with context.aside():
            execute(compiler, f"CREATE OR REPLACE TEMP TABLE {name} AS {staged}")


def frozen_columns(
    text: str,
    context: QueryContext,
    connection: duckdb.DuckDBPyConnection,
    names: list[str] | None = None,
    scope: Scope | None = None,
) -> list[Column]:
    """The columns of a view with that query; `names` when CREATE VIEW lists them.

    `scope` is the schema of the view and the role that creates it; without it the session's.
    """
    tree = parse_query(text)
    with statement(context, connection, describe_only=True) as compiler:
        if scope is not None:
            compiler.environment.scope = scope
        output = compile_query(compiler, tree)
        if names is None and any(not _nameable(name) for name, _ in output.columns):
            raise compilation(2022, "42601", "Missing column specification")
        columns = frozen(output.columns, names)
        execute(compiler, f"EXPLAIN {output.sql}")
        return columns


def _nameable(name: str) -> bool:
    return bool(name) and "(" not in name
