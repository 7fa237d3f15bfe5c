"""GRANT INHERITED and REVOKE INHERITED: one grant on a container for all objects of a kind in it.

Sources: *Managing access with inherited grants*, *Using inherited grants*.
"""

from __future__ import annotations

from typing import Final

from cortex_resources.emulator.access import refusals
from cortex_resources.emulator.access.grants import ACCOUNT, Grant
from cortex_resources.emulator.access.privileges import OWNERSHIP
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import IN_DATABASE, IN_SCHEMA, Entity, Kind
from cortex_resources.emulator.errors import insufficient, unsupported
from cortex_resources.emulator.outcome import Effect, Outcome, status
from cortex_resources.emulator.statements import objects, targets

_DONE: Final = "Statement executed successfully."


def grant(call: Call) -> Outcome:
    """GRANT INHERITED p [, …] ON ALL types IN {ACCOUNT | DATABASE d | SCHEMA s} TO …"""
    chosen, kind, container = _read(call, "TO")
    grantee = objects.role(call, call.reader)
    call.reader.end()
    if grantee.kind is Kind.USER:
        raise unsupported("inherited grants to a user")
    targets.check_grantee(
        call, kind if container else Kind.ACCOUNT, [container] if container else [], grantee
    )
    for privilege in chosen:
        made = Grant(
            privilege, container.id if container else ACCOUNT, grantee.id, False,
            call.authority.primary, call.now, kind.value,
        )  # fmt: skip
        call.account.inherited_grants.put(made)
    return status(_DONE)


def revoke(call: Call) -> Outcome:
    """REVOKE INHERITED p [, …] ON ALL types IN … FROM …"""
    chosen, kind, container = _read(call, "FROM")
    grantee = objects.role(call, call.reader)
    call.reader.end()
    grants = call.account.inherited_grants
    for held in grants.on(container.id if container else ACCOUNT):
        if held.to == grantee.id and held.future == kind.value and held.privilege in chosen:
            grants.remove(held)
    return status(_DONE, Effect.DESTROY)


def _read(call: Call, word: str) -> tuple[list[str], Kind, Entity | None]:
    """Privileges, kind and container (None: the account) up to TO or FROM, with the right to.

    To own the container is not enough: MANAGE GRANTS is needed.
    """
    if not call.account.settings.inherited_grants:
        raise unsupported(f"inherited grants, unless {targets.OPT_IN}")
    reader = call.reader
    wanted = targets.read_privileges(reader)
    if wanted is None:
        raise unsupported("GRANT INHERITED ALL PRIVILEGES")
    reader.expect("ON", "ALL")
    kind = objects.plural(reader)
    reader.expect("IN")
    container = None if reader.accept("ACCOUNT") else objects.container(call, reader)
    reader.expect(word)
    chosen = targets.checked(call, kind, wanted)
    if OWNERSHIP in chosen:
        raise refusals.only_transferred()
    if container is not None and not _holds(container, kind):
        raise unsupported(f"inherited grants on {kind.plural} in a {container.kind.value.lower()}")
    authority = call.authority
    if not (authority.manages(container) if container else authority.manages_grants):
        raise insufficient(
            container.kind.value.lower() if container else "account",
            container.name if container else call.account.locator,
        )
    return chosen, kind, container


def _holds(container: Entity, kind: Kind) -> bool:
    inside = IN_SCHEMA | (IN_DATABASE if container.kind is Kind.DATABASE else frozenset())
    return kind in inside
