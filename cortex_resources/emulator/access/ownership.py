"""Ownership that changes hands without a GRANT OWNERSHIP, and ownership that never does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cortex_resources.emulator.access import chains
from cortex_resources.emulator.entities import Entity

if TYPE_CHECKING:
    from cortex_resources.emulator.account import Account

# The system owns them: nobody drops, renames or gives them away.
SYSTEM_ROLES: Final = ("ACCOUNTADMIN", "SECURITYADMIN", "USERADMIN", "SYSADMIN", "PUBLIC")


def bequeath(account: Account, role: Entity, heir: str | None) -> None:
    """What a dropped role owned goes to the role that drops it (DROP ROLE); so do its jobs.

    What it granted is revoked, with what others passed on from there. When a role replaces
    itself, what it owned goes to the role that owned it.
    """
    if heir == role.id:
        heir = role.owner
    _take_back(account, role.id, heir)
    for entity in account.catalog.owned_by(role.id):
        account.catalog.update(replace(entity, owner=heir))
    for job in account.fine_tuning.jobs.all():
        if job.role == role.id:
            account.fine_tuning.jobs.put(replace(job, role=heir or ""))


def _take_back(account: Account, role: str, heir: str | None) -> None:
    """Revoke the current and future grants that name a role as their grantor (DROP ROLE)."""
    for held in (account.future_grants, account.inherited_grants):
        for grant in [grant for grant in held.all() if grant.by == role]:
            held.remove(grant)
    grants = account.grants
    for grant in [grant for grant in grants.all() if grant.by == role]:
        entity = account.catalog.get(grant.on)
        owner = entity.owner if entity is not None else None
        for fallen in chains.groundless(
            grants.on(grant.on), grant, heir if owner == role else owner, only_option=False
        ):
            grants.remove(fallen)
        grants.remove(grant)
