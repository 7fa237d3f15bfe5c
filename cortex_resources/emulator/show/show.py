"""SHOW: finds the listing that is meant, its container and its filter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import IN_DATABASE, IN_SCHEMA, Entity, Kind
from cortex_resources.emulator.errors import SnowflakeError, inoperable, unsupported
from cortex_resources.emulator.outcome import Outcome, StatementType, listing
from cortex_resources.emulator.show import details, grants, information_schema, like, replication
from cortex_resources.emulator.show.listings import LISTINGS, OBJECTS
from cortex_resources.emulator.statements import access_tokens, objects

_SPECIAL: Final[dict[str, Callable[[Call], Outcome]]] = {
    "FUTURE GRANTS": grants.show_future,
    "GRANTS": grants.show,
    "COLUMNS": details.columns_of,
    "PARAMETERS": details.parameters,
    "VARIABLES": details.variables,
    "VERSIONS": details.versions,
    "USER PROGRAMMATIC ACCESS TOKENS": access_tokens.show,
    "USER PATS": access_tokens.show,
    "CORTEX BASE MODELS": details.base_models,
    "REPLICATION DATABASES": replication.databases,
    "CURRENT ACCOUNTS": details.accounts,
}
_TERSE: Final = ("created_on", "name", "kind", "database_name", "schema_name")
_RELATIONS: Final = (Kind.TABLE, Kind.VIEW)


def run(call: Call) -> Outcome:
    """SHOW [TERSE] what …"""
    reader = call.reader
    reader.expect("SHOW")
    special = reader.accept_any(*_SPECIAL)
    if special is not None:
        return _SPECIAL[special](call)
    terse = reader.accept("TERSE")
    if reader.accept("OBJECTS"):
        outcome = _list(call, _RELATIONS, OBJECTS)
    else:
        kind = objects.plural(reader)
        if reader.at("HISTORY"):
            raise unsupported(f"SHOW {kind.plural} HISTORY")
        outcome = _list(call, (kind,), LISTINGS[kind])
    return _terse(outcome) if terse else outcome


def _terse(outcome: Outcome) -> Outcome:
    """Only the columns that every listing has."""
    kept = [at for at, column in enumerate(outcome.columns) if column.name in _TERSE]
    outcome.columns = [outcome.columns[at] for at in kept]
    outcome.rows = [tuple(row[at] for at in kept) for row in outcome.rows]
    return outcome


def _list(call: Call, kinds: tuple[Kind, ...], shape: tuple[list[Any], Any]) -> Outcome:
    reader = call.reader
    pattern = like.read_like(reader)
    container = _container(call, kinds[0])
    chosen = like.read_rest(reader, pattern)
    declared, row = shape
    found = [
        entity
        for kind in kinds
        for entity in _inside(call, container, kind)
        if chosen.keeps(entity.name) and call.authority.sees(entity)
    ]
    if len(kinds) > 1:
        found.sort(key=call.catalog.path)
    if chosen.limit is not None:
        found = found[: chosen.limit]
    return listing(declared, (row(call, entity) for entity in found), StatementType.SHOW)


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
    return opened(call, container, path)


def _meant(call: Call, kind: Kind, parts: tuple[str, ...]) -> tuple[Kind, tuple[str, ...]]:
    """A container without its noun: a schema of the current database comes before a database."""
    if kind in IN_DATABASE or len(parts) > 1:
        return (Kind.DATABASE if kind in IN_DATABASE else Kind.SCHEMA), parts
    here = (call.session.database or "", parts[0])
    found = call.catalog.find(Kind.SCHEMA, here)
    return (Kind.DATABASE, parts) if found is None else (Kind.SCHEMA, here)


def opened(call: Call, kind: Kind, parts: tuple[str, ...]) -> Entity:
    """A container to look into; one that is missing or hidden is error 2043."""
    try:
        return call.resolve(kind, parts)
    except SnowflakeError as error:
        if error.errno == 2003:
            raise inoperable() from None
        raise


def _session_container(call: Call, kind: Kind) -> Entity | None:
    session = call.session
    if session.database is None:
        return None
    if kind in IN_SCHEMA and session.schema is not None:
        return call.catalog.find(Kind.SCHEMA, (session.database, session.schema))
    return call.catalog.find(Kind.DATABASE, (session.database,))
