"""SHOW DATABASES and SHOW SCHEMAS."""

from __future__ import annotations

from typing import Final

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Database, Schema
from cortex_resources.emulator.outcome import columns
from cortex_resources.emulator.show.cells import Listing, Row, moment, owner_type, y_n


def _database(call: Call, entity: Database) -> Row:
    is_shared = entity.name == "SNOWFLAKE"
    return (
        moment(entity.created_on), entity.name, "N", y_n(call.session.database == entity.name),
        "SNOWFLAKE.ACCOUNT_USAGE" if is_shared else "", call.catalog.owner_name(entity),
        entity.comment, "TRANSIENT" if entity.transient else "",
        str(call.catalog.retention_days(entity)), "APPLICATION" if is_shared else "STANDARD",
        None, owner_type(call, entity), None,
    )  # fmt: skip


def _schema(call: Call, entity: Schema) -> Row:
    path = call.catalog.path(entity)
    current = (call.session.database, call.session.schema) == path
    words = ["TRANSIENT"] * entity.transient + ["MANAGED ACCESS"] * entity.managed_access
    return (
        moment(entity.created_on), entity.name, "N", y_n(current), path[0],
        call.catalog.owner_name(entity), entity.comment, ", ".join(words),
        str(call.catalog.retention_days(entity)), owner_type(call, entity), None,
    )  # fmt: skip


DATABASES: Final = Listing(
    columns(
        "created_on:time", "name", "is_default", "is_current", "origin", "owner", "comment",
        "options", "retention_time", "kind", "budget", "owner_role_type", "object_visibility",
    ),
    _database,
)  # fmt: skip
SCHEMAS: Final = Listing(
    columns(
        "created_on:time", "name", "is_default", "is_current", "database_name", "owner",
        "comment", "options", "retention_time", "owner_role_type", "budget",
    ),
    _schema,
)  # fmt: skip
