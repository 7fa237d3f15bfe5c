"""Takes an entity away with everything in it and everything granted on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cortex_resources.emulator.entities import Database, Dataset, Entity, Kind, Model, Schema, Table

if TYPE_CHECKING:
    from cortex_resources.emulator.account import Account


def remove(account: Account, entity: Entity) -> None:
    """Drop one entity, its contents first."""
    for kind in _contents(entity):
        for child in account.catalog.children(entity.id, kind):
            remove(account, child)
    if isinstance(entity, Table):
        account.store.connection.execute(f"DROP TABLE IF EXISTS {entity.relation}")
    if isinstance(entity, Dataset):
        for snapshot in entity.snapshots:
            account.store.connection.execute(f"DROP TABLE IF EXISTS {snapshot.relation}")
    if isinstance(entity, Model):
        account.fine_tuning.forget_model(entity)
    account.grants.forget(entity.id)
    account.future_grants.forget(entity.id)
    account.inherited_grants.forget(entity.id)
    account.catalog.remove(entity)


def _contents(entity: Entity) -> tuple[Kind, ...]:
    if isinstance(entity, Database):
        return (Kind.SCHEMA, Kind.DATABASE_ROLE)
    if isinstance(entity, Schema):
        return (Kind.TABLE, Kind.VIEW, Kind.MODEL, Kind.DATASET)
    return ()
