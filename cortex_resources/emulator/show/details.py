"""SHOW of what lies inside a relation: its columns and keys."""

from __future__ import annotations

import json
from typing import Any

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import ColumnSpec, Entity, Kind, Table, View
from cortex_resources.emulator.outcome import Outcome, StatementType, columns, listing
from cortex_resources.emulator.queries import entry
from cortex_resources.emulator.queries.types import TEXT_LENGTH, TIMESTAMPS
from cortex_resources.emulator.queries.types import Kind as TypeKind
from cortex_resources.emulator.show import like
from cortex_resources.emulator.show.cells import Row, moment
from cortex_resources.emulator.statements import objects

_TYPE_NAMES = {TypeKind.NUMBER: "FIXED", TypeKind.FLOAT: "REAL", TypeKind.TEXT: "TEXT"}


def data_type(column: ColumnSpec) -> dict[str, Any]:
    """The JSON that SHOW COLUMNS describes a type with."""
    found = entry.column_type(column.type)
    told: dict[str, Any] = {"type": _TYPE_NAMES.get(found.kind, found.kind.value)}
    if found.kind is TypeKind.NUMBER:
        told |= {"precision": found.precision, "scale": found.scale}
    if found.kind in (TypeKind.TIME, *TIMESTAMPS):
        told |= {"precision": 0, "scale": found.scale}
    if found.kind in (TypeKind.TEXT, TypeKind.BINARY):
        wide = found.length * 4 if found.kind is TypeKind.TEXT else found.length
        told |= {"length": found.length, "byteLength": min(wide, TEXT_LENGTH)}
    told["nullable"] = column.nullable
    if found.kind in (TypeKind.TEXT, TypeKind.BINARY):
        told["fixed"] = False
    return told


def _relations(call: Call, *, everywhere: bool = True) -> list[Table | View]:
    """The visible tables and views after IN, in a place or by name; else the session's."""
    reader = call.reader
    if not reader.accept("IN"):
        return _within(call, _current(call))
    if everywhere and reader.accept("ACCOUNT"):
        return _within(call, None)
    word = reader.accept_any("DATABASE", "SCHEMA", "TABLE", "VIEW")
    if word in ("DATABASE", "SCHEMA"):
        if reader.token is None:
            return _within(call, _current(call))
        return _within(call, objects.opened(call, Kind(word), reader.path()))
    path = call.path(Kind.TABLE, reader.path())
    found = call.catalog.find_in_namespace(Kind.TABLE, path)
    if not isinstance(found, (Table, View)) or not call.authority.sees(found):
        raise call.authority.missing(Kind(word or "TABLE"), path)
    return [found]


def _current(call: Call) -> Entity | None:
    database, schema = call.session.database, call.session.schema
    if database is None:
        return None
    if schema is None:
        return call.catalog.find(Kind.DATABASE, (database,))
    return call.catalog.find(Kind.SCHEMA, (database, schema))


def _within(call: Call, container: Entity | None) -> list[Table | View]:
    found = [e for kind in (Kind.TABLE, Kind.VIEW) for e in call.catalog.within(container, kind)]
    visible = [e for e in found if isinstance(e, (Table, View)) and call.authority.sees(e)]
    return sorted(visible, key=call.catalog.path)


def columns_of(call: Call) -> Outcome:
    """SHOW COLUMNS [LIKE …] [IN {ACCOUNT | DATABASE d | SCHEMA s | [TABLE | VIEW] name}]."""
    pattern = like.read_like(call.reader)
    entities = _relations(call)
    chosen = like.read_rest(call.reader, pattern)
    rows = [
        _column(call.catalog.path(entity), column)
        for entity in entities
        for column in entity.columns
        if chosen.keeps(column.name)
    ]
    declared = columns(
        "table_name", "schema_name", "column_name", "data_type", "null?", "default", "kind",
        "expression", "comment", "database_name", "autoincrement", "schema_evolution_record",
    )  # fmt: skip
    return listing(declared, chosen.first(rows), StatementType.SHOW)


def _column(path: tuple[str, ...], column: ColumnSpec) -> Row:
    return (
        path[2], path[1], column.name, json.dumps(data_type(column), separators=(",", ":")),
        "true" if column.nullable else "NOT_NULL",
        "" if column.sequence else column.default or "", "COLUMN", "", column.comment or "",
        path[0], column.default if column.sequence else "", None,
    )  # fmt: skip


def constraint_name(table: Table, kind: str) -> str:
    """The name that a constraint without a name gets; it stays the same for a table."""
    return f"SYS_CONSTRAINT_{table.relation}_{kind}"


def _keys(call: Call, which: str) -> Outcome:
    entities = _relations(call)
    call.reader.end()
    rows: list[Row] = []
    for table in entities:
        if isinstance(table, Table):
            keyed = [column for column in table.columns if getattr(column, which)]
            database, schema, name = call.catalog.path(table)
            rows += [
                (
                    moment(table.created_on), database, schema, name, column.name, number,
                    constraint_name(table, which), "false", None,
                )
                for number, column in enumerate(keyed, 1)
            ]  # fmt: skip
    declared = columns(
        "created_on:time", "database_name", "schema_name", "table_name", "column_name",
        "key_sequence:number", "constraint_name", "rely", "comment",
    )  # fmt: skip
    return listing(declared, rows, StatementType.SHOW)


def primary_keys(call: Call) -> Outcome:
    """SHOW PRIMARY KEYS [IN …]."""
    return _keys(call, "primary")


def unique_keys(call: Call) -> Outcome:
    """SHOW UNIQUE KEYS [IN …]."""
    return _keys(call, "unique")


def imported_keys(call: Call) -> Outcome:
    """SHOW IMPORTED KEYS [IN …]: foreign keys are accepted without effect and not kept."""
    _relations(call)
    call.reader.end()
    declared = columns(
        "created_on:time", "pk_database_name", "pk_schema_name", "pk_table_name",
        "pk_column_name", "fk_database_name", "fk_schema_name", "fk_table_name",
        "fk_column_name", "key_sequence:number", "update_rule", "delete_rule", "fk_name",
        "pk_name", "deferrability", "rely", "comment",
    )  # fmt: skip
    return listing(declared, [], StatementType.SHOW)
