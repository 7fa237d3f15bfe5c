"""DESCRIBE of tables, views, models, functions, schemas, databases, users, roles and warehouses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from cortex_resources.emulator import names
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Entity, Kind, Table, User, View
from cortex_resources.emulator.errors import missing_object, missing_result, unsupported, wrong_kind
from cortex_resources.emulator.outcome import Outcome, StatementType, columns, listing
from cortex_resources.emulator.queries.context import Column
from cortex_resources.emulator.show import functions, information_schema, users
from cortex_resources.emulator.show.cells import moment, y_n
from cortex_resources.emulator.show.listings import LISTINGS
from cortex_resources.emulator.statements import objects

_COLUMNS: Final = (
    "name", "type", "kind", "null?", "default", "primary key", "unique key", "check", "expression",
    "comment", "policy name", "privacy domain",
)  # fmt: skip


def run(call: Call) -> Outcome:
    """DESCRIBE | DESC kind name."""
    reader = call.reader
    reader.accept_any("DESCRIBE", "DESC")
    if reader.accept("RESULT"):
        return _result(call)
    kind = objects.kind(reader)
    path = call.path(kind, objects.path(reader, kind))
    if kind is Kind.TABLE and reader.accept("TYPE"):
        reader.accept("=")
        if not reader.accept("COLUMNS"):
            raise unsupported("DESCRIBE TABLE … TYPE = STAGE")
    reader.end()
    if kind in (Kind.TABLE, Kind.VIEW) and path[1] == "INFORMATION_SCHEMA":
        return _information(call, path)
    entity = _find(call, kind, path)
    return _DESCRIBE.get(kind, _as_listed)(call, entity)


def _result(call: Call) -> Outcome:
    """DESCRIBE RESULT 'query id' | LAST_QUERY_ID()."""
    reader = call.reader
    if reader.accept("LAST_QUERY_ID", "(", ")"):
        ids = call.account.sessions.live(call.session).query_ids
        wanted = ids[-1] if ids else ""
    else:
        wanted = reader.string()
    reader.end()
    found = call.account.results.outcome(wanted)
    if found is None:
        raise missing_result(wanted)
    return _bare(found.columns)


def _information(call: Call, path: tuple[str, ...]) -> Outcome:
    """A view of INFORMATION_SCHEMA, which every database has."""
    call.resolve(Kind.DATABASE, path[:1])
    found = information_schema.declared(path[2])
    if found is None:
        raise missing_object("View", names.qualified(path))
    return _bare(found)


def _bare(described: Sequence[Column]) -> Outcome:
    """Columns of which no more than name and type is known."""
    rows: list[tuple[Any, ...]] = [
        (
            column.name, str(column.type), "COLUMN", y_n(column.nullable), None, "N", "N", None,
            None, None, None, None,
        )
        for column in described
    ]  # fmt: skip
    return listing(columns(*_COLUMNS), rows, StatementType.DESCRIBE)


def _find(call: Call, kind: Kind, path: tuple[str, ...]) -> Entity:
    if kind in (Kind.TABLE, Kind.VIEW):
        found = call.catalog.find_in_namespace(kind, path)
        if found is not None and found.kind is not kind and call.authority.sees(found):
            if kind is Kind.VIEW:
                raise wrong_kind(kind.value, found.kind.value)
            return found  # DESCRIBE TABLE reads views too
    return call.resolve(kind, path)


def _relation(_call: Call, entity: Entity) -> Outcome:
    assert isinstance(entity, (Table, View))  # noqa: S101 - chosen by kind
    rows: list[tuple[Any, ...]] = [
        (
            column.name, column.type, "COLUMN", y_n(column.nullable), column.default,
            y_n(column.primary), y_n(column.unique), None, None, column.comment, None, None,
        )
        for column in entity.columns
    ]  # fmt: skip
    return listing(columns(*_COLUMNS), rows, StatementType.DESCRIBE)


def _container(call: Call, entity: Entity) -> Outcome:
    children = Kind.SCHEMA if entity.kind is Kind.DATABASE else None
    kinds = (children,) if children else (Kind.TABLE, Kind.VIEW, Kind.MODEL)
    rows = [
        (moment(child.created_on), child.name, child.kind.value)
        for kind in kinds
        for child in call.catalog.children(entity.id, kind)
        if call.authority.sees(child)
    ]
    return listing(columns("created_on:time", "name", "kind"), rows, StatementType.DESCRIBE)


def _user(_call: Call, entity: Entity) -> Outcome:
    assert isinstance(entity, User)  # noqa: S101 - chosen by kind
    declared = columns("property", "value", "default", "description")
    return listing(declared, users.properties(entity), StatementType.DESCRIBE)


def _as_listed(call: Call, entity: Entity) -> Outcome:
    shape = LISTINGS[entity.kind]
    return listing(shape.columns, [shape.row(call, entity)], StatementType.DESCRIBE)


def _no_columns(_call: Call, entity: Entity) -> Outcome:
    raise unsupported(f"DESCRIBE {entity.kind.value}")


_DESCRIBE: Final[dict[Kind, Callable[[Call, Entity], Outcome]]] = {
    Kind.TABLE: _relation,
    Kind.VIEW: _relation,
    Kind.DATABASE: _container,
    Kind.SCHEMA: _container,
    Kind.USER: _user,
    Kind.FUNCTION: functions.describe,
    Kind.ROLE: _no_columns,
    Kind.DATABASE_ROLE: _no_columns,
}
