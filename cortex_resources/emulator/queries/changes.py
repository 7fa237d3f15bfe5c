"""What all statements that change rows share: the way from text to compiler, kept rows, counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import duckdb
from sqlglot import exp

from cortex_resources.emulator.errors import syntax_error
from cortex_resources.emulator.queries.compiler import Compiler
from cortex_resources.emulator.queries.context import Column, DmlResult, QueryContext
from cortex_resources.emulator.queries.engine import execute, statement
from cortex_resources.emulator.queries.parse import parse, room
from cortex_resources.emulator.queries.types import number


class Change(Protocol):
    """A statement that changes rows, from its text to its counts."""

    def __call__(
        self,
        sql: str,
        context: QueryContext,
        connection: duckdb.DuckDBPyConnection,
        describe_only: bool = False,
    ) -> DmlResult:
        """Run it; with `describe_only` it is checked, and nothing happens."""


def change(
    kind: type[exp.Expr] | tuple[type[exp.Expr], ...],
    begins: str,
    spelled: Callable[[str], str] = str,
) -> Callable[[Callable[[Compiler, exp.Expr], DmlResult]], Change]:
    """Give the compiled side of a statement its other side: the text is read and is of this kind.

    Arguments:
        kind: the trees that it takes.
        begins: the words that other texts lack.
        spelled: the text in the one spelling that the parser reads.
    """

    def of(compiled: Callable[[Compiler, exp.Expr], DmlResult]) -> Change:
        def run(
            sql: str,
            context: QueryContext,
            connection: duckdb.DuckDBPyConnection,
            describe_only: bool = False,
        ) -> DmlResult:
            with room(sql, context):
                tree = parse(spelled(sql))
            if not isinstance(tree, kind):
                raise syntax_error(f"{begins} was expected.")
            with statement(context, connection, describe_only) as compiler:
                return compiled(compiler, tree)

        return run

    return of


def stage(compiler: Compiler, rows: str) -> str:
    """Keep the rows of a query for the rest of the statement, numbered."""
    name = f"sf_stage_{compiler.statement.key}_{compiler.statement.fresh()}"
    compiler.statement.staged.append(name)
    numbered = f"SELECT *, row_number() OVER () AS sf_order FROM ({rows})"
    with compiler.statement.context.aside():
        execute(compiler, f"CREATE TEMP TABLE {name} AS {numbered}")
    return name


def described(result: DmlResult) -> tuple[list[Column], list[tuple[Any, ...]]]:
    """The columns and the row in which a client reads the counts."""
    pairs: list[tuple[str, int | None]] = [
        ("number of rows inserted", result.inserted),
        ("number of rows updated", result.updated),
        ("number of multi-joined rows updated", result.multi_joined),
        ("number of rows deleted", result.deleted),
    ]
    if result.targets is not None:
        pairs = [(f"number of rows inserted into {name}", n) for name, n in result.targets.items()]
    known = [(name, count) for name, count in pairs if count is not None]
    columns = [Column(name, number(19), nullable=False) for name, _ in known]
    return columns, [tuple(count for _, count in known)]
