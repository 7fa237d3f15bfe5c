"""GRANT: privileges on objects and the account, future privileges."""

from __future__ import annotations

from cortex_resources.emulator.access import privileges, refusals
from cortex_resources.emulator.access.grants import ACCOUNT, Grant
from cortex_resources.emulator.access.privileges import OWNERSHIP
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Entity, Kind
from cortex_resources.emulator.errors import SnowflakeError, insufficient, unsupported
from cortex_resources.emulator.outcome import Outcome, status
from cortex_resources.emulator.statements import (
    inheritance,
    memberships,
    objects,
    ownership,
    targets,
)
from cortex_resources.emulator.statements.targets import Target


def run(call: Call) -> Outcome:
    """GRANT …"""
    reader = call.reader
    reader.expect("GRANT")
    if reader.accept("INHERITED"):
        return inheritance.grant(call)
    if kind := memberships.kind(reader):
        return memberships.grant(call, kind)
    wanted = targets.read_privileges(reader)
    target = targets.read_target(call, reader)
    reader.expect("TO")
    grantee = objects.role(call, reader)
    if wanted == [OWNERSHIP]:
        return ownership.grant(call, target, grantee)
    option = reader.accept("WITH", "GRANT", "OPTION")
    reader.end()
    chosen = targets.checked(call, target.kind, wanted)
    if OWNERSHIP in chosen:
        raise unsupported("OWNERSHIP beside other privileges")
    targets.check_shared(call, target, chosen, "GRANT")
    targets.check_grantee(call, target.kind, target.places, grantee)
    _check_user(grantee, chosen, option=option)
    _check_rights(call, target, chosen)
    for privilege in map(privileges.effective, chosen):
        _put(call, target, privilege, grantee, option=option)
    return status(target.done)


def _check_user(grantee: Entity, chosen: list[str], *, option: bool) -> None:
    """What a user itself cannot hold with effect is refused, not kept."""
    if grantee.kind is not Kind.USER:
        return
    if option:
        raise unsupported("WITH GRANT OPTION to a user")
    if any(privilege.startswith("CREATE ") for privilege in chosen):
        raise unsupported("CREATE privileges to a user: only the primary role counts for CREATE")


def _check_rights(call: Call, target: Target, chosen: list[str]) -> None:
    """All privileges may be passed on, or none is: 3001 when none may, 3011 when some may not."""
    refused = {privilege for privilege in chosen if _refused(call, target, privilege)}
    if not refused:
        return
    if refused != set(chosen):
        raise refusals.partial(refused)
    raise _insufficient(call, target, chosen[0])


def _refused(call: Call, target: Target, privilege: str) -> bool:
    authority = call.authority
    if target.kind is Kind.ACCOUNT:
        return not authority.may_grant_on_account(privilege)
    if target.future and target.container is not None:
        return not authority.may_grant_ahead(target.container)
    return not all(authority.may_grant(entity, privilege) for entity in target.entities)


def _insufficient(call: Call, target: Target, privilege: str) -> SnowflakeError:
    if target.kind is Kind.ACCOUNT:
        return insufficient("account", call.account.locator)
    found = (e for e in target.entities if not call.authority.may_grant(e, privilege))
    named = target.container if target.future else next(found, None)
    assert named is not None  # noqa: S101 - a refused target has something that is refused
    return insufficient(named.kind.value.lower(), named.name)


def _put(call: Call, target: Target, privilege: str, grantee: Entity, *, option: bool) -> None:
    if target.future and target.container is not None:
        waiting = Grant(
            privilege, target.container.id, grantee.id, option, call.authority.primary, call.now,
            target.kind.value,
        )  # fmt: skip
        call.account.future_grants.put(waiting)
        return
    if target.kind is Kind.ACCOUNT:
        by = call.authority.primary
        call.account.grants.put(Grant(privilege, ACCOUNT, grantee.id, option, by, call.now))
    for entity in target.entities:
        by = grantor(call, entity, privilege)
        call.account.grants.put(Grant(privilege, entity.id, grantee.id, option, by, call.now))


def grantor(call: Call, entity: Entity, privilege: str) -> str | None:
    """The role in whose name a privilege is granted: the owner, else the holder of the option.

    MANAGE GRANTS grants in the owner's name (GRANT <privileges>, usage notes).
    """
    authority = call.authority
    if authority.owns(entity) or not authority.has_option(entity.id, privilege):
        return entity.owner or authority.primary
    held = authority.grants.held(entity.id, authority.roles)
    holders = sorted(g.to for g in held if g.option and g.privilege == privilege)
    return authority.primary if authority.primary in holders else holders[0]
