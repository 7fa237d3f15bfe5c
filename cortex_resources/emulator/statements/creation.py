"""What every CREATE has in common: its form, the right to create, the name that may be taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cortex_resources.emulator.access import future, ownership, refusals
from cortex_resources.emulator.access.privileges import OWNERSHIP, USAGE
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import CLASSES, ROLES, Entity, Kind
from cortex_resources.emulator.outcome import Outcome, status
from cortex_resources.emulator.statements import dropping


@dataclass(frozen=True, slots=True)
class Form:
    """The words around the noun of a CREATE."""

    or_replace: bool = False
    if_not_exists: bool = False
    transient: bool = False
    secure: bool = False
    temporary: bool = False
    recursive: bool = False
    or_alter: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entity is about to be created, and what has its name already.

    `stands` is true when IF NOT EXISTS found something: nothing is to be created then.
    """

    call: Call
    kind: Kind
    path: tuple[str, ...]
    container: Entity | None
    existing: Entity | None
    stands: bool

    def new_id(self) -> str:
        """An id for the new entity, for those who need it before `fill`."""
        return self.call.catalog.new_id(self.kind)

    def fill(self, fields: Mapping[str, Any], *, copy_grants: bool = False) -> Entity:
        """Put the new entity there: the one before it is dropped, future grants apply.

        With COPY GRANTS the grants of the one before stay instead; ownership does not
        ("CREATE VIEW", COPY GRANTS).
        """
        call = self.call
        kept = None
        if self.existing is not None:
            if copy_grants:
                kept = call.account.grants.on(self.existing.id)
            if self.kind in ROLES:
                ownership.bequeath(call.account, self.existing, call.authority.primary)
            dropping.drop(call.account, self.existing, call.now)
        common = {
            "id": fields.get("id") or self.new_id(),
            "name": self.path[-1],
            "parent": self.container.id if self.container else None,
            "owner": call.authority.primary,
            "created_on": call.now,
        }
        entity = CLASSES[self.kind](**{**fields, **common})
        call.catalog.add(entity)
        if kept is None:
            future.apply(call.account, entity, call.now)
        else:
            for grant in kept:
                if grant.privilege != OWNERSHIP:
                    call.account.grants.put(replace(grant, on=entity.id))
        return entity

    def finish(self, fields: Mapping[str, Any], *, copy_grants: bool = False) -> Outcome:
        """Create the entity, or leave the one that stands there, and say so."""
        if self.stands:
            return self.told()
        return created(self.fill(fields, copy_grants=copy_grants))

    def told(self) -> Outcome:
        """What IF NOT EXISTS answers when there is something."""
        return status(f"{self.path[-1]} already exists, statement succeeded.")


def claim(call: Call, kind: Kind, path: tuple[str, ...], form: Form) -> Place:
    """Check that an entity may be created there.

    The right to create is asked first, also of IF NOT EXISTS; a temporary table needs only
    USAGE ("CREATE TABLE"), a temporary view what any view needs. A taken name is an error unless
    the form says IF NOT EXISTS or OR REPLACE; replacing needs the ownership of what is replaced,
    and that it is of the same kind.
    """
    container = call.container(kind, path)
    if not form.temporary or kind is not Kind.TABLE:
        call.require_creation(f"CREATE {kind.value}", container)
    elif container is not None and not call.authority.has(container, USAGE):
        raise call.authority.unusable(container)
    temporary = form.temporary if kind in (Kind.TABLE, Kind.VIEW) else None
    existing = call.catalog.find_in_namespace(kind, path, temporary=temporary)
    if existing is not None and not call.authority.sees(existing):
        raise refusals.exists_unseen(existing.kind.title, existing.name)
    if existing is not None and form.if_not_exists:
        return Place(call, kind, path, container, existing, stands=True)
    if existing is not None:
        if not (form.or_replace or form.or_alter) or existing.kind is not kind:
            raise call.catalog.conflict(existing)
        call.authority.require_ownership(existing)
    return Place(call, kind, path, container, existing, stands=False)


def created(entity: Entity) -> Outcome:
    """What a CREATE answers."""
    return status(f"{entity.kind.title} {entity.name} successfully created.")
