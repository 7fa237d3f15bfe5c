"""What every CREATE has in common: its form, the right to create, the name that may be taken."""

from __future__ import annotations

from dataclasses import dataclass

from cortex_resources.emulator.access import future, refusals
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Entity, Kind
from cortex_resources.emulator.errors import already_exists
from cortex_resources.emulator.outcome import Outcome, status


@dataclass(frozen=True, slots=True)
class Form:
    """The words around the noun of a CREATE."""

    or_replace: bool = False
    if_not_exists: bool = False
    transient: bool = False
    secure: bool = False


def place(
    call: Call, kind: Kind, path: tuple[str, ...], privilege: str, form: Form
) -> Entity | None:
    """Check that an entity may be created there; the one that has the name already, if any.

    The right to create is asked first, also of IF NOT EXISTS. An existing entity is an error
    unless the form says IF NOT EXISTS or OR REPLACE; replacing needs its ownership.
    """
    call.require_creation(privilege, call.container(kind, path))
    existing = call.catalog.find_in_namespace(kind, path)
    if existing is not None and not call.authority.sees(existing):
        raise refusals.exists_unseen(existing.kind.title, existing.name)
    if existing is not None and form.if_not_exists:
        return existing
    if existing is not None and not form.or_replace:
        raise already_exists(call.catalog.qualified(existing))
    if existing is not None:
        if existing.kind is not kind:
            raise already_exists(call.catalog.qualified(existing))
        call.authority.require_ownership(existing)
    return existing


def finish(call: Call, entity: Entity) -> Outcome:
    """Store a new entity, apply future grants, and say so."""
    call.catalog.add(entity)
    future.apply(call.account, entity, call.now)
    return created(entity)


def created(entity: Entity) -> Outcome:
    """What a CREATE answers."""
    return status(f"{entity.kind.title} {entity.name} successfully created.")


def exists_already(entity: Entity) -> Outcome:
    """What IF NOT EXISTS answers when there is something."""
    return status(f"{entity.name} already exists, statement succeeded.")
