"""DROP and UNDROP: one form for every kind."""

from __future__ import annotations

from cortex_resources.emulator.access import ownership, refusals
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import ROLES, Entity, Kind, Role
from cortex_resources.emulator.errors import (
    SnowflakeError,
    already_exists,
    insufficient,
    unsupported,
)
from cortex_resources.emulator.outcome import Effect, Outcome, status
from cortex_resources.emulator.statements import dropping, objects

# Of a view the page does not tell it; dbt sends it, and Snowflake takes it.
_CASCADING = (Kind.DATABASE, Kind.SCHEMA, Kind.TABLE, Kind.VIEW)


def run(call: Call) -> Outcome:
    """DROP kind [IF EXISTS] name [CASCADE | RESTRICT]."""
    reader = call.reader
    reader.expect("DROP")
    kind = objects.kind(reader)
    if_exists = reader.if_exists()
    parts = objects.path(reader, kind)
    if kind in _CASCADING:
        reader.accept_any("CASCADE", "RESTRICT")
    reader.end()
    entity = objects.found_if(call, kind, parts, if_exists=if_exists)
    if entity is None:
        return status(
            f"Drop statement executed successfully ({_told(kind, parts)} already dropped).",
            Effect.READ,
        )
    _check(call, entity)
    path = call.catalog.path(entity)
    if entity.kind in ROLES:
        ownership.bequeath(call.account, entity, call.authority.primary)
    dropping.drop(call.account, entity, call.now)
    _leave(call, kind, path)
    return status(f"{entity.name} successfully dropped.", Effect.DESTROY)


def _told(kind: Kind, parts: tuple[str, ...]) -> str:
    """The name in the reply; that of a function without the types of its arguments."""
    return parts[-1].rpartition("(")[0] if kind is Kind.FUNCTION else parts[-1]


def _check(call: Call, entity: Entity) -> None:
    if isinstance(entity, Role) and entity.name in ownership.SYSTEM_ROLES:
        raise insufficient("role", entity.name)
    if entity.kind is Kind.ROLE and entity.id == call.authority.primary:
        raise refusals.current_role(entity.name)
    call.authority.require_ownership(entity)
    if entity.kind is Kind.USER and entity.name == call.session.user:
        raise insufficient("user", entity.name)


def _leave(call: Call, kind: Kind, path: tuple[str, ...]) -> None:
    """The session is no longer in what is gone."""
    session = call.session
    if kind is Kind.DATABASE and session.database == path[0]:
        session.database = session.schema = None
    if kind is Kind.SCHEMA and (session.database, session.schema) == path:
        session.schema = None
    if kind is Kind.WAREHOUSE and session.warehouse == path[0]:
        session.warehouse = None


def undrop(call: Call) -> Outcome:
    """UNDROP {DATABASE | SCHEMA | TABLE | TAG} name: the last one dropped under that name."""
    reader = call.reader
    reader.expect("UNDROP")
    kind = objects.kind(reader)
    if kind not in dropping.UNDROPPABLE:
        raise unsupported(f"UNDROP {kind.value}")
    path = call.path(kind, reader.path())
    reader.end()
    container = call.container(kind, path)
    dropped = call.account.retained.latest(kind, container.id if container else None, path[-1])
    if dropped is None or dropped.entity.owner not in call.authority.roles:
        raise SnowflakeError(
            2003,
            "42S02" if kind is Kind.TABLE else "02000",
            f"SQL compilation error:\n{kind.title} '{path[-1]}' did not exist or was purged.",
        )
    if container is None:
        call.authority.require_account(f"CREATE {kind.value}")
    elif not call.authority.has(container, f"CREATE {kind.value}"):
        raise insufficient(container.kind.value.lower(), container.name)
    taken = call.catalog.find_in_namespace(kind, path, temporary=False)
    if taken is not None:
        raise already_exists(call.catalog.qualified(taken))
    dropping.restore(call.account, dropped)
    return status(f"{kind.title} {path[-1]} successfully restored.")
