"""REVOKE: privileges, the grant option, roles, future privileges."""

from __future__ import annotations

from dataclasses import replace

from cortex_resources.emulator.access.grants import ACCOUNT, Grant
from cortex_resources.emulator.access.privileges import OWNERSHIP
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Entity, Kind
from cortex_resources.emulator.errors import SnowflakeError, insufficient, unsupported
from cortex_resources.emulator.outcome import Effect, Outcome, status
from cortex_resources.emulator.statements import objects, targets
from cortex_resources.emulator.statements.grant import DONE
from cortex_resources.emulator.statements.targets import Target


def run(call: Call) -> Outcome:
    """REVOKE … succeeds also when there was nothing to revoke."""
    reader = call.reader
    reader.expect("REVOKE")
    if reader.at("INHERITED"):
        raise unsupported("REVOKE INHERITED")
    if kind := reader.accept_any("DATABASE ROLE", "ROLE"):
        return _role(call, Kind(kind))
    only_option = reader.accept("GRANT", "OPTION", "FOR")
    wanted = targets.read_privileges(reader)
    target = targets.read_target(call, reader)
    reader.expect("FROM")
    grantee = objects.role(call, reader)
    cascade = reader.accept_any("CASCADE", "RESTRICT") == "CASCADE"
    reader.end()
    if wanted == [OWNERSHIP] and not target.future:
        raise unsupported("REVOKE OWNERSHIP; ownership moves with GRANT OWNERSHIP")
    for privilege in targets.checked(target.kind, wanted):
        _one(call, target, privilege, grantee, only_option=only_option, cascade=cascade)
    return status(DONE, Effect.DESTROY)


def _one(
    call: Call, target: Target, privilege: str, grantee: Entity, *, only_option: bool, cascade: bool
) -> None:
    if target.future and target.container is not None:
        _future(call, target, privilege, grantee)
        return
    for target_id in target.ids:
        _check(call, target_id, privilege)
        for grant in _matching(call, target_id, privilege, grantee):
            _take(call, grant, only_option=only_option, cascade=cascade)


def _future(call: Call, target: Target, privilege: str, grantee: Entity) -> None:
    container = target.container
    assert container is not None  # noqa: S101 - a future target has one
    managed = getattr(container, "managed_access", False) and call.authority.owns(container)
    if not (call.authority.manages_grants or managed):
        raise insufficient(container.kind.value.lower(), container.name)
    for grant in call.account.future_grants.on(container.id):
        key = (grant.privilege, grant.to, grant.future)
        if key == (privilege, grantee.id, target.kind.value):
            call.account.future_grants.remove(grant)


def _check(call: Call, target_id: str, privilege: str) -> None:
    if target_id == ACCOUNT:
        if not (call.authority.manages_grants or call.authority.has_option(ACCOUNT, privilege)):
            raise insufficient("account", "LOCAL")
        return
    entity = call.catalog.by_id(target_id)
    if not call.authority.may_grant(entity, privilege):
        raise insufficient(entity.kind.value.lower(), entity.name)


def _matching(call: Call, target_id: str, privilege: str, grantee: Entity) -> list[Grant]:
    """What this role may take back: everything as owner or manager, else what it gave itself."""
    entity = call.catalog.get(target_id)
    everything = call.authority.manages_grants or (
        entity is not None and (call.authority.owns(entity) or _owns_schema(call, entity))
    )
    return [
        grant
        for grant in call.account.grants.held(target_id, frozenset({grantee.id}))
        if grant.privilege == privilege
        and grant.by is not None
        and (everything or grant.by in call.authority.roles)
    ]


def _owns_schema(call: Call, entity: Entity) -> bool:
    return any(
        getattr(parent, "managed_access", False) and call.authority.owns(parent)
        for parent in call.catalog.parents(entity)
    )


def _take(call: Call, grant: Grant, *, only_option: bool, cascade: bool) -> None:
    grants = call.account.grants
    if only_option:
        if not grant.option:
            return
        grants.replace(replace(grant, option=False))
    else:
        grants.remove(grant)
    still = any(
        other.option and other.privilege == grant.privilege
        for other in grants.held(grant.on, frozenset({grant.to}))
    )
    entity = call.catalog.get(grant.on)
    if still or (entity is not None and entity.owner == grant.to):
        return
    for dependent in [g for g in grants.on(grant.on) if _depends(g, grant)]:
        if not cascade:
            raise SnowflakeError(
                3037,
                "42501",
                "SQL execution error: Dependent grant of privilege"
                f" '{grant.privilege}' exists. Use CASCADE to revoke it too.",
            )
        _take(call, dependent, only_option=False, cascade=True)


def _depends(grant: Grant, on: Grant) -> bool:
    return grant.by == on.to and grant.privilege == on.privilege and grant.key != on.key


def _role(call: Call, kind: Kind) -> Outcome:
    reader = call.reader
    path = call.path(kind, reader.path())
    role = call.catalog.find(kind, path)
    if role is None:
        raise call.authority.missing(kind, path)
    reader.expect("FROM")
    grantee = objects.role(call, reader)
    reader.end()
    if not (call.authority.owns(role) or call.authority.manages_grants):
        raise insufficient(role.kind.value.lower(), role.name)
    for grant in call.account.grants.to(grantee.id):
        if grant.on == role.id and grant.by is not None:
            call.account.grants.remove(grant)
    return status(DONE, Effect.DESTROY)
