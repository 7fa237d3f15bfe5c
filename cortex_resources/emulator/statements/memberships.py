"""GRANT and REVOKE of roles and database roles: who has which role."""

from __future__ import annotations

from cortex_resources.emulator.access import refusals
from cortex_resources.emulator.access.grants import Grant
from cortex_resources.emulator.access.privileges import USAGE
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Entity, Kind
from cortex_resources.emulator.errors import insufficient, unsupported
from cortex_resources.emulator.outcome import Effect, Outcome, status
from cortex_resources.emulator.reader import Reader
from cortex_resources.emulator.statements import objects

DONE = "Statement executed successfully."


def kind(reader: Reader) -> Kind | None:
    """The kind of role that a GRANT or REVOKE is about, if it is about one."""
    if reader.at("APPLICATION", "ROLE"):
        raise unsupported("application roles")
    found = reader.accept_any("DATABASE ROLE", "ROLE")
    return Kind(found) if found else None


def grant(call: Call, of: Kind) -> Outcome:
    """GRANT [DATABASE] ROLE r [, …] TO [ROLE] g | DATABASE ROLE g | USER g."""
    roles = _roles(call, of)
    call.reader.expect("TO")
    grantee = objects.role(call, call.reader)
    call.reader.end()
    for role in roles:
        _check(call, role, grantee)
        if not any(held.on == role.id for held in call.account.grants.to(grantee.id)):
            by = call.authority.primary
            call.account.grants.put(Grant(USAGE, role.id, grantee.id, by=by, created_on=call.now))
    return status(DONE)


def revoke(call: Call, of: Kind) -> Outcome:
    """REVOKE [DATABASE] ROLE r [, …] FROM …; what the system granted between roles stays."""
    roles = _roles(call, of)
    call.reader.expect("FROM")
    grantee = objects.role(call, call.reader)
    call.reader.end()
    for role in roles:
        _check_right(call, role)
        for held in call.account.grants.to(grantee.id):
            if held.on != role.id:
                continue
            if held.by is None and grantee.kind is not Kind.USER:
                raise refusals.system_role(role.name, "REVOKE")
            call.account.grants.remove(held)
    return status(DONE, Effect.DESTROY)


def _roles(call: Call, of: Kind) -> list[Entity]:
    found: list[Entity] = []
    while True:
        path = call.path(of, call.reader.path())
        role = call.catalog.find(of, path)
        if role is None:
            raise call.authority.missing(of, path)
        found.append(role)
        if not call.reader.accept(","):
            return found


def _check_right(call: Call, role: Entity) -> None:
    if not (call.authority.owns(role) or call.authority.manages(role)):
        raise insufficient(role.kind.value.lower(), role.name)


def _check(call: Call, role: Entity, grantee: Entity) -> None:
    _check_right(call, role)
    if role.kind is Kind.DATABASE_ROLE:
        if grantee.kind is Kind.USER:
            raise unsupported("granting a database role to a user")
        if grantee.kind is Kind.DATABASE_ROLE and grantee.parent != role.parent:
            raise refusals.outside_database(
                "can be granted only to account roles and to database roles of its own database"
            )
    elif grantee.kind is Kind.DATABASE_ROLE:
        raise refusals.outside_database("cannot be granted an account role")
    below = call.account.closure((role.id,)) if grantee.kind is not Kind.USER else frozenset()
    if grantee.id in below - call.account.closure(()) or grantee.id == role.id:
        raise refusals.cycle(role.name, grantee.name)
