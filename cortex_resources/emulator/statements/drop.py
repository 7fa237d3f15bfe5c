"""DROP: one form for every kind."""

from __future__ import annotations

from cortex_resources.emulator.access import ownership
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.catalog import is_relation
from cortex_resources.emulator.entities import ROLES, Entity, Kind, Role
from cortex_resources.emulator.errors import SnowflakeError, insufficient, unsupported, wrong_kind
from cortex_resources.emulator.outcome import Effect, Outcome, status
from cortex_resources.emulator.statements import dropping, objects


def run(call: Call) -> Outcome:
    """DROP kind [IF EXISTS] name [CASCADE | RESTRICT]."""
    reader = call.reader
    reader.expect("DROP")
    kind = objects.kind(reader)
    if_exists = reader.if_exists()
    path = call.path(kind, reader.path())
    reader.accept_any("CASCADE", "RESTRICT")
    reader.end()
    try:
        entity = _find(call, kind, path)
    except SnowflakeError as error:
        if if_exists and error.errno == 2003:
            return status(
                "Drop statement executed successfully"
                f" ({path[-1]} already dropped, or does not exist).",
                Effect.READ,
            )
        raise
    _check(call, entity)
    if entity.kind in ROLES:
        ownership.bequeath(call.account, entity, call.authority.primary)
    dropping.remove(call.account, entity)
    _leave(call, kind, path)
    return status(f"{entity.name} successfully dropped.", Effect.DESTROY)


def _find(call: Call, kind: Kind, path: tuple[str, ...]) -> Entity:
    other = call.catalog.find_in_namespace(kind, path)
    if other is not None and other.kind is not kind and is_relation(other):  # noqa: SIM102
        if call.authority.sees(other):
            raise wrong_kind(kind.value, other.kind.value)
    return call.authority.resolve(kind, path)


def _check(call: Call, entity: Entity) -> None:
    if isinstance(entity, Role) and entity.name in ownership.SYSTEM_ROLES:
        raise insufficient("role", entity.name)
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
    """UNDROP is refused: what is dropped here is gone."""
    raise unsupported(" ".join(token.value for token in call.reader.tokens[:2]))
