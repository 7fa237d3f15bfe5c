"""The session and the account as the query engine sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cortex_resources.emulator import functions, names, search_path, user_functions
from cortex_resources.emulator.access import cortex, rules, shared
from cortex_resources.emulator.access.authority import Authority
from cortex_resources.emulator.columns import columns_of
from cortex_resources.emulator.entities import Entity, Kind, Model, Table, View
from cortex_resources.emulator.errors import (
    SnowflakeError,
    missing_object,
    no_current,
    unknown_function,
    unsupported,
    wrong_kind,
)
from cortex_resources.emulator.finetune import answers, base_models, messages
from cortex_resources.emulator.queries.context import (
    Relation,
    RowsRelation,
    Scope,
    TableRelation,
    UserFunction,
    ViewRelation,
)
from cortex_resources.emulator.reader import parse_path
from cortex_resources.emulator.show import information_schema
from cortex_resources.emulator.statements import session as parameters
from cortex_resources.emulator.user_functions import OWNER

if TYPE_CHECKING:
    from cortex_resources.emulator.call import Call


class Context:
    """Implements `QueryContext` for one call; `place` overrides the current database and schema."""

    def __init__(
        self, call: Call, place: tuple[str, str] | None, *, inside_cortex: bool = False
    ) -> None:
        self._call = call
        self._inside_cortex = inside_cortex
        self._answered: dict[str, Any] = {}
        self._searches = place is None  # a view knows its own schema alone
        self.reached: set[str] = set()  # ids of the tables and views that were read
        self.changed: set[str] = set()  # ids of the tables that DML is about
        session = call.session
        self.role: str | None = session.role
        self.user = session.user
        self.account = call.account.locator
        self.warehouse = session.warehouse
        self.database, self.schema = place or (session.database, session.schema)
        self.session_id = session.id
        self.timezone = str(parameters.value_of(session, "TIMEZONE", call.parameters))
        self.text_formats = parameters.text_formats(session, call.parameters)
        self.variables: Mapping[str, Any] = session.variables
        self.bindings: Mapping[str, tuple[str, Any]] = call.bindings
        self.now: datetime = datetime.fromtimestamp(call.now, UTC)

    def aside(self) -> AbstractContextManager[None]:
        """While the engine works: other statements may run meanwhile."""
        return self._call.account.aside()

    def _authority(self, scope: Scope) -> Authority:
        if scope.role is not None and scope.role.startswith(OWNER):
            owner = scope.role.removeprefix(OWNER)
            return self._call.account.rights(owner, (owner,))
        return self._call.authority

    def _path(self, parts: tuple[str, ...], scope: Scope) -> tuple[str, ...]:
        place = (scope.database, scope.schema)[: max(0, 3 - len(parts))]
        if place and place[0] is None:
            raise no_current("database", 90105)
        if place and place[-1] is None:
            raise no_current("schema", 90106)
        return (*(str(name) for name in place), *parts)

    def relation(self, parts: tuple[str, ...], scope: Scope) -> Relation:
        """Find what a name means and check SELECT."""
        if len(parts) == 1 and scope.schema == "INFORMATION_SCHEMA":
            parts = (scope.schema, *parts)
        if len(parts) > 1 and parts[-2] in ("INFORMATION_SCHEMA", "ACCOUNT_USAGE"):
            database = parts[0] if len(parts) == 3 else scope.database
            return self._system(database, parts[-2], parts[-1], scope)
        authority = self._authority(scope)
        path, found = self._find(parts, scope, authority)
        if found is None:
            error = authority.missing(Kind.TABLE, path)
            raise _as_object(error, path)
        try:
            authority.permit("SELECT", found)
        except SnowflakeError as error:
            raise _as_object(error, path) from None
        return self._relation(found, path)

    def _find(
        self, parts: tuple[str, ...], scope: Scope, authority: Authority
    ) -> tuple[tuple[str, ...], Entity | None]:
        """What a name means, and its full path; else the path where it was looked for first."""
        catalog = self._call.catalog
        if len(parts) > 1 or not self._searches or scope.role != self.role:
            path = self._path(parts, scope)
            return path, catalog.find_in_namespace(Kind.TABLE, path)
        for schema in self._search_path():
            path = (*schema, *parts)
            found = catalog.find_in_namespace(Kind.TABLE, path)
            if found is not None and authority.sees(found):
                return path, found
        return self._path(parts, scope), None

    def _search_path(self) -> list[search_path.Schema]:
        text = parameters.value_of(self._call.session, "SEARCH_PATH", self._call.parameters)
        return search_path.schemas(text, self.database, self.schema)

    def _relation(self, found: Entity, path: tuple[str, ...]) -> Relation:
        self.reached.add(found.id)
        if isinstance(found, View):
            # A view of a dropped role answers to nobody.
            return ViewRelation(
                found.body,
                columns_of(found.columns),
                path[0],
                path[1],
                f"{OWNER}{found.owner}",
                self._call.catalog.qualified(found),
            )
        assert isinstance(found, Table)  # noqa: S101 - tables and views share a namespace
        return TableRelation(found.relation, columns_of(found.columns), found.physical)

    def _system(self, database: str | None, schema: str, name: str, scope: Scope) -> RowsRelation:
        if database is None:
            raise no_current("database", 90105)
        authority = self._authority(scope)
        container = self._call.catalog.find(Kind.DATABASE, (database,))
        shown = schema == "ACCOUNT_USAGE" and shared.reads_usage(authority)
        if container is None or not (shown or authority.sees(container)):
            raise authority.missing(Kind.DATABASE, (database,))
        if schema == "ACCOUNT_USAGE" and not shown:
            raise missing_object("Object", names.qualified((database, schema, name)))
        return information_schema.relation(self._call, authority, container, schema, name)

    def scope_for_view(self, view: ViewRelation) -> Scope:
        """Names inside a view resolve in its own schema, with its owner's rights."""
        return Scope(view.database, view.schema, view.owner_role)

    def functions(self, parts: tuple[str, ...], scope: Scope) -> Sequence[UserFunction]:
        """The functions of users that a name means and that may be called."""
        catalog, authority = self._call.catalog, self._authority(scope)
        schemas = self._schemas(parts, scope)
        return user_functions.in_schemas(catalog, authority, schemas, parts[-1])

    def _schemas(self, parts: tuple[str, ...], scope: Scope) -> list[search_path.Schema]:
        """Where a function of that name is looked for."""
        if len(parts) == 1 and self._searches and scope.role == self.role:
            return self._search_path()
        given = (scope.database, scope.schema)[: max(0, 3 - len(parts))]
        place = tuple(name for name in (*given, *parts[:-1]) if name is not None)
        return [(place[0], place[1])] if len(place) == 2 else []

    def scope_for_function(self, function: UserFunction) -> Scope:
        """Names inside a function resolve in its own schema, with its owner's rights."""
        return user_functions.scope(function)

    def for_function(self, function: UserFunction) -> user_functions.Inside:
        """What answers Cortex functions inside a function."""
        return user_functions.Inside(self, user_functions.scope(function))

    def authorise(self, privilege: str, kind: str, parts: tuple[str, ...]) -> TableRelation:  # noqa: ARG002
        """Find the target of DML and check the privilege."""
        path = self._path(parts, Scope(self.database, self.schema, self.role))
        authority = self._call.authority
        found = self._call.catalog.find_in_namespace(Kind.TABLE, path)
        if found is None:
            raise authority.missing(Kind.TABLE, path)
        authority.permit(privilege, found)
        if not isinstance(found, Table):
            raise wrong_kind("TABLE", found.kind.value)
        self.changed.add(found.id)
        return TableRelation(found.relation, columns_of(found.columns), found.physical)

    def table_function(self, name: str, args: Sequence[Any], scope: Scope) -> RowsRelation:
        """RESULT_SCAN and the table functions of INFORMATION_SCHEMA."""
        return functions.table(self._call, self._authority(scope), name, args)

    def context_function(self, name: str, args: Sequence[Any]) -> Any:
        """CURRENT_ROLE() and its kin."""
        return functions.scalar(self._call, name, args)

    def authorise_cortex(self, function: str) -> None:
        """A Cortex function that the session may not call looks unknown."""
        may = cortex.may_tune if function.endswith(".FINETUNE") else cortex.may_infer
        if not may(self._call.authority):
            raise unknown_function(function)

    def cortex(self, function: str, args: Sequence[Any], site: int) -> Any:
        """SNOWFLAKE.CORTEX.FINETUNE, called once for equal arguments."""
        name = function.rpartition(".")[2].upper()
        if name != "FINETUNE":
            raise unsupported(f"function SNOWFLAKE.CORTEX.{name}")
        if self._inside_cortex:
            raise unsupported("FINETUNE inside a training query")
        key = f"{site} {args!r}"
        if key not in self._answered:
            # The engine asks this while other statements run.
            with self._call.account.lock:
                self._answered[key] = self._call.account.fine_tuning.run(self._call, args, site)
        return self._answered[key]

    def complete(self, model: str, prompt: Any, options: Any) -> str:  # noqa: ARG002 - unused here
        """What a tuned model or a base model answers; the engine asks this beside the others."""
        return self.complete_in(Scope(self.database, self.schema, self.role), model, prompt)

    def complete_in(self, scope: Scope, model: str, prompt: Any) -> str:
        """The same with the rights of a scope, whose schema a model without one lies in."""
        with self._call.account.lock:
            return self._completed(scope, model, prompt)

    def _completed(self, scope: Scope, model: str, prompt: Any) -> str:
        question = answers.last_question(prompt)
        if self._serves(model):
            return answers.stand_in(model, question)
        authority = self._authority(scope)
        found = self._call.catalog.find(Kind.MODEL, self._model_path(scope, model))
        if not isinstance(found, Model) or not authority.sees(found):
            raise messages.unknown_model(model)
        authority.permit(rules.INFER, found)
        if not self._serves(found.base_model):
            raise messages.unknown_model(model)
        return self._call.account.fine_tuning.answers.tuned(found.job, question)

    def _serves(self, model: str) -> bool:
        """Whether a base model still answers; with it end the models that were tuned on it."""
        found = base_models.find(model)
        lifecycle = self._call.account.settings.lifecycle
        if found is None or found.documents:
            return False
        return found.lifecycle(lifecycle, self._call.now) != "EOL"

    def countable_models(self) -> Sequence[str]:
        """The base models; tuned ones are not accepted."""
        return [model.name for model in base_models.LANGUAGE]

    def _model_path(self, scope: Scope, model: str) -> tuple[str, ...]:
        try:
            parts = parse_path(model)
        except SnowflakeError:
            raise messages.unknown_model(model) from None
        return self._path(parts, scope)


def _as_object(error: SnowflakeError, path: tuple[str, ...]) -> SnowflakeError:
    """SELECT calls what is missing an object, not a table."""
    name = names.qualified(path)
    if f" '{name}' does not exist" in error.message:
        return missing_object("Object", name)
    return error
