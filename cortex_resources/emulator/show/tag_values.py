"""The values of tags as functions read them, with those that an object has from its containers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Entity, Kind, Table, Tag, View
from cortex_resources.emulator.errors import invalid_value
from cortex_resources.emulator.outcome import columns
from cortex_resources.emulator.queries.context import RowsRelation
from cortex_resources.emulator.reader import Reader, parse_path
from cortex_resources.emulator.show.cells import Row
from cortex_resources.emulator.statements import objects
from cortex_resources.emulator.statements.columns import known

_COLUMNS: Final = (
    "TAG_DATABASE", "TAG_SCHEMA", "TAG_NAME", "TAG_VALUE", "APPLY_METHOD", "LEVEL",
    "OBJECT_DATABASE", "OBJECT_SCHEMA", "OBJECT_NAME", "DOMAIN", "COLUMN_NAME",
)  # fmt: skip
_Level = tuple[str, dict[str, str]]


def _object(call: Call, name: str, domain: str) -> tuple[Entity, str | None]:
    """The object of a domain, and the column if the domain is COLUMN."""
    word = domain.replace("_", " ")
    if word == "FUNCTION":
        return call.resolve(Kind.FUNCTION, objects.parsed(name, Kind.FUNCTION)), None
    parts = _column_path(name) if word == "COLUMN" else parse_path(name)
    column = parts[-1] if word == "COLUMN" else None
    if word in ("TABLE", "VIEW", "COLUMN"):
        path = call.path(Kind.TABLE, parts[:-1] if column else parts)
        found = call.catalog.find_in_namespace(Kind.TABLE, path)
        if found is None or not call.authority.sees(found):
            raise call.authority.missing(Kind.TABLE, path)
        return found, column
    if word not in {kind.value for kind in Kind} - {"ACCOUNT"}:
        raise invalid_value(f"[{domain}] for the domain of an object")
    return call.resolve(Kind(word), parts), None


def _column_path(name: str) -> tuple[str, ...]:
    reader = Reader(name)
    parts = [reader.name()]
    while reader.accept("."):
        parts.append(reader.name())
    reader.end()
    return tuple(parts)


def _levels(call: Call, entity: Entity, column: str | None) -> Iterator[_Level]:
    """Where tags come from, the nearest first ("Tag inheritance")."""
    if column is not None and isinstance(entity, (Table, View)):
        yield "COLUMN", dict(known(entity.columns, column).tags)
    for holder in (entity, *call.catalog.parents(entity)):
        word = "TABLE" if holder.kind is Kind.VIEW else holder.kind.value
        yield word, dict(holder.tags)


def get_tag(call: Call, tag: str, name: str, domain: str) -> str | None:
    """SYSTEM$GET_TAG(tag, object, domain): the value, also an inherited one; else NULL."""
    found = call.resolve(Kind.TAG, parse_path(tag))
    entity, column = _object(call, name, domain.upper())
    values = (tags.get(found.id) for _, tags in _levels(call, entity, column))
    return next((value for value in values if value is not None), None)


def allowed_values(call: Call, tag: str) -> str | None:
    """SYSTEM$GET_TAG_ALLOWED_VALUES(tag): a JSON list, or NULL when every value is allowed."""
    found = call.resolve(Kind.TAG, parse_path(tag))
    assert isinstance(found, Tag)  # noqa: S101 - resolved by kind
    if found.allowed_values is None:
        return None
    return json.dumps(list(found.allowed_values), separators=(",", ":"))


def references(call: Call, function: str, args: Sequence[Any]) -> RowsRelation:
    """TAG_REFERENCES(object, domain) and TAG_REFERENCES_ALL_COLUMNS(table, domain)."""
    if len(args) != 2 or not all(isinstance(arg, str) for arg in args):
        raise invalid_value(f"as arguments of {function}: a name and a domain are needed")
    domain = args[1].upper()
    entity, column = _object(call, args[0], domain)
    names: list[str | None] = [column]
    if function == "TAG_REFERENCES_ALL_COLUMNS":
        names = [one.name for one in getattr(entity, "columns", ())]
        domain = "COLUMN"
    rows = [row for name in names for row in _rows(call, entity, name, domain)]
    return RowsRelation(tuple(columns(*_COLUMNS)), rows)


def _rows(call: Call, entity: Entity, column: str | None, domain: str) -> Iterator[Row]:
    path = call.catalog.path(entity)
    database = path[0] if len(path) > 1 else None
    schema = path[1] if len(path) > 2 else None
    seen: set[str] = set()
    for number, (level, tags) in enumerate(_levels(call, entity, column)):
        for tag_id, value in tags.items():
            tag = call.catalog.get(tag_id)
            if tag is not None and tag_id not in seen and call.authority.sees(tag):
                seen.add(tag_id)
                yield (
                    *call.catalog.path(tag), value, "INHERITED" if number else "MANUAL", level,
                    database, schema, path[-1], domain, column,
                )  # fmt: skip
