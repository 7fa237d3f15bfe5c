"""ALTER: what all kinds share, and the forms of one kind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from cortex_resources.emulator.access import rules
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import (
    IN_SCHEMA,
    Database,
    Dataset,
    Entity,
    Kind,
    Model,
    Schema,
    Table,
    User,
    View,
    Warehouse,
)
from cortex_resources.emulator.errors import SnowflakeError, insufficient, unsupported
from cortex_resources.emulator.outcome import Outcome, status
from cortex_resources.emulator.statements import (
    access_tokens,
    account,
    datasets,
    models,
    objects,
    properties,
    session,
    tables,
    users,
)

_DONE: Final = "Statement executed successfully."


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
    of_self = kind is Kind.USER and access_tokens.begins(reader)
    parts = (call.session.user,) if of_self else reader.path()
    try:
        entity = call.resolve(kind, parts)
    except SnowflakeError as error:
        if if_exists and error.errno == 2003:
            return status(_DONE)
        raise
    _check(call, entity)
    if isinstance(entity, User) and access_tokens.begins(reader):
        return access_tokens.run(call, entity)
    if not _special(call, entity):
        _common(call, entity)
    return status(_DONE)


def _check(call: Call, entity: Entity) -> None:
    if isinstance(entity, User) and entity.name == call.session.user:
        return
    call.authority.permit(_statement(call), entity)


def _statement(call: Call) -> str:
    """Which of the statements that `rules` know this ALTER is."""
    reader = call.reader
    if reader.at("SUSPEND") or reader.at("RESUME"):
        return rules.OPERATE
    return rules.SET if reader.at("SET") or reader.at("UNSET") else rules.OWN


def _special(call: Call, entity: Entity) -> bool:
    """The forms that only this kind has; whether the statement was one."""
    if isinstance(entity, Schema):
        return _schema(call, entity)
    if isinstance(entity, Table):
        return tables.alter_columns(call, entity)
    if isinstance(entity, View):
        return _view(call, entity)
    if isinstance(entity, Model):
        return models.alter(call, entity)
    if isinstance(entity, Dataset):
        return datasets.alter(call, entity)
    return isinstance(entity, Warehouse) and _warehouse(call, entity)


def _schema(call: Call, schema: Schema) -> bool:
    word = call.reader.accept_any("ENABLE", "DISABLE")
    if word is None:
        return False
    call.reader.expect("MANAGED", "ACCESS")
    call.reader.end()
    call.authority.require_ownership(schema)
    call.catalog.update(replace(schema, managed_access=word == "ENABLE"))
    return True


def _view(call: Call, view: View) -> bool:
    reader = call.reader
    if reader.accept("SET", "SECURE"):
        view = replace(view, secure=True)
        if reader.token is not None:
            view = replace(view, **properties.read(reader, Kind.VIEW))
    elif reader.accept("UNSET", "SECURE"):
        view = replace(view, secure=False)
    else:
        return False
    reader.end()
    call.catalog.update(view)
    return True


def _warehouse(call: Call, warehouse: Warehouse) -> bool:
    word = call.reader.accept_any("SUSPEND", "RESUME")
    if word is None:
        return False
    call.reader.accept("IF", "SUSPENDED")
    call.reader.end()
    call.catalog.update(replace(warehouse, suspended=word == "SUSPEND"))
    return True


def _common(call: Call, entity: Entity) -> None:
    """RENAME TO, SET and UNSET."""
    reader = call.reader
    if reader.accept("RENAME", "TO"):
        path = call.path(entity.kind, reader.path())
        reader.end()
        _rename(call, entity, path)
    elif reader.at("SET", "TAG") or reader.at("UNSET", "TAG"):
        raise unsupported("tags")
    elif reader.accept("SET"):
        if reader.token is None:
            raise reader.unexpected()
        _update(call, entity, properties.read(reader, entity.kind))
    elif reader.accept("UNSET"):
        _update(call, entity, properties.unset(reader, entity.kind))
    elif reader.token is None:
        raise reader.unexpected()
    else:
        raise unsupported(f"ALTER {entity.kind.value} … {reader.token.value}")


def _update(call: Call, entity: Entity, fields: dict[str, Any]) -> None:
    changed = replace(entity, **fields)
    call.catalog.update(users.checked(changed) if isinstance(changed, User) else changed)


def _rename(call: Call, entity: Entity, path: tuple[str, ...]) -> None:
    if entity.kind is Kind.USER and not call.authority.owns(entity):
        raise insufficient("user", entity.name)
    container = call.container(entity.kind, path)
    if container is not None and container.id != entity.parent:
        needed = f"CREATE {entity.kind.value}"
        if entity.kind not in IN_SCHEMA:
            raise unsupported(f"moving a {entity.kind.value.lower()} into another database")
        call.require_creation(needed, container)
    before = entity.name
    call.catalog.rename(entity, path[-1], container.id if container else None)
    if isinstance(entity, Database) and call.session.database == before:
        call.session.database = path[-1]
    if entity.kind in (Kind.ROLE, Kind.USER):
        call.account.sessions.renamed(entity.kind, before, path[-1])
