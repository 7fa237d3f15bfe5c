"""SHOW of each kind of object: its columns, and a row for each."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from cortex_resources.emulator.access.privileges import USAGE
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import (
    Database,
    DatabaseRole,
    Dataset,
    Entity,
    Kind,
    Model,
    Role,
    Schema,
    Table,
    User,
    View,
    Warehouse,
)
from cortex_resources.emulator.outcome import columns
from cortex_resources.emulator.queries.context import Column

Row = tuple[Any, ...]


def moment(seconds: float) -> datetime:
    """A stored time as a result cell, to the millisecond."""
    return datetime.fromtimestamp(round(seconds, 3), UTC)


def owner_type(call: Call, entity: Entity) -> str:
    """ROLE, DATABASE_ROLE, or nothing for what the system owns."""
    owner = call.catalog.get(entity.owner)
    return owner.kind.underscored if owner else ""


def _place(call: Call, entity: Entity) -> tuple[str, str]:
    path = call.catalog.path(entity)
    return path[0], path[1]


def _database(call: Call, entity: Entity) -> Row:
    assert isinstance(entity, Database)  # noqa: S101 - chosen by kind
    current = "Y" if call.session.database == entity.name else "N"
    kind = "APPLICATION" if entity.name == "SNOWFLAKE" else "STANDARD"
    return (
        moment(entity.created_on), entity.name, "N", current, "", call.catalog.owner_name(entity),
        entity.comment, "TRANSIENT" if entity.transient else "", str(entity.retention_days), kind,
        owner_type(call, entity),
    )  # fmt: skip


def _schema(call: Call, entity: Entity) -> Row:
    assert isinstance(entity, Schema)  # noqa: S101 - chosen by kind
    path = call.catalog.path(entity)
    current = "Y" if (call.session.database, call.session.schema) == path else "N"
    words = ["TRANSIENT"] * entity.transient + ["MANAGED ACCESS"] * entity.managed_access
    return (
        moment(entity.created_on), entity.name, "N", current, path[0],
        call.catalog.owner_name(entity), entity.comment, ", ".join(words),
        str(entity.retention_days), owner_type(call, entity),
    )  # fmt: skip


def _table(call: Call, entity: Entity) -> Row:
    assert isinstance(entity, Table)  # noqa: S101 - chosen by kind
    counted = call.connection.execute(f"SELECT count(*) FROM {entity.relation}").fetchone()
    rows = counted[0] if counted else 0
    return (
        moment(entity.created_on), entity.name, *_place(call, entity),
        "TRANSIENT" if entity.transient else "TABLE", entity.comment, "", rows, None,
        call.catalog.owner_name(entity), "1", "OFF", owner_type(call, entity),
    )  # fmt: skip


def _view(call: Call, entity: Entity) -> Row:
    assert isinstance(entity, View)  # noqa: S101 - chosen by kind
    hidden = entity.secure and not call.authority.owns(entity)
    return (
        moment(entity.created_on), entity.name, "", *_place(call, entity),
        call.catalog.owner_name(entity), entity.comment, "" if hidden else entity.text,
        _text(entity.secure), "false", owner_type(call, entity),
        "ON" if entity.change_tracking else "OFF", "VIEW",
    )  # fmt: skip


def _object(call: Call, entity: Entity) -> Row:
    return (
        moment(entity.created_on), entity.name, *_place(call, entity), entity.kind.value,
        entity.comment, call.catalog.owner_name(entity), owner_type(call, entity),
    )  # fmt: skip


def _role(call: Call, entity: Entity) -> Row:
    assert isinstance(entity, Role)  # noqa: S101 - chosen by kind
    user = call.catalog.find(Kind.USER, (call.session.user,))
    to_users, to_roles, granted = _assignments(call, entity)
    is_default = isinstance(user, User) and user.default_role == entity.name
    inherited = entity.id in call.authority.roles
    return (
        moment(entity.created_on), entity.name, _yes(is_default),
        _yes(entity.name == call.session.role), _yes(inherited), to_users, to_roles, granted,
        call.catalog.owner_name(entity), entity.comment,
    )  # fmt: skip


def _database_role(call: Call, entity: Entity) -> Row:
    assert isinstance(entity, DatabaseRole)  # noqa: S101 - chosen by kind
    grants = call.account.grants.on(entity.id)
    kinds = [call.catalog.by_id(grant.to).kind for grant in grants]
    granted = [g for g in call.account.grants.to(entity.id) if _is(call, g.on, Kind.DATABASE_ROLE)]
    return (
        moment(entity.created_on), entity.name, "N", "N",
        _yes(entity.id in call.authority.roles), kinds.count(Kind.ROLE),
        kinds.count(Kind.DATABASE_ROLE), len(granted), call.catalog.owner_name(entity),
        entity.comment, owner_type(call, entity), call.catalog.path(entity)[0],
    )  # fmt: skip


def _assignments(call: Call, role: Role) -> tuple[int, int, int]:
    kinds = [
        call.catalog.by_id(grant.to).kind
        for grant in call.account.grants.on(role.id)
        if grant.privilege == USAGE
    ]
    granted = [g for g in call.account.grants.to(role.id) if _is(call, g.on, Kind.ROLE)]
    return kinds.count(Kind.USER), len(kinds) - kinds.count(Kind.USER), len(granted)


def _is(call: Call, entity_id: str, kind: Kind) -> bool:
    entity = call.catalog.get(entity_id)
    return entity is not None and entity.kind is kind


def _user(call: Call, entity: Entity) -> Row:
    assert isinstance(entity, User)  # noqa: S101 - chosen by kind
    return (
        entity.name, moment(entity.created_on), entity.login_name, entity.display_name, "", "",
        entity.email, "", "", entity.comment, _text(entity.disabled), "false", "false",
        entity.default_warehouse or "", entity.default_namespace or "", entity.default_role or "",
        json.dumps(list(entity.default_secondary_roles)), call.catalog.owner_name(entity),
        _text(entity.password is not None), _text(entity.public_key is not None),
        entity.user_type or "",
    )  # fmt: skip


def _warehouse(call: Call, entity: Entity) -> Row:
    assert isinstance(entity, Warehouse)  # noqa: S101 - chosen by kind
    return (
        entity.name, "SUSPENDED" if entity.suspended else "STARTED", entity.warehouse_type,
        entity.size, 1, 1, 1, 0, 0, "N", "Y" if call.session.warehouse == entity.name else "N",
        entity.auto_suspend, _text(entity.auto_resume), moment(entity.created_on),
        moment(entity.created_on), moment(entity.created_on), call.catalog.owner_name(entity),
        entity.comment, "false", 8, None, "STANDARD", owner_type(call, entity),
    )  # fmt: skip


def _model(call: Call, entity: Entity) -> Row:
    assert isinstance(entity, Model)  # noqa: S101 - chosen by kind
    aliases = {alias: v.name for v in entity.versions for alias in v.aliases}
    last = entity.versions[-1].name if entity.versions else ""
    return (
        moment(entity.created_on), entity.name, entity.model_type, *_place(call, entity),
        entity.comment, call.catalog.owner_name(entity), entity.default_version,
        json.dumps([version.name for version in entity.versions]),
        json.dumps({"DEFAULT": entity.default_version, "LAST": last, **aliases}),
    )  # fmt: skip


def _dataset(call: Call, entity: Entity) -> Row:
    assert isinstance(entity, Dataset)  # noqa: S101 - chosen by kind
    return (
        moment(entity.created_on), entity.name, *_place(call, entity),
        call.catalog.owner_name(entity), entity.comment,
        json.dumps([snapshot.name for snapshot in entity.snapshots]), owner_type(call, entity),
    )  # fmt: skip


def _yes(value: bool) -> str:
    return "Y" if value else "N"


def _text(value: bool) -> str:
    return "true" if value else "false"


LISTINGS: Final[dict[Kind, tuple[list[Column], Callable[[Call, Entity], Row]]]] = {
    Kind.DATABASE: (
        columns(
            "created_on:time", "name", "is_default", "is_current", "origin", "owner", "comment",
            "options", "retention_time", "kind", "owner_role_type",
        ),
        _database,
    ),
    Kind.SCHEMA: (
        columns(
            "created_on:time", "name", "is_default", "is_current", "database_name", "owner",
            "comment", "options", "retention_time", "owner_role_type",
        ),
        _schema,
    ),
    Kind.TABLE: (
        columns(
            "created_on:time", "name", "database_name", "schema_name", "kind", "comment",
            "cluster_by", "rows:number", "bytes:number", "owner", "retention_time",
            "change_tracking", "owner_role_type",
        ),
        _table,
    ),
    Kind.VIEW: (
        columns(
            "created_on:time", "name", "reserved", "database_name", "schema_name", "owner",
            "comment", "text", "is_secure", "is_materialized", "owner_role_type",
            "change_tracking", "kind",
        ),
        _view,
    ),
    Kind.ROLE: (
        columns(
            "created_on:time", "name", "is_default", "is_current", "is_inherited",
            "assigned_to_users:number", "granted_to_roles:number", "granted_roles:number",
            "owner", "comment",
        ),
        _role,
    ),
    Kind.DATABASE_ROLE: (
        columns(
            "created_on:time", "name", "is_default", "is_current", "is_inherited",
            "granted_to_roles:number", "granted_to_database_roles:number",
            "granted_database_roles:number", "owner", "comment", "owner_role_type",
            "database_name",
        ),
        _database_role,
    ),
    Kind.USER: (
        columns(
            "name", "created_on:time", "login_name", "display_name", "first_name", "last_name",
            "email", "mins_to_unlock", "days_to_expiry", "comment", "disabled",
            "must_change_password", "snowflake_lock", "default_warehouse", "default_namespace",
            "default_role", "default_secondary_roles", "owner", "has_password",
            "has_rsa_public_key", "type",
        ),
        _user,
    ),
    Kind.WAREHOUSE: (
        columns(
            "name", "state", "type", "size", "min_cluster_count:number",
            "max_cluster_count:number", "started_clusters:number", "running:number",
            "queued:number", "is_default", "is_current", "auto_suspend:number", "auto_resume",
            "created_on:time", "resumed_on:time", "updated_on:time", "owner", "comment",
            "enable_query_acceleration", "query_acceleration_max_scale_factor:number",
            "resource_monitor", "scaling_policy", "owner_role_type",
        ),
        _warehouse,
    ),
    Kind.DATASET: (
        columns(
            "created_on:time", "name", "database_name", "schema_name", "owner", "comment",
            "versions", "owner_role_type",
        ),
        _dataset,
    ),
    Kind.MODEL: (
        columns(
            "created_on:time", "name", "model_type", "database_name", "schema_name", "comment",
            "owner", "default_version_name", "versions", "aliases",
        ),
        _model,
    ),
}  # fmt: skip

OBJECTS: Final = (
    columns(
        "created_on:time", "name", "database_name", "schema_name", "kind", "comment", "owner",
        "owner_role_type",
    ),
    _object,
)  # fmt: skip
