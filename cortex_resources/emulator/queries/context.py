"""What a data statement needs from the account around it, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from cortex_resources.emulator.queries.types import Type


@dataclass(frozen=True, slots=True)
class Column:
    """A named, typed column of a table, a view or a result.

    `default` is Snowflake SQL text, or None; `str(type)` is read back by `column_type`.
    `identity` is the (start, step) of an IDENTITY, `sequence` the engine's sequence behind it;
    `tags` are (path of the tag, value), `primary` and `unique` are what keys say.
    """

    name: str
    type: Type
    nullable: bool = True
    default: str | None = None
    comment: str = ""
    identity: tuple[int, int] | None = None
    sequence: str = ""
    primary: bool = False
    unique: bool = False
    tags: tuple[tuple[tuple[str, ...], str], ...] = ()


@dataclass(frozen=True, slots=True)
class TableRelation:
    """A table: the physical name (opaque, unquoted) and its columns.

    `physical` names the physical columns in the order of `columns`; without it they are
    `c1`, `c2`, … as `table_ddl` creates them. `written` is its name in the statement that
    changes it.
    """

    duck_name: str
    columns: tuple[Column, ...]
    physical: tuple[str, ...] = ()
    written: str = ""


@dataclass(frozen=True, slots=True)
class ViewRelation:
    """A view: the text of its SELECT, the frozen columns, where its names resolve, its owner."""

    text: str
    columns: tuple[Column, ...]
    database: str
    schema: str
    owner_role: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class UserFunction:
    """A scalar function in SQL: its full name with the types of its arguments, its parts."""

    name: str
    path: tuple[str, ...]
    arguments: tuple[Column, ...]
    returns: Type
    body: str
    owner_role: str

    @property
    def least(self) -> int:
        """How many arguments a call needs."""
        return sum(argument.default is None for argument in self.arguments)


@dataclass(frozen=True, slots=True)
class RowsRelation:
    """Rows that are already there: information schema, RESULT_SCAN.

    Cells are Python values that fit the type: int, Decimal, float, str, bool, date, time,
    datetime (aware ones for _LTZ and _TZ), bytes, JSON text for VARIANT, OBJECT and ARRAY; None.
    """

    columns: tuple[Column, ...]
    rows: Sequence[tuple[Any, ...]]


Relation = TableRelation | ViewRelation | RowsRelation


@dataclass(frozen=True, slots=True)
class Scope:
    """Where unqualified names resolve and whose rights count."""

    database: str | None
    schema: str | None
    role: str | None


@dataclass(slots=True)
class QueryResult:
    """Columns and rows of a query; cells as in `RowsRelation`."""

    columns: list[Column]
    rows: list[tuple[Any, ...]] = field(default_factory=list)


@dataclass(slots=True)
class DmlResult:
    """Row counts; None where the statement cannot do that to rows."""

    inserted: int | None = None
    updated: int | None = None
    deleted: int | None = None
    multi_joined: int | None = None
    targets: dict[str, int] | None = None  # of an INSERT into several tables


class Answering(Protocol):
    """What answers calls of Cortex functions while rows are read."""

    @property
    def now(self) -> datetime:
        """The time of the statement."""

    def cortex(self, function: str, args: Sequence[Any], site: int) -> Any:
        """SNOWFLAKE.CORTEX.FINETUNE on evaluated arguments."""

    def complete(self, model: str, prompt: Any, options: Any) -> str:
        """What a model answers; `prompt` is text, or a list of {role, content}."""


class QueryContext(Protocol):
    """The session and the account, as data statements see them."""

    role: str | None
    user: str
    account: str
    warehouse: str | None
    database: str | None
    schema: str | None
    session_id: int
    variables: Mapping[str, Any]  # SET x = …: folded name → str, int, Decimal, float, bool, None
    bindings: Mapping[str, tuple[str, Any]]  # "1" → (wire type, text or list of texts or None)
    now: datetime

    def aside(self) -> AbstractContextManager[None]:
        """While the engine works: other statements may run meanwhile."""

    def relation(self, parts: tuple[str, ...], scope: Scope) -> Relation:
        """Find what a folded name of one to three parts means and check SELECT; error 2003."""

    def scope_for_view(self, view: ViewRelation) -> Scope:
        """Where the names inside a view resolve, with the owner's rights."""

    def functions(self, parts: tuple[str, ...], scope: Scope) -> Sequence[UserFunction]:
        """The functions of users that a folded name of one to three parts means and may call."""

    def scope_for_function(self, function: UserFunction) -> Scope:
        """Where the names in a function's body resolve, with the owner's rights."""

    def for_function(self, function: UserFunction) -> Answering:
        """What answers Cortex functions in a function's body."""

    def authorise(self, privilege: str, kind: str, parts: tuple[str, ...]) -> TableRelation:
        """Find the target of INSERT, UPDATE, DELETE, TRUNCATE and check that privilege."""

    def table_function(self, name: str, args: Sequence[Any], scope: Scope) -> RowsRelation:
        """RESULT_SCAN(id), INFORMATION_SCHEMA.QUERY_HISTORY(…): unknown names are error 2140.

        `name` is folded, qualified ones with dots. A named argument arrives as (NAME, value).
        """

    def context_function(self, name: str, args: Sequence[Any]) -> Any:
        """CURRENT_ROLE(), IS_ROLE_IN_SESSION('X'), GET_DDL(…), SYSTEM$…: one value."""

    def authorise_cortex(self, function: str) -> None:
        """Check that the session may call a Cortex function; error 2140 or 3001."""

    def cortex(self, function: str, args: Sequence[Any], site: int) -> Any:
        """SNOWFLAKE.CORTEX.FINETUNE on evaluated arguments.

        Asked again from the same site of a statement with the same arguments, by another row or
        when a transaction is made again, it answers what it answered before.
        """

    def complete(self, model: str, prompt: Any, options: Any) -> str:
        """What a model answers; `prompt` is text, or a list of {role, content}."""

    def countable_models(self) -> Sequence[str]:
        """The models for which tokens can be counted."""
