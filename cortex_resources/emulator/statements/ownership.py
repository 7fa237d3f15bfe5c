"""GRANT OWNERSHIP: each object has exactly one owner, and what it granted is decided with it."""

from __future__ import annotations

from dataclasses import replace

from cortex_resources.emulator import names
from cortex_resources.emulator.access import refusals
from cortex_resources.emulator.access.grants import Grant
from cortex_resources.emulator.access.ownership import SYSTEM_ROLES
from cortex_resources.emulator.access.privileges import OWNERSHIP
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Entity, Kind
from cortex_resources.emulator.errors import insufficient, unsupported
from cortex_resources.emulator.outcome import Effect, Outcome, status
from cortex_resources.emulator.statements.targets import Target, check_shared


def grant(call: Call, target: Target, grantee: Entity) -> Outcome:
    """… TO ROLE r [{REVOKE | COPY} CURRENT GRANTS], from the grantee on."""
    reader = call.reader
    current = reader.accept_any("REVOKE", "COPY")
    if current:
        reader.expect("CURRENT", "GRANTS")
    reader.end()
    if grantee.kind is Kind.USER:
        raise unsupported("OWNERSHIP to a user")
    if target.kind is Kind.ACCOUNT:
        raise refusals.invalid_privilege(OWNERSHIP, "account")
    check_shared(call, target, [OWNERSHIP], "GRANT")
    _check_database(call, target, grantee)
    if target.future and target.container is not None:
        _ahead(call, target.kind, target.container, grantee)
    for entity in target.entities:
        _give(call, entity, grantee, current)
    return status(target.done, Effect.DESTROY if current == "REVOKE" else Effect.CHANGE)


def _check_database(call: Call, target: Target, grantee: Entity) -> None:
    """A database role owns nothing outside its database, and not the database itself."""
    if grantee.kind is not Kind.DATABASE_ROLE:
        return
    for place in target.places:
        parents = call.catalog.parents(place)
        top = parents[-1] if parents else place
        given_away = place.kind is Kind.DATABASE and place in target.entities
        if top.id != grantee.parent or given_away:
            raise refusals.outside_database("can own only objects in its own database")


def _ahead(call: Call, kind: Kind, container: Entity, grantee: Entity) -> None:
    if not call.authority.may_grant_ahead(container):
        raise insufficient(container.kind.value.lower(), container.name)
    for other in call.account.future_grants.on(container.id):
        if (other.privilege, other.future) == (OWNERSHIP, kind.value) and other.to != grantee.id:
            raise refusals.future_owner(kind.value, call.catalog.by_id(other.to).name)
    by = call.authority.primary
    call.account.future_grants.put(
        Grant(OWNERSHIP, container.id, grantee.id, False, by, call.now, kind.value)
    )


def _give(call: Call, entity: Entity, grantee: Entity, current: str | None) -> None:
    _check(call, entity, grantee)
    if entity.owner == grantee.id:
        return
    outbound = [grant for grant in call.account.grants.on(entity.id) if grant.by is not None]
    if outbound and current is None:
        first = outbound[0]
        raise refusals.dependent_grant(
            first.privilege, call.catalog.qualified(entity), _grantee(call, first)
        )
    for held in outbound:
        call.account.grants.remove(held)
        if current == "COPY":
            by = grantee.id if held.by == entity.owner else held.by
            call.account.grants.put(replace(held, by=by))
    call.catalog.update(replace(call.catalog.by_id(entity.id), owner=grantee.id))


def _grantee(call: Call, grant: Grant) -> str:
    return names.quoted(call.catalog.by_id(grant.to).name)


def _check(call: Call, entity: Entity, grantee: Entity) -> None:
    """Its owner may give it away, in a managed-access schema only the owner of that schema.

    There the new owner must be a role below the owner of the schema, or that role itself.
    """
    if entity.kind is Kind.ROLE and entity.name in SYSTEM_ROLES:
        raise refusals.system_role(entity.name, "GRANT")
    if not call.authority.may_grant(entity, OWNERSHIP):
        raise insufficient(entity.kind.value.lower(), entity.name)
    schema = call.authority.managed_schema(entity)
    if schema is not None and schema.owner is not None:
        below = call.account.rights(schema.owner, (schema.owner,)).roles
        if grantee.id not in below:
            raise refusals.beyond_schema_owner()
