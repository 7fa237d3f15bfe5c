"""What a set of active roles may see and do."""

from __future__ import annotations

from collections.abc import Iterator

from cortex_resources.emulator import names
from cortex_resources.emulator.access import privileges, rules
from cortex_resources.emulator.access.grants import ACCOUNT, Grant, Grants
from cortex_resources.emulator.access.privileges import MANAGE_GRANTS, OWNERSHIP, USAGE
from cortex_resources.emulator.catalog import Catalog
from cortex_resources.emulator.entities import IN_SCHEMA, ROLES, Entity, Kind, Schema
from cortex_resources.emulator.errors import (
    SnowflakeError,
    insufficient,
    missing_container,
    missing_object,
)


def closure(catalog: Catalog, grants: Grants, start: tuple[str, ...]) -> frozenset[str]:
    """These roles, PUBLIC, and every role that is granted to one of them, all the way down.

    A user among them brings its own roles, and counts itself as the holder of its privileges.
    """
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
        self,
        catalog: Catalog,
        grants: Grants,
        inherited: Grants,
        primary: str | None,
        roles: frozenset[str],
    ) -> None:
        self.catalog = catalog
        self.grants = grants
        self.inherited = inherited
        self.primary = primary
        self.roles = roles

    def owns(self, entity: Entity) -> bool:
        """Whether an active role owns it."""
        return entity.owner is not None and entity.owner in self.roles

    def held(self, entity: Entity) -> Iterator[Grant]:
        """The grants on an entity that count for these roles: its own, and those it inherits."""
        yield from self.grants.held(entity.id, self.roles)
        if self.inherited.empty:
            return
        for container in (*(p.id for p in self.catalog.parents(entity)), ACCOUNT):
            for grant in self.inherited.held(container, self.roles):
                if grant.future == entity.kind.value:
                    yield grant

    def has(self, entity: Entity, *wanted: str) -> bool:
        """Whether one of these privileges, or ownership, is held."""
        if self.owns(entity):
            return True
        if any(grant.privilege in wanted for grant in self.held(entity)):
            return True
        everywhere = rules.everywhere(entity.kind, wanted)
        return everywhere is not None and self.has_on_account(everywhere)

    def may(self, statement: str, entity: Entity) -> bool:
        """Whether a statement of `rules` is allowed on an entity."""
        return self.has(entity, *rules.enough(statement, entity.kind))

    def has_on_account(self, privilege: str) -> bool:
        """Whether an account privilege is held."""
        return any(g.privilege == privilege for g in self.grants.held(ACCOUNT, self.roles))

    def holds_any(self, entity: Entity) -> bool:
        """Whether anything at all is held on it."""
        if self.owns(entity) or any(True for _ in self.held(entity)):
            return True
        everywhere = rules.stands_in(entity.kind)
        return everywhere is not None and self.has_on_account(everywhere)

    @property
    def manages_grants(self) -> bool:
        """Whether MANAGE GRANTS is held on the account."""
        return self.has_on_account(MANAGE_GRANTS)

    def manages(self, entity: Entity) -> bool:
        """Whether MANAGE GRANTS is held on the account, on the entity or on a container of it."""
        return self.manages_grants or any(
            grant.privilege == MANAGE_GRANTS
            for place in (entity, *self.catalog.parents(entity))
            for grant in self.grants.held(place.id, self.roles)
        )

    def reaches(self, entity: Entity) -> bool:
        """Whether USAGE is held on every container of it."""
        return all(self.has(parent, USAGE) for parent in self.catalog.parents(entity))

    def sees(self, entity: Entity) -> bool:
        """Whether the entity exists for these roles; a temporary table only in its session."""
        if getattr(entity, "session", None) not in (None, self.catalog.session):
            return False
        if self.manages(entity):
            return True
        if entity.kind in ROLES and entity.id in self.roles:
            return True
        if entity.kind is Kind.USER and entity.id in self.roles:
            return True
        if entity.kind is Kind.DATABASE_ROLE and self.reaches(entity):
            return True
        return self.holds_any(entity) and self.reaches(entity)

    def governs(self, entity: Entity) -> bool:
        """Whether GRANT and REVOKE find the entity: it is seen, or lies in an owned managed schema.

        Who owns a managed-access schema grants on what others made there without having a
        privilege on it.
        """
        schema = self.managed_schema(entity)
        return self.sees(entity) or (
            schema is not None and self.owns(schema) and self.reaches(entity)
        )

    def require_account(self, privilege: str) -> None:
        """Fail with 3001 unless an account privilege is held."""
        if not self.has_on_account(privilege):
            raise insufficient("account", "LOCAL")

    def permit(self, statement: str, entity: Entity) -> None:
        """Fail unless `rules` allow a statement on an entity, and the entity is reached.

        What cannot be seen looks missing (2003); what can be seen is refused (3001).
        """
        wanted = rules.enough(statement, entity.kind)
        if wanted:
            self.require(entity, *wanted)
        else:
            self.require_ownership(entity)

    def require(self, entity: Entity, *wanted: str) -> None:
        """Fail unless one of these privileges, or ownership, is held and the entity is reached."""
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
                return missing_container(container.title, names.qualified(path[:depth]))
        return _missing(kind, path)

    def unusable(self, container: Entity) -> SnowflakeError:
        """The error for something inside a container that may be seen, but not used."""
        return missing_container(container.kind.title, self.catalog.qualified(container))

    def resolve(self, kind: Kind, path: tuple[str, ...]) -> Entity:
        """The entity of a kind at a full path, if these roles can see it; error 2003."""
        found = self.catalog.find(kind, path)
        if found is None or not self.sees(found):
            raise self.missing(kind, path)
        return found

    def may_grant(self, entity: Entity, privilege: str) -> bool:
        """Whether these roles may pass a privilege on an entity to others.

        In a managed-access schema neither the owner of an object nor a holder of the grant
        option may: only the owner of the schema, or MANAGE GRANTS (CREATE SCHEMA). MANAGE GRANTS
        itself on a container is not its owner's to give, but needs the option above it.
        """
        if privilege == MANAGE_GRANTS:
            places = (entity.id, *(p.id for p in self.catalog.parents(entity)), ACCOUNT)
            return any(self.has_option(place, privilege) for place in places)
        if self.manages(entity):
            return True
        schema = self.managed_schema(entity)
        if schema is not None:
            return self.owns(schema)
        if self.owns(entity):
            return True
        return privilege != OWNERSHIP and self.has_option(entity.id, privilege)

    def may_grant_on_account(self, privilege: str) -> bool:
        """Whether these roles may grant an account privilege; one is ACCOUNTADMIN's alone."""
        if privilege == "USE AI FUNCTIONS":
            admin = self.catalog.role("ACCOUNTADMIN")
            return admin is not None and admin.id in self.roles
        return self.manages_grants or self.has_option(ACCOUNT, privilege)

    def may_grant_ahead(self, container: Entity) -> bool:
        """Whether these roles may make future grants in a container."""
        managed = isinstance(container, Schema) and container.managed_access
        return self.manages(container) or (managed and self.owns(container))

    def managed_schema(self, entity: Entity) -> Schema | None:
        """The managed-access schema around an entity, if its schema is one."""
        for parent in self.catalog.parents(entity):
            if isinstance(parent, Schema) and parent.managed_access:
                return parent
        return None

    def has_option(self, target: str, privilege: str) -> bool:
        """Whether a privilege is held with the grant option."""
        kept = privileges.effective(privilege)
        held = self.grants.held(target, self.roles)
        return any(grant.option and grant.privilege == kept for grant in held)


def _missing(kind: Kind, path: tuple[str, ...]) -> SnowflakeError:
    if kind is Kind.FUNCTION:  # called by its name alone, without the types of its arguments
        path = (*path[:-1], path[-1].rpartition("(")[0] or path[-1])
    make = missing_object if kind in IN_SCHEMA - {Kind.FUNCTION} else missing_container
    return make(kind.title, names.qualified(path))
