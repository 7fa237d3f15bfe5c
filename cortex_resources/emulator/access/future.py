"""Future grants: what a new object gets the moment it exists."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cortex_resources.emulator.access.grants import Grant
from cortex_resources.emulator.access.privileges import OWNERSHIP
from cortex_resources.emulator.entities import Entity

if TYPE_CHECKING:
    from cortex_resources.emulator.account import Account


def apply(account: Account, entity: Entity, now: float) -> None:
    """Turn the future grants that wait for this kind into grants on the new entity.

    Those of the schema hide those of the database for the same kind.
    """
    for container in account.catalog.parents(entity):
        waiting = [
            grant
            for grant in account.future_grants.on(container.id)
            if grant.future == entity.kind.value
        ]
        if not waiting:
            continue
        for grant in waiting:
            _apply(account, entity, grant, now)
        return


def _apply(account: Account, entity: Entity, waiting: Grant, now: float) -> None:
    if waiting.privilege == OWNERSHIP:
        current = account.catalog.by_id(entity.id)
        account.catalog.update(replace(current, owner=waiting.to))
        return
    account.grants.put(replace(waiting, on=entity.id, future="", created_on=now))
