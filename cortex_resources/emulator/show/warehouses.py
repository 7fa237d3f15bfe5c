"""SHOW WAREHOUSES."""

from __future__ import annotations

from typing import Final

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Kind, User, Warehouse
from cortex_resources.emulator.outcome import columns
from cortex_resources.emulator.show.cells import Listing, Row, moment, owner_type, true_false, y_n


def _warehouse(call: Call, entity: Warehouse) -> Row:
    user = call.catalog.find(Kind.USER, (call.session.user,))
    is_default = isinstance(user, User) and user.default_warehouse == entity.name
    created = moment(entity.created_on)
    return (
        entity.name, "SUSPENDED" if entity.suspended else "STARTED", entity.warehouse_type,
        entity.size, entity.min_cluster_count, entity.max_cluster_count,
        0 if entity.suspended else entity.min_cluster_count, 0, 0, y_n(is_default),
        y_n(call.session.warehouse == entity.name), entity.auto_suspend,
        true_false(entity.auto_resume), "", "", "", "", created, created, created,
        call.catalog.owner_name(entity), entity.comment, true_false(entity.query_acceleration),
        entity.max_scale_factor, "null", entity.scaling_policy, None, owner_type(call, entity),
        None, entity.generation if entity.warehouse_type == "STANDARD" else None,
    )  # fmt: skip


WAREHOUSES: Final = Listing(
    columns(
        "name", "state", "type", "size", "min_cluster_count:number", "max_cluster_count:number",
        "started_clusters:number", "running:number", "queued:number", "is_default", "is_current",
        "auto_suspend:number", "auto_resume", "available", "provisioning", "quiescing", "other",
        "created_on:time", "resumed_on:time", "updated_on:time", "owner", "comment",
        "enable_query_acceleration", "query_acceleration_max_scale_factor:number",
        "resource_monitor", "scaling_policy", "budget", "owner_role_type",
        "resource_constraint", "generation",
    ),
    _warehouse,
)  # fmt: skip
