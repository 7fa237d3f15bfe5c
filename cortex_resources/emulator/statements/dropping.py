"""Takes an entity away with everything in it and everything granted on it, and brings it back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from cortex_resources.emulator.access.grants import Grants
from cortex_resources.emulator.entities import (
    IN_SCHEMA,
    Database,
    Dataset,
    Entity,
    Kind,
    Model,
    Schema,
    Table,
)
from cortex_resources.emulator.retained import DAY, Dropped

if TYPE_CHECKING:
    from cortex_resources.emulator.account import Account

# "UNDROP <object>": of the kinds here, these come back.
UNDROPPABLE: Final = frozenset({Kind.DATABASE, Kind.SCHEMA, Kind.TABLE, Kind.TAG})


def drop(account: Account, entity: Entity, now: float) -> None:
    """Drop an entity; for its retention time it is kept for UNDROP."""
    days = account.catalog.retention_days(entity) if entity.kind in UNDROPPABLE else 0
    if not days or getattr(entity, "session", None) is not None:
        remove(account, entity)
        return
    parts = tuple(contents(account, entity))
    grants = tuple(
        tuple(
            {g.key: g for e in (entity, *parts) for g in (*held.on(e.id), *held.to(e.id))}.values()
        )
        for held in kept_grants(account)
    )
    for one in (*reversed(parts), entity):
        _take_out(account, one)
    account.retained.keep(Dropped(entity, parts, grants, now, now + days * DAY))


def kept_grants(account: Account) -> tuple[Grants, ...]:
    """The sets of grants that name entities."""
    return account.grants, account.future_grants, account.inherited_grants


def remove(account: Account, entity: Entity) -> None:
    """Drop an entity for good, its contents first."""
    parts = tuple(contents(account, entity))
    for one in (*reversed(parts), entity):
        _take_out(account, one)
    _destroy(account, (entity, *parts))


def restore(account: Account, dropped: Dropped) -> None:
    """Bring a dropped entity back with what was in it and what was granted on it."""
    for one in (dropped.entity, *dropped.parts):
        account.catalog.add(one)
    for held, grants in zip(kept_grants(account), dropped.grants, strict=True):
        for grant in grants:
            if account.catalog.get(grant.on) and account.catalog.get(grant.to):
                held.put(grant)
    account.retained.release(dropped)


def purge(account: Account, dropped: Dropped) -> None:
    """Give up what was kept long enough."""
    account.retained.release(dropped)
    _destroy(account, (dropped.entity, *dropped.parts))


def contents(account: Account, entity: Entity) -> Iterator[Entity]:
    """Everything in an entity, containers before what they contain."""
    for kind in _kinds_in(entity):
        for child in account.catalog.children(entity.id, kind):
            yield child
            yield from contents(account, child)


def _take_out(account: Account, entity: Entity) -> None:
    for held in kept_grants(account):
        held.forget(entity.id)
    account.catalog.remove(entity)


def _destroy(account: Account, entities: tuple[Entity, ...]) -> None:
    """Free what entities held outside the catalog, and what was dropped out of them before."""
    for entity in entities:
        if isinstance(entity, Table):
            account.store.writing().execute(f"DROP TABLE IF EXISTS {entity.relation}")
            for column in filter(lambda column: column.sequence, entity.columns):
                account.store.writing().execute(f"DROP SEQUENCE IF EXISTS {column.sequence}")
        if isinstance(entity, Dataset):
            for snapshot in entity.snapshots:
                account.store.writing().execute(f"DROP TABLE IF EXISTS {snapshot.relation}")
        if isinstance(entity, Model):
            account.fine_tuning.forget_model(entity)
    for earlier in account.retained.inside(frozenset(entity.id for entity in entities)):
        purge(account, earlier)


def _kinds_in(entity: Entity) -> tuple[Kind, ...]:
    if isinstance(entity, Database):
        return (Kind.SCHEMA, Kind.DATABASE_ROLE)
    if isinstance(entity, Schema):
        return tuple(kind for kind in Kind if kind in IN_SCHEMA)
    return ()
