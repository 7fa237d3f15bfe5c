"""INFORMATION_SCHEMA of a database, and ACCOUNT_USAGE of the account."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from cortex_resources.emulator import names
from cortex_resources.emulator.access.authority import Authority
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.catalog import Catalog
from cortex_resources.emulator.entities import Entity, Kind, Model, Schema
from cortex_resources.emulator.errors import missing_object, unsupported
from cortex_resources.emulator.outcome import columns
from cortex_resources.emulator.queries.context import Column, RowsRelation
from cortex_resources.emulator.show import account_usage
from cortex_resources.emulator.show import information_access as access
from cortex_resources.emulator.show import information_relations as relations
from cortex_resources.emulator.show import information_routines as routines
from cortex_resources.emulator.show.cells import Row, moment, owner_type
from cortex_resources.emulator.show.information_none import NONE

_NO_CHARACTER_SET: Final = (None,) * 4  # "not applicable for Snowflake", and SQL_PATH
_Rows = Callable[[Call, Authority, Entity], Iterable[Row]]


def relation(
    call: Call, authority: Authority, database: Entity, schema: str, name: str
) -> RowsRelation:
    """A view of INFORMATION_SCHEMA, narrowed to what these roles see, or of ACCOUNT_USAGE."""
    usage = schema == "ACCOUNT_USAGE"
    if not usage and name in NONE:
        return RowsRelation(tuple(columns(*NONE[name])), [])
    found = (account_usage.VIEWS if usage else _VIEWS).get(name)
    if usage and database.name == "SNOWFLAKE" and name in account_usage.ELSEWHERE:
        raise unsupported(f"{schema}.{name}")
    if found is None or (usage and database.name != "SNOWFLAKE"):
        raise missing_object("Object", names.qualified((database.name, schema, name)))
    declared, rows = found
    return RowsRelation(tuple(columns(*declared)), list(rows(call, authority, database)))


def declared(name: str) -> list[Column] | None:
    """The columns of a view of INFORMATION_SCHEMA; None when there is no such view."""
    found = NONE.get(name) or (_VIEWS[name][0] if name in _VIEWS else None)
    return None if found is None else columns(*found)


def listed(database: Entity) -> Schema:
    """The INFORMATION_SCHEMA of a database as SHOW SCHEMAS lists it: nobody's, seen like it."""
    return Schema(
        id=database.id,
        name="INFORMATION_SCHEMA",
        parent=database.id,
        created_on=database.created_on,
        comment="Views describing the contents of schemas in this database",
    )


def _schemata(call: Call, authority: Authority, database: Entity) -> Iterable[Row]:
    for entity in relations.visible(call, authority, database, Kind.SCHEMA):
        assert isinstance(entity, Schema)  # noqa: S101 - chosen by kind
        at = moment(entity.created_on)
        yield (
            database.name, entity.name, call.catalog.owner_name(entity),
            "YES" if entity.transient else "NO", "YES" if entity.managed_access else "NO",
            call.catalog.retention_days(entity), *_NO_CHARACTER_SET, at, at,
            entity.comment or None,
        )  # fmt: skip
    at = moment(database.created_on)
    yield (
        database.name, "INFORMATION_SCHEMA", "", "NO", "NO", 1, *_NO_CHARACTER_SET, at, at,
        "Views describing the contents of schemas in this database",
    )  # fmt: skip


def _databases(call: Call, authority: Authority, _database: Entity) -> Iterable[Row]:
    for entity in call.catalog.all(Kind.DATABASE):
        if authority.sees(entity):
            at = moment(entity.created_on)
            yield (
                entity.name, call.catalog.owner_name(entity),
                "YES" if getattr(entity, "transient", False) else "NO", entity.comment or None,
                at, at, call.catalog.retention_days(entity),
                "IMPORTED DATABASE" if entity.name == "SNOWFLAKE" else "STANDARD",
                owner_type(call, entity),
            )  # fmt: skip


def _catalog_name(_call: Call, _authority: Authority, database: Entity) -> Iterable[Row]:
    yield (database.name,)


def _enabled_roles(call: Call, authority: Authority, _database: Entity) -> Iterable[Row]:
    for role in _account_roles(call.catalog, authority.roles):
        yield role.name, call.catalog.owner_name(role) or None


def _applicable_roles(call: Call, _authority: Authority, _database: Entity) -> Iterable[Row]:
    user = call.catalog.find(Kind.USER, (call.session.user,))
    direct = call.account.grants.to(user.id) if user else []
    for grant in direct:
        role = call.catalog.get(grant.on)
        if role is not None and role.kind is Kind.ROLE:
            yield call.session.user, role.name, call.catalog.owner_name(role) or None, "NO"
    reached = call.account.closure(tuple(grant.on for grant in direct))
    for above in _account_roles(call.catalog, reached):
        for role_id in call.account.grants.roles_of(above.id):
            role = call.catalog.by_id(role_id)
            if role.kind is Kind.ROLE:
                yield above.name, role.name, call.catalog.owner_name(role) or None, "NO"


def _account_roles(catalog: Catalog, ids: Iterable[str]) -> list[Entity]:
    found = [catalog.get(role_id) for role_id in ids]
    roles = [role for role in found if role is not None and role.kind is Kind.ROLE]
    return sorted(roles, key=lambda role: role.name)


def _models(call: Call, authority: Authority, database: Entity) -> Iterable[Row]:
    for entity in relations.visible(call, authority, database, Kind.MODEL):
        assert isinstance(entity, Model)  # noqa: S101 - chosen by kind
        at = moment(entity.created_on)
        yield (
            *call.catalog.path(entity), entity.model_type, call.catalog.owner_name(entity),
            entity.default_version, entity.comment or None, at, at,
        )  # fmt: skip


_VIEWS: Final[dict[str, tuple[tuple[str, ...], _Rows]]] = {
    "TABLES": (relations.TABLES, relations.tables),
    "VIEWS": (relations.VIEWS, relations.views),
    "COLUMNS": (relations.COLUMNS, relations.columns),
    "SCHEMATA": (
        (
            "CATALOG_NAME", "SCHEMA_NAME", "SCHEMA_OWNER", "IS_TRANSIENT", "IS_MANAGED_ACCESS",
            "RETENTION_TIME:number", "DEFAULT_CHARACTER_SET_CATALOG",
            "DEFAULT_CHARACTER_SET_SCHEMA", "DEFAULT_CHARACTER_SET_NAME", "SQL_PATH",
            "CREATED:time", "LAST_ALTERED:time", "COMMENT",
        ),
        _schemata,
    ),
    "DATABASES": (
        (
            "DATABASE_NAME", "DATABASE_OWNER", "IS_TRANSIENT", "COMMENT", "CREATED:time",
            "LAST_ALTERED:time", "RETENTION_TIME:number", "TYPE", "OWNER_ROLE_TYPE",
        ),
        _databases,
    ),
    "OBJECT_PRIVILEGES": (access.OBJECT_PRIVILEGES, access.object_privileges),
    "USAGE_PRIVILEGES": (access.OBJECT_PRIVILEGES, access.usage_privileges),
    "TABLE_PRIVILEGES": (access.TABLE_PRIVILEGES, access.table_privileges),
    "TABLE_CONSTRAINTS": (access.TABLE_CONSTRAINTS, access.table_constraints),
    "MODEL_VERSIONS": (access.MODEL_VERSIONS, access.model_versions),
    "INFORMATION_SCHEMA_CATALOG_NAME": (("CATALOG_NAME",), _catalog_name),
    "ENABLED_ROLES": (("ROLE_NAME", "ROLE_OWNER"), _enabled_roles),
    "APPLICABLE_ROLES": (
        ("GRANTEE", "ROLE_NAME", "ROLE_OWNER", "IS_GRANTABLE"),
        _applicable_roles,
    ),
    "FUNCTIONS": (routines.FUNCTIONS, routines.functions),
    "MODELS": (
        (
            "MODEL_CATALOG", "MODEL_SCHEMA", "MODEL_NAME", "MODEL_TYPE", "MODEL_OWNER",
            "DEFAULT_VERSION_NAME", "COMMENT", "CREATED:time", "LAST_ALTERED:time",
        ),
        _models,
    ),
}  # fmt: skip
