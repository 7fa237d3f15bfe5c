"""One statement being executed: where it runs, for whom, and how its names are completed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cortex_resources.emulator.access.authority import Authority
from cortex_resources.emulator.access.privileges import USAGE
from cortex_resources.emulator.entities import IN_DATABASE, IN_SCHEMA, Entity, Kind
from cortex_resources.emulator.errors import SnowflakeError, insufficient, no_current
from cortex_resources.emulator.outcome import Effect
from cortex_resources.emulator.reader import Reader

if TYPE_CHECKING:
    import duckdb

    from cortex_resources.emulator.account import Account
    from cortex_resources.emulator.catalog import Catalog
    from cortex_resources.emulator.sessions import Session
    from cortex_resources.emulator.units import Unit


@dataclass(slots=False)
class Call:
    """The account, the session and the text of one statement."""

    account: Account
    session: Session
    sql: str
    query_id: str
    unit: Unit
    bindings: Mapping[str, tuple[str, Any]] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    describe_only: bool = False
    effect: Effect | None = None  # set by what happens inside a SELECT
    key: str = ""  # of its request, under which a repeat finds what was done

    @cached_property
    def reader(self) -> Reader:
        """The statement's tokens."""
        return Reader(self.sql, self.session.variables, self.bindings)

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """Where the statement reads and writes rows."""
        return self.unit.connection

    @property
    def catalog(self) -> Catalog:
        """What exists."""
        return self.account.catalog

    @property
    def authority(self) -> Authority:
        """The rights of the session's active roles."""
        return self.account.authority(self.session)

    @property
    def maker(self) -> Authority:
        """The rights of the primary role alone: only they count for CREATE."""
        role = self.account.primary_role(self.session)
        return self.account.rights(role.id, (role.id,))

    def require_creation(self, privilege: str, container: Entity | None) -> None:
        """Fail unless a CREATE privilege is held on a container; None is the account.

        Only the primary role counts for it (USE SECONDARY ROLES), and USAGE on the container
        comes beside it. The owner of a container may create everything in it.
        """
        if container is None:
            self.maker.require_account(privilege)
            return
        if not (self.authority.has(container, USAGE) and self.authority.reaches(container)):
            raise self.authority.unusable(container)
        if not self.maker.has(container, privilege):
            raise insufficient(container.kind.value.lower(), container.name)

    @property
    def now(self) -> float:
        """The account's time in seconds."""
        return self.account.clock.seconds()

    @property
    def query_tag(self) -> str:
        """The tag of this statement, else that of the session."""
        return str(self.parameters.get("QUERY_TAG", self.session.query_tag))

    def path(self, kind: Kind, parts: tuple[str, ...]) -> tuple[str, ...]:
        """A full path, completed from the session's database and schema."""
        depth = 3 if kind in IN_SCHEMA else 2 if kind in IN_DATABASE else 1
        if len(parts) > depth:
            raise SnowflakeError(
                1003,
                "42000",
                f"SQL compilation error:\nsyntax error: '{'.'.join(parts)}' has too many parts"
                f" for a {kind.value.lower()}.",
            )
        place = (self.session.database, self.session.schema)[: depth - len(parts)]
        if place and place[0] is None:
            raise no_current("database", 90105)
        if place and place[-1] is None:
            raise no_current("schema", 90106)
        return (*(str(name) for name in place), *parts)

    def resolve(self, kind: Kind, parts: tuple[str, ...]) -> Entity:
        """The visible entity of a name as it was written; oneself is always seen."""
        if kind is Kind.USER and parts == (self.session.user,):
            found = self.catalog.find(kind, parts)
            if found is not None:
                return found
        return self.authority.resolve(kind, self.path(kind, parts))

    def container(self, kind: Kind, path: tuple[str, ...]) -> Entity | None:
        """The visible container that a full path of this kind lies in."""
        if kind in IN_SCHEMA:
            return self.authority.resolve(Kind.SCHEMA, path[:2])
        if kind in IN_DATABASE:
            return self.authority.resolve(Kind.DATABASE, path[:1])
        return None
