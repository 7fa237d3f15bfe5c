"""SHOW TABLES, SHOW VIEWS and SHOW OBJECTS."""

from __future__ import annotations

from typing import Final

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Table, View
from cortex_resources.emulator.outcome import columns
from cortex_resources.emulator.show.cells import (
    Listing,
    Row,
    moment,
    on_off,
    owner_type,
    place,
    row_count,
    true_false,
)


def _kind(entity: Table | View) -> str:
    if isinstance(entity, View):
        return "VIEW"
    if entity.session is not None:
        return "TEMPORARY"
    return "TRANSIENT" if entity.transient else "TABLE"


def _table(call: Call, entity: Table) -> Row:
    return (
        moment(entity.created_on), entity.name, *place(call, entity), _kind(entity),
        entity.comment, entity.cluster_by, row_count(call, entity), 0,
        call.catalog.owner_name(entity), str(call.catalog.retention_days(entity)),
        on_off(bool(entity.cluster_by)), on_off(entity.change_tracking), "OFF", None, None, "N",
        "N", owner_type(call, entity), "N", None, "N", "N", "N", "N",
    )  # fmt: skip


def _view(call: Call, entity: View) -> Row:
    hidden = entity.secure and not call.authority.owns(entity)
    return (
        moment(entity.created_on), entity.name, "", "VIEW", *place(call, entity),
        call.catalog.owner_name(entity), entity.comment, "" if hidden else entity.text,
        true_false(entity.secure), "false", owner_type(call, entity),
        on_off(entity.change_tracking),
    )  # fmt: skip


def _object(call: Call, entity: Table | View) -> Row:
    is_table = isinstance(entity, Table)
    return (
        moment(entity.created_on), entity.name, *place(call, entity), _kind(entity),
        entity.comment, entity.cluster_by if isinstance(entity, Table) else "",
        row_count(call, entity) if isinstance(entity, Table) else None, 0 if is_table else None,
        call.catalog.owner_name(entity),
        str(call.catalog.retention_days(entity)) if is_table else "",
        owner_type(call, entity), None, "N", "N", "N",
    )  # fmt: skip


TABLES: Final = Listing(
    columns(
        "created_on:time", "name", "database_name", "schema_name", "kind", "comment",
        "cluster_by", "rows:number", "bytes:number", "owner", "retention_time",
        "automatic_clustering", "change_tracking", "search_optimization",
        "search_optimization_progress", "search_optimization_bytes", "is_external",
        "enable_schema_evolution", "owner_role_type", "is_event", "budget", "is_hybrid",
        "is_iceberg", "is_dynamic", "is_immutable",
    ),
    _table,
)  # fmt: skip
VIEWS: Final = Listing(
    columns(
        "created_on:time", "name", "reserved", "kind", "database_name", "schema_name", "owner",
        "comment", "text", "is_secure", "is_materialized", "owner_role_type", "change_tracking",
    ),
    _view,
)  # fmt: skip
OBJECTS: Final = Listing(
    columns(
        "created_on:time", "name", "database_name", "schema_name", "kind", "comment",
        "cluster_by", "rows:number", "bytes:number", "owner", "retention_time",
        "owner_role_type", "budget", "is_hybrid", "is_dynamic", "is_iceberg",
    ),
    _object,
)  # fmt: skip
