"""REVOKE: privileges, the grant option, future privileges."""

from __future__ import annotations

from dataclasses import replace

from cortex_resources.emulator.access import chains, privileges, refusals
from cortex_resources.emulator.access.grants import ACCOUNT, Grant
from cortex_resources.emulator.access.privileges import OWNERSHIP
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Entity
from cortex_resources.emulator.errors import insufficient
from cortex_resources.emulator.outcome import Effect, Outcome, status
from cortex_resources.emulator.statements import inheritance, memberships, objects, targets
from cortex_resources.emulator.statements.targets import Target


def run(call: Call) -> Outcome:
    """REVOKE … succeeds also when there was nothing to revoke."""
    reader = call.reader
    reader.expect("REVOKE")
    if reader.accept("INHERITED"):
        return inheritance.revoke(call)
    if kind := memberships.kind(reader):
        return memberships.revoke(call, kind)
    only_option = reader.accept("GRANT", "OPTION", "FOR")
    wanted = targets.read_privileges(reader)
    target = targets.read_target(call, reader)
    reader.expect("FROM")
    grantee = objects.role(call, reader)
    cascade = reader.accept_any("CASCADE", "RESTRICT") == "CASCADE"
    reader.end()
    if wanted == [OWNERSHIP] and not target.future:
        raise refusals.only_transferred()
    chosen = targets.checked(call, target.kind, wanted)
    if OWNERSHIP not in chosen:
        targets.check_shared(call, target, chosen, "REVOKE")
    skipped = 0
    for privilege in map(privileges.effective, chosen):
        if target.future and target.container is not None:
            _future(call, target, privilege, grantee, only_option=only_option)
            continue
        skipped += _one(call, target, privilege, grantee, only_option=only_option, cascade=cascade)
    if skipped:
        raise refusals.skipped(skipped)
    return status(target.done, Effect.DESTROY)


def _one(
    call: Call, target: Target, privilege: str, grantee: Entity, *, only_option: bool, cascade: bool
) -> int:
    """Take one privilege back; how many grants stay because others depend on them."""
    skipped = 0
    for target_id in target.ids:
        _check(call, target_id, privilege)
        for grant in _matching(call, target_id, privilege, grantee):
            if not cascade and _groundless(call, grant, only_option=only_option):
                skipped += 1
                continue
            _take(call, grant, only_option=only_option)
    return skipped


def _future(
    call: Call, target: Target, privilege: str, grantee: Entity, *, only_option: bool
) -> None:
    container = target.container
    assert container is not None  # noqa: S101 - a future target has one
    if not call.authority.may_grant_ahead(container):
        raise insufficient(container.kind.value.lower(), container.name)
    waiting = call.account.future_grants
    for grant in waiting.on(container.id):
        key = (grant.privilege, grant.to, grant.future)
        if key != (privilege, grantee.id, target.kind.value):
            continue
        if only_option:
            waiting.replace(replace(grant, option=False))
        else:
            waiting.remove(grant)


def _check(call: Call, target_id: str, privilege: str) -> None:
    if target_id == ACCOUNT:
        if not call.authority.may_grant_on_account(privilege):
            raise insufficient("account", call.account.locator)
        return
    entity = call.catalog.by_id(target_id)
    if not call.authority.may_grant(entity, privilege):
        raise insufficient(entity.kind.value.lower(), entity.name)


def _matching(call: Call, target_id: str, privilege: str, grantee: Entity) -> list[Grant]:
    """What this role may take back: everything as owner or manager, else what it gave itself."""
    entity = call.catalog.get(target_id)
    authority = call.authority
    everything = (
        authority.manages_grants
        if entity is None
        else authority.manages(entity) or authority.owns(entity) or _owns_schema(call, entity)
    )
    return [
        grant
        for grant in call.account.grants.held(target_id, frozenset({grantee.id}))
        if grant.privilege == privilege
        and grant.by is not None
        and (everything or grant.by in call.authority.roles)
    ]


def _owns_schema(call: Call, entity: Entity) -> bool:
    schema = call.authority.managed_schema(entity)
    return schema is not None and call.authority.owns(schema)


def _groundless(call: Call, grant: Grant, *, only_option: bool) -> list[Grant]:
    """What was passed on and falls with this grant."""
    if only_option and not grant.option:
        return []
    entity = call.catalog.get(grant.on)
    grants = call.account.grants.on(grant.on)
    owner = entity.owner if entity is not None else None
    return chains.groundless(grants, grant, owner, only_option=only_option)


def _take(call: Call, grant: Grant, *, only_option: bool) -> None:
    """Take a grant, or its option, away with all that falls with it."""
    grants = call.account.grants
    fallen = _groundless(call, grant, only_option=only_option)
    if not only_option:
        grants.remove(grant)
    elif grant.option:
        grants.replace(replace(grant, option=False))
    for other in fallen:
        grants.remove(other)
