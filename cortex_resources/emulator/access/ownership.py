"""Ownership that changes hands without a GRANT OWNERSHIP, and ownership that never does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cortex_resources.emulator.entities import Entity

if TYPE_CHECKING:
    from cortex_resources.emulator.account import Account

# The system owns them: nobody drops, renames or gives them away.
SYSTEM_ROLES: Final = ("ACCOUNTADMIN", "SECURITYADMIN", "USERADMIN", "SYSADMIN", "PUBLIC")


def bequeath(account: Account, role: Entity, heir: str | None) -> None:
    """What a dropped role owned goes to the role that drops it (DROP ROLE); so do its jobs.

    When a role drops itself, what it owned goes to the role that owned it.
    """
    if heir == role.id:
        heir = role.owner
    for entity in account.catalog.owned_by(role.id):
        account.catalog.update(replace(entity, owner=heir))
    for job in account.fine_tuning.jobs.all():
        if job.role == role.id:
            account.fine_tuning.jobs.put(replace(job, role=heir or ""))
