"""The compiler of one statement: shared state, dispatch of expressions, calls of functions."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import duckdb
from sqlglot import exp

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.context import QueryContext, Scope
from cortex_resources.emulator.queries.expression import Expr
from cortex_resources.emulator.queries.faults import (
    compilation,
    from_engine,
    unknown_function,
    wrong_arguments,
)
from cortex_resources.emulator.queries.names import Names, fold
from cortex_resources.emulator.queries.registry import NODES, QUERIES, SCALARS, SPECIALS

MAX_DEPTH = 160
MAX_SQL = 20_000_000
MAX_VIEWS = 20


@dataclass(slots=True)
class Output:
    """A compiled query: SQL whose columns are c1, c2, …, with their names and types."""

    sql: str
    columns: list[tuple[str, Expr]]


@dataclass(slots=True)
class Statement:
    """What all parts of one statement share."""

    context: QueryContext
    connection: duckdb.DuckDBPyConnection
    key: int
    describe_only: bool = False
    counter: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    staged: list[str] = field(default_factory=list)
    inlined: dict[tuple[Any, ...], Expr] = field(default_factory=dict)  # calls of functions
    lent: list[int] = field(default_factory=list)  # keys of what answers in bodies of functions
    depth: int = 0

    def fresh(self) -> str:
        """A relation alias nobody else has."""
        return f"r{next(self.counter)}"


@dataclass(slots=True)
class Environment:
    """Common table expressions in sight; a view starts with none.

    `views` are the views and functions around; `asker` is what answers Cortex functions in the
    body of a function, by its key (0: the statement itself). `arguments` are those of the function
    whose body this is: also common table expressions see them.
    """

    scope: Scope
    views: tuple[str, ...] = ()
    parent: Environment | None = None
    tables: dict[str, Any] = field(default_factory=dict)
    asker: int = 0
    arguments: Names | None = None

    def inner(self) -> Environment:
        """The same, with room for more common table expressions."""
        return Environment(self.scope, self.views, self, asker=self.asker, arguments=self.arguments)

    def find(self, name: str) -> Any:
        """The common table expression of that name, or None."""
        here = self.tables.get(name)
        return here if here is not None or self.parent is None else self.parent.find(name)


@dataclass(slots=True)
class Compiler:
    """Compiles expressions against the names in sight."""

    statement: Statement
    environment: Environment
    names: Names

    def expr(self, tree: exp.Expr) -> Expr:
        """The compiled expression; what is not known is refused by name."""
        build = NODES.get(type(tree))
        if build is None:
            raise unsupported(f"{type(tree).__name__.upper()} in an expression")
        self.statement.depth += 1
        try:
            if self.statement.depth > MAX_DEPTH:
                raise compilation(603, "XX000", "the expression is nested too deeply")
            found = build(self, tree)
            if len(found.sql) > MAX_SQL:  # an alias of an alias of … doubles with each
                raise compilation(603, "XX000", "the expression is too large")
            return found
        finally:
            self.statement.depth -= 1

    def exprs(self, trees: list[exp.Expr]) -> list[Expr]:
        """All of them, in order."""
        return [self.expr(tree) for tree in trees]

    def call(self, name: str, trees: list[exp.Expr]) -> Expr:
        """A call by Snowflake name."""
        if name in SPECIALS:
            return SPECIALS[name](self, trees)
        signature = SCALARS.get(name)
        if signature is None:
            raise unknown_function(name)
        least, most = signature.least, signature.most
        if len(trees) < least or (most is not None and len(trees) > most):
            raise wrong_arguments(name, len(trees), least, most)
        return signature.build(self.exprs(trees))

    def query(self, tree: exp.Expr) -> Output:
        """A query seen from these names."""
        return QUERIES[0](self, tree)

    def inside(self, names: Names) -> Compiler:
        """The same statement, seen from other sources."""
        return Compiler(self.statement, self.environment, names)

    def constant(self, tree: exp.Expr, what: str) -> Any:
        """The value of an argument that must be known before any row is read.

        Literals, bindings, variables and context functions are known as they stand; anything
        else without columns is computed by the engine.
        """
        value = Compiler(self.statement, self.environment, Names()).expr(tree)
        if value.known:
            return value.constant
        if value.aggregate or value.window:
            raise compilation(1015, "22023", f"argument of {what} needs to be constant")
        try:
            row = self.statement.connection.execute(f"SELECT {value.sql}").fetchone()
        except duckdb.Error as error:
            raise from_engine(error) from None
        return row[0] if row else None


CLAUSES = {
    "when": "time travel (AT, BEFORE)",
    "match": "MATCH_RECOGNIZE",
    "connect": "CONNECT BY",
    "locks": "FOR UPDATE",
}


def function_name(tree: exp.Expr) -> str:
    """The folded name of a call; quoted names keep their case."""
    this = tree.this
    return fold(this) if isinstance(this, exp.Identifier) else str(this).upper()


def refuse_clauses(tree: exp.Expr, known: set[str], where: str) -> None:
    """Refuse by name whatever the parser found beyond what is understood here."""
    for key, value in tree.args.items():
        if value and key not in known:
            name = CLAUSES.get(key, key.strip("_").replace("_", " ").upper())
            raise unsupported(f"{name} in {where}")


__all__ = [
    "Compiler",
    "Environment",
    "Output",
    "Statement",
    "function_name",
    "refuse_clauses",
]
