"""CLONE of tables, schemas and databases ("CREATE <object> … CLONE")."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import ColumnSpec, Dataset, Entity, Kind, Snapshot, Table
from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.statements import dropping

_NEEDED: Final = {Kind.TABLE: "SELECT", Kind.SCHEMA: "USAGE", Kind.DATABASE: "USAGE"}
_KINDS: Final = (
    Kind.DATABASE_ROLE, Kind.SCHEMA, Kind.TABLE, Kind.VIEW, Kind.MODEL, Kind.DATASET,
    Kind.FUNCTION, Kind.TAG,
)  # fmt: skip


def source(call: Call, kind: Kind) -> Entity | None:
    """The object after CLONE, if that comes next and may be cloned."""
    reader = call.reader
    if not reader.accept("CLONE"):
        return None
    found = call.resolve(kind, reader.path())
    call.authority.require(found, _NEEDED[kind])
    if reader.at("AT") or reader.at("BEFORE"):
        raise unsupported("CLONE of an earlier state (AT | BEFORE)")
    return found


def table_fields(call: Call, table: Table, entity_id: str) -> dict[str, Any]:
    """What a new table takes over from the one it is a clone of, rows included."""
    relation = f"t{entity_id}"
    connection = call.connection
    connection.execute(f"CREATE TABLE {relation} AS SELECT * FROM {table.relation}")
    columns = tuple(_own_sequence(call, column, relation) for column in table.columns)
    return {
        "id": entity_id,
        "relation": relation,
        "columns": columns,
        "physical": table.physical,
        "comment": table.comment,
        "tags": table.tags,
        "cluster_by": table.cluster_by,
        "retention_days": table.retention_days,
    }


def _own_sequence(call: Call, column: ColumnSpec, relation: str) -> ColumnSpec:
    """A clone counts on from where its source is, with numbers of its own."""
    if not column.sequence:
        return column
    found = call.connection.execute(
        "SELECT coalesce(last_value + increment_by, start_value), increment_by"
        " FROM duckdb_sequences() WHERE sequence_name = ?",
        [column.sequence],
    ).fetchone()
    start, step = found or (1, 1)
    name = f"{relation}_{column.sequence.rpartition('_')[2]}"
    call.connection.execute(f"CREATE SEQUENCE {name} START {start} INCREMENT {step}")
    return replace(column, sequence=name)


def copy_contents(call: Call, container: Entity, new: Entity) -> None:
    """Copy what is in a database or schema, with the grants on each copy."""
    for existing in [e for kind in _KINDS for e in call.catalog.children(container.id, kind)]:
        entity_id = call.catalog.new_id(existing.kind)
        common: dict[str, Any] = {"id": entity_id, "parent": new.id, "created_on": call.now}
        if isinstance(existing, Table):
            if existing.session is not None:
                continue
            common |= table_fields(call, existing, entity_id)
        if isinstance(existing, Dataset):
            common["snapshots"] = tuple(_own_rows(call, one) for one in existing.snapshots)
        copy = replace(existing, **common)
        call.catalog.add(copy)
        _copy_grants(call, existing, copy)
        copy_contents(call, existing, copy)


def _own_rows(call: Call, snapshot: Snapshot) -> Snapshot:
    relation = f"d{call.catalog.new_id(Kind.DATASET)}"
    call.connection.execute(f"CREATE TABLE {relation} AS SELECT * FROM {snapshot.relation}")
    return replace(snapshot, relation=relation)


def _copy_grants(call: Call, existing: Entity, copy: Entity) -> None:
    for held in dropping.kept_grants(call.account):
        for grant in held.on(existing.id):
            held.put(replace(grant, on=copy.id))
