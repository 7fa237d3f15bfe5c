"""GRANT: privileges, roles, ownership, future privileges."""

from __future__ import annotations

from dataclasses import replace

from cortex_resources.emulator.access.grants import Grant
from cortex_resources.emulator.access.privileges import OWNERSHIP, USAGE
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Entity, Kind
from cortex_resources.emulator.errors import SnowflakeError, insufficient, unsupported
from cortex_resources.emulator.outcome import Outcome, status
from cortex_resources.emulator.statements import objects, targets
from cortex_resources.emulator.statements.targets import Target

DONE = "Statement executed successfully."


def run(call: Call) -> Outcome:
    """GRANT …"""
    reader = call.reader
    reader.expect("GRANT")
    if reader.at("INHERITED"):
        raise unsupported("GRANT INHERITED")
    if kind := reader.accept_any("DATABASE ROLE", "ROLE"):
        return _role(call, Kind(kind))
    wanted = targets.read_privileges(reader)
    target = targets.read_target(call, reader)
    reader.expect("TO")
    grantee = objects.role(call, reader)
    if wanted == [OWNERSHIP]:
        return _ownership(call, target, grantee)
    option = reader.accept("WITH", "GRANT", "OPTION")
    reader.end()
    _check_grantee(call, target, grantee)
    for privilege in targets.checked(target.kind, wanted):
        _one(call, target, privilege, grantee, option=option)
    return status(DONE)


def _one(call: Call, target: Target, privilege: str, grantee: Entity, *, option: bool) -> None:
    if target.future and target.container is not None:
        _check_future(call, target.container)
        waiting = Grant(
            privilege, target.container.id, grantee.id, option, call.authority.primary, call.now,
            target.kind.value,
        )  # fmt: skip
        call.account.future_grants.put(waiting)
        return
    if target.kind is Kind.ACCOUNT:
        if not (call.authority.manages_grants or call.authority.has_option("ACCOUNT", privilege)):
            raise insufficient("account", "LOCAL")
        by = call.authority.primary
        call.account.grants.put(Grant(privilege, "ACCOUNT", grantee.id, option, by, call.now))
    for entity in target.entities:
        if not call.authority.may_grant(entity, privilege):
            raise insufficient(entity.kind.value.lower(), entity.name)
        by = grantor(call, entity, privilege)
        call.account.grants.put(Grant(privilege, entity.id, grantee.id, option, by, call.now))


def grantor(call: Call, entity: Entity, privilege: str) -> str | None:
    """The role in whose name a privilege is granted: the owner, else the holder of the option."""
    authority = call.authority
    if authority.owns(entity) or not authority.has_option(entity.id, privilege):
        # MANAGE GRANTS grants in the owner's name.
        return entity.owner or authority.primary
    held = authority.grants.held(entity.id, authority.roles)
    holders = sorted(g.to for g in held if g.option and g.privilege == privilege)
    return authority.primary if authority.primary in holders else holders[0]


def _check_future(call: Call, container: Entity) -> None:
    managed = getattr(container, "managed_access", False) and call.authority.owns(container)
    if not (call.authority.manages_grants or managed):
        raise insufficient(container.kind.value.lower(), container.name)


def _check_grantee(call: Call, target: Target, grantee: Entity) -> None:
    """A database role holds privileges only inside its own database."""
    if grantee.kind is not Kind.DATABASE_ROLE:
        return
    tops = [
        (call.catalog.parents(entity) or [entity])[-1]
        for entity in (*target.entities, *([target.container] if target.container else []))
    ]
    outside = any(top.id != grantee.parent for top in tops)
    if outside or target.kind in (Kind.ACCOUNT, Kind.WAREHOUSE, Kind.ROLE, Kind.USER):
        raise SnowflakeError(
            3078,
            "42501",
            "SQL compilation error:\nA database role can be granted privileges only on its own"
            " database and the objects in it.",
        )


def _role(call: Call, kind: Kind) -> Outcome:
    reader = call.reader
    path = call.path(kind, reader.path())
    role = call.catalog.find(kind, path)
    if role is None:
        raise call.authority.missing(kind, path)
    reader.expect("TO")
    grantee = objects.role(call, reader)
    reader.end()
    _check_role_grant(call, role, grantee)
    if not any(grant.on == role.id for grant in call.account.grants.to(grantee.id)):
        by = call.authority.primary
        call.account.grants.put(Grant(USAGE, role.id, grantee.id, by=by, created_on=call.now))
    return status(DONE)


def _check_role_grant(call: Call, role: Entity, grantee: Entity) -> None:
    if not (call.authority.owns(role) or call.authority.manages_grants):
        raise insufficient(role.kind.value.lower(), role.name)
    if role.kind is Kind.DATABASE_ROLE:
        if grantee.kind is Kind.USER:
            raise unsupported("granting a database role to a user")
        if grantee.kind is Kind.DATABASE_ROLE and grantee.parent != role.parent:
            raise SnowflakeError(
                3078,
                "42501",
                "SQL compilation error:\nA database role can be granted only to database roles"
                " of its own database.",
            )
    below = call.account.closure((role.id,)) if grantee.kind is not Kind.USER else frozenset()
    if grantee.id in below - call.account.closure(()) or grantee.id == role.id:
        raise SnowflakeError(
            3054,
            "42501",
            f"SQL compilation error:\nRole '{role.name}' cannot be granted to '{grantee.name}':"
            " the roles would form a cycle.",
        )


def _ownership(call: Call, target: Target, grantee: Entity) -> Outcome:
    reader = call.reader
    current = reader.accept_any("REVOKE", "COPY")
    if current:
        reader.expect("CURRENT", "GRANTS")
    reader.end()
    if target.future and target.container is not None:
        _check_future(call, target.container)
        by = call.authority.primary
        call.account.future_grants.put(
            Grant(
                OWNERSHIP, target.container.id, grantee.id, False, by, call.now, target.kind.value
            )
        )
        return status(DONE)
    for entity in target.entities:
        _give(call, entity, grantee, current)
    return status(DONE)


def _give(call: Call, entity: Entity, grantee: Entity, current: str | None) -> None:
    if not (call.authority.owns(entity) or call.authority.manages_grants):
        raise insufficient(entity.kind.value.lower(), entity.name)
    outbound = [grant for grant in call.account.grants.on(entity.id) if grant.by is not None]
    if outbound and current is None and entity.owner != grantee.id:
        raise SnowflakeError(
            3036,
            "42501",
            "SQL execution error: Dependent grant of privilege"
            f" '{outbound[0].privilege}' on securable '{call.catalog.qualified(entity)}' exists."
            " It must be revoked first. More than one dependent grant may exist:"
            " use 'SHOW GRANTS' command to view them. To revoke all dependent grants while"
            " transferring object ownership, use convenience command 'GRANT OWNERSHIP ON"
            " <target_objects> TO <target_role> REVOKE CURRENT GRANTS'.",
        )
    for grant in outbound:
        call.account.grants.remove(grant)
        if current == "COPY":
            by = grantee.id if grant.by == entity.owner else grant.by
            call.account.grants.put(replace(grant, by=by))
    call.catalog.update(replace(call.catalog.by_id(entity.id), owner=grantee.id))
