"""What a set of active roles may see and do."""

from __future__ import annotations

from cortex_resources.emulator.access import privileges
from cortex_resources.emulator.access.grants import ACCOUNT, Grants
from cortex_resources.emulator.access.privileges import OWNERSHIP, USAGE
from cortex_resources.emulator.catalog import Catalog
from cortex_resources.emulator.entities import IN_SCHEMA, ROLES, Entity, Kind
from cortex_resources.emulator.errors import (
    SnowflakeError,
    insufficient,
    missing_container,
    missing_object,
)


def closure(catalog: Catalog, grants: Grants, start: tuple[str, ...]) -> frozenset[str]:
    """These roles, PUBLIC, and every role that is granted to one of them, all the way down."""
    public = catalog.role("PUBLIC")
    waiting = [*start, *([public.id] if public else [])]
    found: set[str] = set()
    while waiting:
        role = waiting.pop()
        if role in found:
            continue
        found.add(role)
        waiting.extend(grants.roles_of(role))
    return frozenset(found)


class Authority:
    """The rights of a closed set of roles; `primary` owns what is created."""

    def __init__(
        self, catalog: Catalog, grants: Grants, primary: str | None, roles: frozenset[str]
    ) -> None:
        self.catalog = catalog
        self.grants = grants
        self.primary = primary
        self.roles = roles

    def owns(self, entity: Entity) -> bool:
        """Whether an active role owns it."""
        return entity.owner is not None and entity.owner in self.roles

    def has(self, entity: Entity, *wanted: str) -> bool:
        """Whether one of these privileges, or ownership, is held."""
        if self.owns(entity):
            return True
        return any(grant.privilege in wanted for grant in self.grants.held(entity.id, self.roles))

    def has_on_account(self, privilege: str) -> bool:
        """Whether an account privilege is held."""
        return any(g.privilege == privilege for g in self.grants.held(ACCOUNT, self.roles))

    def holds_any(self, entity: Entity) -> bool:
        """Whether anything at all is held on it."""
        return self.owns(entity) or any(True for _ in self.grants.held(entity.id, self.roles))

    @property
    def manages_grants(self) -> bool:
        """Whether MANAGE GRANTS is held."""
        return self.has_on_account("MANAGE GRANTS")

    def reaches(self, entity: Entity) -> bool:
        """Whether USAGE is held on every container of it."""
        return all(self.has(parent, USAGE) for parent in self.catalog.parents(entity))

    def sees(self, entity: Entity) -> bool:
        """Whether the entity exists for these roles."""
        if self.manages_grants:
            return True
        if entity.kind in ROLES and entity.id in self.roles:
            return True
        if entity.kind is Kind.DATABASE_ROLE and self.reaches(entity):
            return True
        return self.holds_any(entity) and self.reaches(entity)

    def require_account(self, privilege: str) -> None:
        """Fail with 3001 unless an account privilege is held."""
        if not self.has_on_account(privilege):
            raise SnowflakeError(
                3001,
                "42501",
                "SQL access control error:\nInsufficient privileges to operate on account 'LOCAL'",
            )

    def require(self, entity: Entity, *wanted: str) -> None:
        """Fail unless one of these privileges, or ownership, is held and the entity is reached.

        What cannot be seen looks missing (2003); what can be seen is refused (3001).
        """
        if not self.sees(entity) or (entity.kind in IN_SCHEMA and not self.reaches(entity)):
            raise self.missing(entity.kind, self.catalog.path(entity))
        if not self.has(entity, *wanted):
            raise insufficient(entity.kind.value.lower(), entity.name)

    def require_ownership(self, entity: Entity) -> None:
        """Fail unless the entity is owned; MANAGE GRANTS does not stand in for it."""
        if not self.sees(entity):
            raise self.missing(entity.kind, self.catalog.path(entity))
        if not self.owns(entity):
            raise insufficient(entity.kind.value.lower(), entity.name)

    def missing(self, kind: Kind, path: tuple[str, ...]) -> SnowflakeError:
        """The error for a path that leads nowhere these roles can see."""
        for depth, container in ((1, Kind.DATABASE), (2, Kind.SCHEMA)):
            if depth >= len(path):
                break
            found = self.catalog.find(container, path[:depth])
            if found is None or not self.sees(found):
                return missing_container(container.title, _dotted(path[:depth]))
        return _missing(kind, path)

    def resolve(self, kind: Kind, path: tuple[str, ...]) -> Entity:
        """The entity of a kind at a full path, if these roles can see it; error 2003."""
        found = self.catalog.find(kind, path)
        if found is None or not self.sees(found):
            raise self.missing(kind, path)
        return found

    def may_grant(self, entity: Entity, privilege: str) -> bool:
        """Whether these roles may pass a privilege on an entity to others."""
        if self.manages_grants:
            return True
        schema = next((p for p in self.catalog.parents(entity) if p.kind is Kind.SCHEMA), None)
        if schema is not None and getattr(schema, "managed_access", False):
            return self.owns(schema)
        if self.owns(entity):
            return True
        return privilege != OWNERSHIP and self.has_option(entity.id, privilege)

    def has_option(self, target: str, privilege: str) -> bool:
        """Whether a privilege is held with the grant option."""
        kept = privileges.effective(privilege)
        held = self.grants.held(target, self.roles)
        return any(grant.option and grant.privilege == kept for grant in held)


def _dotted(path: tuple[str, ...]) -> str:
    return ".".join(path)


def _missing(kind: Kind, path: tuple[str, ...]) -> SnowflakeError:
    make = missing_object if kind in IN_SCHEMA else missing_container
    return make(kind.title, _dotted(path))
