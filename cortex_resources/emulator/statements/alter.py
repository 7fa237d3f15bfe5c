"""ALTER: what all kinds share, and the table of those with forms of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from cortex_resources.emulator.access import rules
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import (
    IN_SCHEMA,
    Database,
    Entity,
    Function,
    Kind,
    Schema,
    User,
)
from cortex_resources.emulator.errors import insufficient, unsupported
from cortex_resources.emulator.outcome import Outcome, status
from cortex_resources.emulator.statements import (
    access_tokens,
    account,
    datasets,
    functions,
    models,
    objects,
    properties,
    schemas,
    session,
    table_columns,
    tagging,
    tags,
    users,
    views,
    warehouses,
)

_DONE: Final = "Statement executed successfully."
# The forms that only one kind has; each tells whether the statement was one of them.
_SPECIAL: Final[dict[Kind, Callable[[Call, Entity], bool]]] = {
    Kind.SCHEMA: schemas.alter,
    Kind.TABLE: table_columns.alter,
    Kind.VIEW: views.alter,
    Kind.MODEL: models.alter,
    Kind.DATASET: datasets.alter,
    Kind.FUNCTION: functions.alter,
    Kind.WAREHOUSE: warehouses.alter,
    Kind.TAG: tags.alter,
}
_SWAPPED: Final = frozenset({Kind.DATABASE, Kind.SCHEMA, Kind.TABLE})


def run(call: Call) -> Outcome:
    """ALTER …"""
    reader = call.reader
    reader.expect("ALTER")
    if reader.accept("SESSION"):
        return session.alter(call)
    if reader.accept("ACCOUNT"):
        return account.alter(call)
    kind = objects.kind(reader)
    if_exists = reader.if_exists()
    entity = objects.found_if(call, kind, _name(call, kind), if_exists=if_exists)
    if entity is None:
        return status(_DONE)
    _check(call, entity)
    if isinstance(entity, User) and access_tokens.begins(reader):
        return access_tokens.run(call, entity)
    special = _SPECIAL.get(kind)
    if special is None or not special(call, entity):
        _common(call, entity)
    return status(_DONE)


def _name(call: Call, kind: Kind) -> tuple[str, ...]:
    """The name, which ALTER WAREHOUSE and ALTER USER may leave out for the current one."""
    reader, session_now = call.reader, call.session
    if kind is Kind.WAREHOUSE and (reader.at("SUSPEND") or reader.at("RESUME")):
        if session_now.warehouse is None:
            raise reader.unexpected()
        return (session_now.warehouse,)
    if kind is Kind.USER and (reader.at("SET") or access_tokens.begins(reader)):
        return (session_now.user,)
    return objects.path(reader, kind)


def _check(call: Call, entity: Entity) -> None:
    reader = call.reader
    if entity.kind is Kind.USER and entity.name == call.session.user and not reader.at("RENAME"):
        return
    tagged = reader.at("SET", "TAG") or reader.at("UNSET", "TAG")
    if not (tagged and call.authority.has_on_account("APPLY TAG")):
        call.authority.permit(_statement(call, tagged=tagged), entity)


def _statement(call: Call, *, tagged: bool) -> str:
    """Which of the statements that `rules` know this ALTER is."""
    reader = call.reader
    if reader.at("SUSPEND") or reader.at("RESUME") or reader.at("ABORT"):
        return rules.OPERATE
    return rules.SET if not tagged and (reader.at("SET") or reader.at("UNSET")) else rules.OWN


def _common(call: Call, entity: Entity) -> None:
    """RENAME TO, SWAP WITH, SET and UNSET of tags and properties."""
    reader = call.reader
    if reader.accept("RENAME", "TO"):
        path = call.path(entity.kind, _new_name(call, entity))
        reader.end()
        _rename(call, entity, path)
    elif entity.kind in _SWAPPED and reader.accept("SWAP", "WITH"):
        _swap(call, entity)
    elif (verb := reader.accept_any("SET", "UNSET")) and reader.token is not None:
        _update(call, _changed(call, entity, verb))
    elif reader.token is None:
        raise reader.unexpected()
    else:
        raise unsupported(f"ALTER {entity.kind.value} … {reader.token.value}")


def _update(call: Call, changed: Entity) -> None:
    if isinstance(changed, User):
        users.check(changed.user_type, changed.password)
    call.catalog.update(changed)


def _changed(call: Call, entity: Entity, verb: str) -> Entity:
    """The entity once its tags or properties are set or unset."""
    reader = call.reader
    if not reader.accept("TAG"):
        read = properties.read(call, entity.kind) if verb == "SET" else None
        fields = properties.unset(reader, entity.kind) if read is None else read
        return replace(entity, **fields)
    if verb == "SET":
        tags_after = tagging.merged(entity.tags, tagging.assigned(call))
    else:
        tags_after = tagging.without(entity.tags, tagging.named(call))
    reader.end()
    return replace(entity, tags=tags_after)


def _new_name(call: Call, entity: Entity) -> tuple[str, ...]:
    """The name after RENAME TO; one without a place stays where the entity is, for a role."""
    parts = call.reader.path()
    if entity.kind is Kind.DATABASE_ROLE and len(parts) == 1:
        return (call.catalog.path(entity)[0], *parts)
    return parts


def _swap(call: Call, entity: Entity) -> None:
    """SWAP WITH: names change places, and with them all that hangs on an object."""
    other = objects.found(call, entity.kind, call.reader.path())
    call.reader.end()
    call.authority.require_ownership(other)
    call.catalog.swap(entity, other)


def _rename(call: Call, entity: Entity, path: tuple[str, ...]) -> None:
    container = call.container(entity.kind, path)
    if container is not None and container.id != entity.parent:
        _check_move(call, entity, container)
    if isinstance(entity, Function):
        functions.check_overloads(call, replace(entity, name=path[-1]), container)
    before = call.catalog.path(entity)
    call.catalog.rename(entity, path[-1], container.id if container else None)
    session_now = call.session
    if isinstance(entity, Database) and session_now.database == before[0]:
        session_now.database = path[0]
    if isinstance(entity, Schema) and (session_now.database, session_now.schema) == before:
        session_now.database, session_now.schema = path
    if entity.kind in (Kind.ROLE, Kind.USER):
        call.account.sessions.renamed(entity.kind, before[-1], path[-1])


def _check_move(call: Call, entity: Entity, container: Entity) -> None:
    """Moving needs the right to create there; into managed access, the schema's ownership."""
    if entity.kind not in IN_SCHEMA | {Kind.SCHEMA}:
        raise unsupported(f"moving a {entity.kind.value.lower()} into another database")
    managed = isinstance(container, Schema) and container.managed_access
    call.require_creation(f"CREATE {entity.kind.value}", container)
    if managed and not call.authority.owns(container):
        raise insufficient(container.kind.value.lower(), container.name)
