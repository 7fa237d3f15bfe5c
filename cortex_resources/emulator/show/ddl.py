"""GET_DDL: CREATE statements for views, tables, functions, schemas and databases, made anew."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from cortex_resources.emulator import names
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import (
    Argument,
    ColumnSpec,
    Database,
    Entity,
    Function,
    Kind,
    Schema,
    Table,
    View,
)
from cortex_resources.emulator.errors import SnowflakeError, missing_container, unsupported
from cortex_resources.emulator.reader import parse_path
from cortex_resources.emulator.statements import objects

_KINDS: Final = frozenset({Kind.VIEW, Kind.TABLE, Kind.FUNCTION, Kind.SCHEMA, Kind.DATABASE})
_IN_SCHEMA: Final = (Kind.TABLE, Kind.VIEW, Kind.FUNCTION)
_IDENTITY: Final = re.compile(r"IDENTITY START (-?\d+) INCREMENT (-?\d+) (ORDER|NOORDER)")
Spell = Callable[[Entity], str]


def get_ddl(call: Call, kind: str, name: str, qualified: Any = False) -> str:
    """GET_DDL(kind, name [, whether names are qualified])."""
    wanted = kind.upper()
    if wanted not in {one.value for one in _KINDS}:
        raise unsupported(f"GET_DDL of a {kind.lower()}")
    entity = _function(call, name) if wanted == "FUNCTION" else _resolved(call, wanted, name)
    spell: Spell = call.catalog.qualified if qualified else (lambda one: names.quoted(one.name))
    return _ddl(call, entity, spell)


def _resolved(call: Call, wanted: str, name: str) -> Entity:
    return call.resolve(Kind(wanted), parse_path(name))


def _function(call: Call, name: str) -> Entity:
    """A function by its name and types; a missing one is told as it was asked for (observed)."""
    try:
        return call.resolve(Kind.FUNCTION, objects.parsed(name, Kind.FUNCTION))
    except SnowflakeError as error:
        if error.errno == 2003:
            raise missing_container("Object", name) from None
        raise


def _ddl(call: Call, entity: Entity, spell: Spell) -> str:
    if isinstance(entity, View):
        if entity.secure and not call.authority.owns(entity):
            raise unsupported("GET_DDL of a secure view that another role owns")
        return view_ddl(entity, spell)
    if isinstance(entity, Table):
        return _table(entity, spell)
    if isinstance(entity, Function):
        if entity.secure and not call.authority.owns(entity):
            raise unsupported("GET_DDL of a secure function that another role owns")
        return _function_ddl(entity, spell)
    assert isinstance(entity, (Schema, Database))  # noqa: S101 - resolved by kind
    return _container(call, entity, spell)


def _container(call: Call, entity: Schema | Database, spell: Spell) -> str:
    """The container and what these roles see in it, containers before their contents."""
    transient = "TRANSIENT " if entity.transient else ""
    managed = " WITH MANAGED ACCESS" if getattr(entity, "managed_access", False) else ""
    word = entity.kind.value.lower()
    head = f"create or replace {transient}{word} {spell(entity)}{managed}{_comment(entity)};"
    kinds = (Kind.SCHEMA,) if isinstance(entity, Database) else _IN_SCHEMA
    parts = [
        _ddl(call, child, spell)
        for kind in kinds
        for child in call.catalog.children(entity.id, kind)
        if call.authority.sees(child) and not _hidden(call, child)
    ]
    return "\n\n".join([head, *parts])


def _hidden(call: Call, entity: Entity) -> bool:
    secure = isinstance(entity, (View, Function)) and entity.secure
    return secure and not call.authority.owns(entity)


def _comment(entity: Entity) -> str:
    return f" COMMENT={names.literal(entity.comment)}" if entity.comment else ""


def view_ddl(view: View, spell: Spell | None = None) -> str:
    """A CREATE statement for a view, made anew from what is stored."""
    listed = ",\n\t".join(
        names.quoted(column.name)
        + (f" COMMENT {names.literal(column.comment)}" if column.comment else "")
        for column in view.columns
    )
    secure = "secure " if view.secure else ""
    temporary = "temporary " if view.session is not None else ""
    name = spell(view) if spell else names.quoted(view.name)
    head = f"create or replace {secure}{temporary}view {name}"
    return f"{head}(\n\t{listed}\n){_comment(view)} as {view.body};"


def _function_ddl(function: Function, spell: Spell) -> str:
    """CREATE FUNCTION on lines of its own, the body as a literal."""
    secure = "SECURE " if function.secure else ""
    listed = ", ".join(map(_argument, function.arguments))
    lines = [
        f"CREATE OR REPLACE {secure}FUNCTION {spell(function)}({listed})",
        f"RETURNS {_short(function.returns)}",
        "LANGUAGE SQL",
        *(["IMMUTABLE"] if function.volatility == "IMMUTABLE" else []),
        *(["MEMOIZABLE"] if function.memoizable else []),
        *([f"COMMENT={names.literal(function.comment)}"] if function.comment else []),
        f"AS {names.literal(function.body)};",
    ]
    return "\n".join(lines)


def _argument(argument: Argument) -> str:
    default = "" if argument.default is None else f" DEFAULT {argument.default}"
    return f"{names.quoted(argument.name)} {_short(argument.type)}{default}"


def _short(spelled: str) -> str:
    """VARCHAR for the longest text, else the type with its sizes."""
    return spelled.removesuffix("(16777216)")


def _table(entity: Table, spell: Spell) -> str:
    lines = [_column(column) for column in entity.columns]
    keys = (
        ("primary key", [c.name for c in entity.columns if c.primary]),
        ("unique", [c.name for c in entity.columns if c.unique]),
    )
    lines += [f"{word} ({', '.join(map(names.quoted, key))})" for word, key in keys if key]
    word = "TRANSIENT " if entity.transient else ""
    word = "TEMPORARY " if entity.session is not None else word
    listed = ",\n\t".join(lines)
    cluster = f" cluster by {entity.cluster_by.removeprefix('LINEAR')}" if entity.cluster_by else ""
    comment = f"COMMENT={names.literal(entity.comment)}\n" if entity.comment else ""
    return f"create or replace {word}TABLE {spell(entity)}{cluster} (\n\t{listed}\n){comment};"


def _column(column: ColumnSpec) -> str:
    text = f"{names.quoted(column.name)} {column.type}" + ("" if column.nullable else " NOT NULL")
    told = _IDENTITY.search(column.default or "") if column.sequence else None
    if told:
        text += f" autoincrement start {told[1]} increment {told[2]} {told[3].lower()}"
    elif column.default:
        text += f" DEFAULT {column.default}"
    return text + (f" COMMENT {names.literal(column.comment)}" if column.comment else "")
