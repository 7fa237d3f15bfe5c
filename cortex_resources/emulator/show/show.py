"""SHOW: finds the listing that is meant, its container and its filter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import IN_DATABASE, IN_SCHEMA, Entity, Kind, Table
from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.outcome import Outcome, StatementType, columns, listing
from cortex_resources.emulator.show import (
    details,
    grants,
    information_schema,
    like,
    models,
    replication,
    session,
)
from cortex_resources.emulator.show.cells import Listing, Row, moment
from cortex_resources.emulator.show.listings import LISTINGS, OBJECTS
from cortex_resources.emulator.statements import access_tokens, objects
from cortex_resources.emulator.statements.dropping import UNDROPPABLE

_SPECIAL: Final[dict[str, Callable[[Call], Outcome]]] = {
    "FUTURE GRANTS": grants.show_future,
    "GRANTS": grants.show,
    "COLUMNS": details.columns_of,
    "PRIMARY KEYS": details.primary_keys,
    "UNIQUE KEYS": details.unique_keys,
    "IMPORTED KEYS": details.imported_keys,
    "PARAMETERS": session.parameters,
    "VARIABLES": session.variables,
    "TRANSACTIONS": session.transactions,
    "LOCKS": session.locks,
    "VERSIONS": models.versions,
    "USER PROGRAMMATIC ACCESS TOKENS": access_tokens.show,
    "USER PATS": access_tokens.show,
    "REPLICATION DATABASES": replication.databases,
    "CORTEX BASE MODELS": models.base_models,
}
_RELATIONS: Final = (Kind.TABLE, Kind.VIEW)
_WITH_HISTORY: Final = frozenset(UNDROPPABLE - {Kind.TAG})
_TERSE: Final = columns("created_on:time", "name", "kind", "database_name", "schema_name")
_DROPPED_ON: Final = columns("dropped_on:time")


def run(call: Call) -> Outcome:
    """SHOW [TERSE] what …"""
    reader = call.reader
    reader.expect("SHOW")
    special = reader.accept_any(*_SPECIAL)
    if special is not None:
        return _SPECIAL[special](call)
    terse = reader.accept("TERSE")
    if reader.accept("OBJECTS"):
        return _list(call, _RELATIONS, _terse() if terse else OBJECTS)
    if reader.at("USER", "FUNCTIONS"):
        reader.expect("USER")
    kind = objects.plural(reader)
    if kind is Kind.FUNCTION and (reader.at("IN", "MODEL") or reader.at("IN", "CLASS")):
        raise unsupported("SHOW FUNCTIONS IN MODEL and IN CLASS")
    history = kind in _WITH_HISTORY and reader.accept("HISTORY")
    shape = _terse() if terse else LISTINGS[kind]
    return _list(call, (kind,), shape, history=history)


def _terse() -> Listing:
    """The five columns that every listing has with TERSE."""

    def row(call: Call, entity: Entity) -> Row:
        path = call.catalog.path(entity)
        kind = entity.kind.value if isinstance(entity, (Table,)) or len(path) == 3 else None
        if isinstance(entity, Table) and entity.transient:
            kind = "TRANSIENT"
        place = (*path[:-1], None, None)[:2]
        return (moment(entity.created_on), entity.name, kind, *place)

    return Listing(_TERSE, row)


def _list(call: Call, kinds: tuple[Kind, ...], shape: Listing, *, history: bool = False) -> Outcome:
    reader = call.reader
    pattern = like.read_like(reader)
    container = _container(call, kinds[0])
    chosen = like.read_rest(reader, pattern)
    found: list[tuple[Entity, float | None]] = [
        (entity, None)
        for kind in kinds
        for entity in _inside(call, container, kind)
        if chosen.keeps(entity.name) and call.authority.sees(entity)
    ]
    if history:
        found += [one for one in _dropped(call, container, kinds[0]) if chosen.keeps(one[0].name)]
    if history or len(kinds) > 1:
        found.sort(key=lambda one: call.catalog.path(one[0]))
    if history:
        shape = _with_dropped_on(shape, {one.id: at for one, at in found})
    rows = (shape.row(call, entity) for entity, _ in chosen.first(found))
    return listing(shape.columns, rows, StatementType.SHOW)


def _with_dropped_on(shape: Listing, dropped: dict[str, float | None]) -> Listing:
    """The listing with `dropped_on` after the retention time, as HISTORY has it."""
    titles = [column.name for column in shape.columns]
    at = titles.index("retention_time") + 1 if "retention_time" in titles else len(titles)

    def row(call: Call, entity: Entity) -> Row:
        cells = shape.row(call, entity)
        when = dropped[entity.id]
        return (*cells[:at], None if when is None else moment(when), *cells[at:])

    return Listing([*shape.columns[:at], *_DROPPED_ON, *shape.columns[at:]], row)


def _dropped(call: Call, container: Entity | None, kind: Kind) -> list[tuple[Entity, float | None]]:
    """What was dropped in a container and can still be brought back by these roles."""
    return [
        (dropped.entity, dropped.dropped_on)
        for dropped in call.account.retained
        if dropped.entity.kind is kind
        and dropped.entity.owner in call.authority.roles
        and _lies_in(call, dropped.entity, container)
    ]


def _lies_in(call: Call, entity: Entity, container: Entity | None) -> bool:
    if entity.parent is not None and call.catalog.get(entity.parent) is None:
        return False  # its container was dropped too
    parents = {parent.id for parent in call.catalog.parents(entity)}
    return container is None or container.id in parents


def _inside(call: Call, container: Entity | None, kind: Kind) -> list[Entity]:
    """The entities of a kind in a container; each database also lists its INFORMATION_SCHEMA."""
    found = call.catalog.within(container, kind)
    if kind is not Kind.SCHEMA:
        return found
    databases = [container] if container else call.catalog.all(Kind.DATABASE)
    found += [information_schema.listed(database) for database in databases]
    return sorted(found, key=call.catalog.path)


def _container(call: Call, kind: Kind) -> Entity | None:
    """The container after IN, else the session's; None means the whole account."""
    reader = call.reader
    told = reader.accept("IN")
    if kind not in IN_SCHEMA | IN_DATABASE:
        if told:
            reader.expect("ACCOUNT")
        return None
    if not told:
        return _session_container(call, kind)
    if reader.accept("ACCOUNT"):
        return None
    word = reader.accept_any("DATABASE", "SCHEMA")
    if word is not None and (reader.token is None or reader.at("STARTS") or reader.at("LIMIT")):
        return _session_container(call, Kind.SCHEMA if word == "DATABASE" else kind)
    parts = reader.path()
    container, path = _meant(call, kind, parts) if word is None else (Kind(word), parts)
    if kind is Kind.DATABASE_ROLE:  # the one listing here whose missing container is 2003
        return call.resolve(container, path)
    return objects.opened(call, container, path)


def _meant(call: Call, kind: Kind, parts: tuple[str, ...]) -> tuple[Kind, tuple[str, ...]]:
    """A container without its noun: a schema of the current database comes before a database."""
    if kind in IN_DATABASE or len(parts) > 1:
        return (Kind.DATABASE if kind in IN_DATABASE else Kind.SCHEMA), parts
    here = (call.session.database or "", parts[0])
    found = call.catalog.find(Kind.SCHEMA, here)
    return (Kind.DATABASE, parts) if found is None else (Kind.SCHEMA, here)


def _session_container(call: Call, kind: Kind) -> Entity | None:
    database, schema = call.session.database, call.session.schema
    if database is None:
        return None
    if kind in IN_SCHEMA and schema is not None:
        return call.catalog.find(Kind.SCHEMA, (database, schema))
    return call.catalog.find(Kind.DATABASE, (database,))
