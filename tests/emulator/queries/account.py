"""A catalog in memory around the real engine, for the tests of data statements."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb

from cortex_resources.emulator.errors import SnowflakeError, missing_object
from cortex_resources.emulator.queries import entry
from cortex_resources.emulator.queries.context import (
    Answering,
    Column,
    QueryResult,
    Relation,
    RowsRelation,
    Scope,
    TableRelation,
    UserFunction,
    ViewRelation,
)
from cortex_resources.emulator.queries.faults import unknown_function
from cortex_resources.emulator.queries.parse import NAME_PART
from cortex_resources.emulator.state_file import CONFIG

Key = tuple[str, ...]
NAME = rf"(?P<name>(?:{NAME_PART.pattern})(?:\.(?:{NAME_PART.pattern}))*)"
TABLE = re.compile(rf"CREATE TABLE {NAME}\s*(?P<body>\(.*\)|AS\s.*)", re.DOTALL | re.IGNORECASE)
VIEW = re.compile(
    rf"CREATE (OR REPLACE )?VIEW {NAME}\s*(?P<names>\([^()]*\))?\s*AS (?P<body>.*)",
    re.DOTALL | re.IGNORECASE,
)


def folded(name: str) -> Key:
    return tuple(
        match[1].replace('""', '"') if match[1] is not None else match[2].upper()
        for match in NAME_PART.finditer(name)
    )


@dataclass
class Account:
    """The smallest account in which data statements can run."""

    connection: duckdb.DuckDBPyConnection
    role: str | None = "ACCOUNTADMIN"
    user: str = "LOCAL_ADMIN"
    account: str = "LOCAL"
    warehouse: str | None = None
    database: str | None = "DB"
    schema: str | None = "PUBLIC"
    session_id: int = 1
    timezone: str = "America/Los_Angeles"
    variables: Mapping[str, Any] = field(default_factory=dict)
    bindings: Mapping[str, tuple[str, Any]] = field(default_factory=dict)
    now: datetime = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    relations: dict[Key, Relation] = field(default_factory=dict)
    calls: list[tuple[str, list[Any]]] = field(default_factory=list)
    answered: dict[str, str] = field(default_factory=dict)
    authorised: list[str] = field(default_factory=list)

    def aside(self) -> AbstractContextManager[None]:
        """Nobody else is here."""
        return nullcontext()

    def full(self, parts: Key, scope: Scope) -> Key:
        return (*(scope.database or "", scope.schema or "")[: 3 - len(parts)], *parts)

    def relation(self, parts: Key, scope: Scope) -> Relation:
        found = self.relations.get(self.full(parts, scope))
        if found is None:
            raise missing_object("Object", ".".join(parts))
        return found

    def scope_for_view(self, view: ViewRelation) -> Scope:
        return Scope(view.database, view.schema, view.owner_role)

    def functions(self, parts: Key, scope: Scope) -> Sequence[UserFunction]:
        return ()

    def scope_for_function(self, function: UserFunction) -> Scope:
        return Scope(function.path[0], function.path[1], function.owner_role)

    def for_function(self, function: UserFunction) -> Answering:
        return self

    def authorise(self, privilege: str, kind: str, parts: Key) -> TableRelation:
        found = self.relation(parts, Scope(self.database, self.schema, self.role))
        assert isinstance(found, TableRelation)
        return found

    def table_function(self, name: str, args: Sequence[Any], scope: Scope) -> RowsRelation:
        raise unknown_function(name)

    def context_function(self, name: str, args: Sequence[Any]) -> Any:
        known = {"CURRENT_ROLE": self.role, "CURRENT_DATABASE": self.database}
        if name not in known:
            raise unknown_function(name)
        return known[name]

    def authorise_cortex(self, function: str) -> None:
        self.authorised.append(function)

    def cortex(self, function: str, args: Sequence[Any], site: int) -> Any:
        key = f"{site} {args!r}"
        if key not in self.answered:
            self.calls.append((function, list(args)))
            self.answered[key] = f"ft_{len(self.calls)}"
        return self.answered[key]

    def complete(self, model: str, prompt: Any, options: Any) -> str:
        if model == "nope":
            raise SnowflakeError(100351, "P0000", "Request failed for external function COMPLETE")
        return f"{model}: {prompt}"

    def countable_models(self) -> Sequence[str]:
        return ["m"]

    def run(self, sql: str, describe_only: bool = False) -> QueryResult:
        """Any data statement, and the few control statements that tests need."""
        word = sql.split(maxsplit=1)[0].upper()
        if word in ("INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE"):
            change = getattr(entry, word.lower())
            columns, rows = entry.described(change(sql, self, self.connection))
            return QueryResult(columns, rows)
        if word == "CREATE":
            return self.create(sql)
        if word == "USE":
            parts = folded(sql.rsplit(maxsplit=1)[-1])
            self.schema = parts[-1]
            self.database = parts[0] if len(parts) > 1 else self.database
            return QueryResult([])
        return entry.select(sql, self, self.connection, describe_only)

    def create(self, sql: str) -> QueryResult:
        scope = Scope(self.database, self.schema, self.role)
        if match := VIEW.fullmatch(sql):
            names = [folded(name)[0] for name in (match["names"] or "")[1:-1].split(",") if name]
            key = self.full(folded(match["name"]), scope)
            columns = entry.frozen_columns(
                match["body"],
                self,
                self.connection,
                names or None,
                Scope(key[0], key[1], self.role),
            )
            self.relations[key] = ViewRelation(
                match["body"], tuple(columns), key[0], key[1], "OWNER"
            )
            return QueryResult([])
        match = TABLE.fullmatch(sql)
        if match is None:
            return QueryResult([])
        key = self.full(folded(match["name"]), scope)
        name, body = f"t{len(self.relations)}", match["body"].strip()
        if body.startswith("("):
            found = entry.column_definitions(body)
            self.connection.execute(entry.table_ddl(name, found))
        else:
            found = entry.create_table_as(body[2:], self, self.connection, name)
        self.relations[key] = TableRelation(name, tuple(found))
        return QueryResult([])

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.run(sql).rows

    def value(self, sql: str) -> Any:
        """The only cell of the only row."""
        ((found,),) = self.rows(sql)
        return found

    def names(self, sql: str) -> list[str]:
        return [column.name for column in self.run(sql).columns]


def new_account() -> Account:
    connection = duckdb.connect(config=CONFIG)
    entry.install(connection)
    return Account(connection)


__all__ = ["Account", "Column", "new_account"]
