"""INFORMATION_SCHEMA about privileges, keys and versions of models."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final

from cortex_resources.emulator.access.authority import Authority
from cortex_resources.emulator.access.grants import Grant
from cortex_resources.emulator.access.privileges import USAGE
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Entity, Kind, Model, Table
from cortex_resources.emulator.show.cells import Row, moment
from cortex_resources.emulator.show.details import constraint_name
from cortex_resources.emulator.show.grant_rows import owner_grant
from cortex_resources.emulator.show.information_relations import visible

OBJECT_PRIVILEGES: Final = (
    "GRANTOR", "GRANTEE", "OBJECT_CATALOG", "OBJECT_SCHEMA", "OBJECT_NAME",
    "OBJECT_TYPE", "PRIVILEGE_TYPE", "IS_GRANTABLE", "CREATED:time", "GRANTED_TO",
)  # fmt: skip
TABLE_PRIVILEGES: Final = (
    "GRANTOR", "GRANTEE", "GRANTED_TO", "TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME",
    "PRIVILEGE_TYPE", "IS_GRANTABLE", "WITH_HIERARCHY", "CREATED:time",
)  # fmt: skip
TABLE_CONSTRAINTS: Final = (
    "CONSTRAINT_CATALOG", "CONSTRAINT_SCHEMA", "CONSTRAINT_NAME", "TABLE_CATALOG", "TABLE_SCHEMA",
    "TABLE_NAME", "CONSTRAINT_TYPE", "IS_DEFERRABLE", "INITIALLY_DEFERRED", "ENFORCED", "COMMENT",
    "CREATED:time", "LAST_ALTERED:time", "RELY",
)  # fmt: skip
MODEL_VERSIONS: Final = (
    "DATABASE_NAME", "SCHEMA_NAME", "MODEL_NAME", "MODEL_VERSION_NAME", "VERSION_ALIASES",
    "COMMENT", "OWNER", "CREATED:time", "LAST_ALTERED:time", "FUNCTIONS", "MODEL_TYPE",
    "PYTHON_VERSION", "LANGUAGE", "DEPENDENCIES", "METADATA", "USERDATA",
)  # fmt: skip
_HOLDERS: Final = (
    Kind.SCHEMA,
    Kind.DATABASE_ROLE,
    Kind.TABLE,
    Kind.VIEW,
    Kind.MODEL,
    Kind.FUNCTION,
)
_KEYS: Final = (("primary", "PRIMARY KEY"), ("unique", "UNIQUE"))


def _granted(
    call: Call, authority: Authority, database: Entity, kinds: Iterable[Kind]
) -> Iterator[tuple[Grant, Entity]]:
    """The grants on the visible entities of these kinds, ownership first."""
    for kind in kinds:
        entities = [database] if kind is Kind.DATABASE else visible(call, authority, database, kind)
        for entity in entities:
            for grant in (*owner_grant(entity), *call.account.grants.on(entity.id)):
                yield grant, entity


def object_privileges(call: Call, authority: Authority, database: Entity) -> Iterable[Row]:
    """Every privilege on the database and what is in it."""
    for grant, entity in _granted(call, authority, database, (Kind.DATABASE, *_HOLDERS)):
        yield _object_row(call, grant, entity)


def usage_privileges(call: Call, authority: Authority, database: Entity) -> Iterable[Row]:
    """USAGE on the database and what is in it."""
    for grant, entity in _granted(call, authority, database, (Kind.DATABASE, *_HOLDERS)):
        if grant.privilege == USAGE:
            yield _object_row(call, grant, entity)


def table_privileges(call: Call, authority: Authority, database: Entity) -> Iterable[Row]:
    """Privileges on tables and views."""
    for grant, entity in _granted(call, authority, database, (Kind.TABLE, Kind.VIEW)):
        by, grantee = call.catalog.get(grant.by), call.catalog.by_id(grant.to)
        yield (
            by.name if by else None, grantee.name, grantee.kind.underscored,
            *call.catalog.path(entity), grant.privilege, "YES" if grant.option else "NO", "NO",
            moment(grant.created_on),
        )  # fmt: skip


def _object_row(call: Call, grant: Grant, entity: Entity) -> Row:
    path = call.catalog.path(entity)
    by, grantee = call.catalog.get(grant.by), call.catalog.by_id(grant.to)
    return (
        by.name if by else None, grantee.name, path[0], path[1] if len(path) == 3 else None,
        entity.name, entity.kind.value, grant.privilege, "YES" if grant.option else "NO",
        moment(grant.created_on), grantee.kind.underscored,
    )  # fmt: skip


def table_constraints(call: Call, authority: Authority, database: Entity) -> Iterable[Row]:
    """Primary and unique keys, noted and not enforced."""
    for entity in visible(call, authority, database, Kind.TABLE):
        assert isinstance(entity, Table)  # noqa: S101 - chosen by kind
        path, at = call.catalog.path(entity), moment(entity.created_on)
        for field, word in _KEYS:
            if any(getattr(column, field) for column in entity.columns):
                yield (
                    *path[:2], constraint_name(entity, field), *path, word, "NO", "YES", "NO",
                    None, at, at, "NO",
                )  # fmt: skip


def model_versions(call: Call, authority: Authority, database: Entity) -> Iterable[Row]:
    """A row for each version of each model; what a version is made of is not kept here."""
    for entity in visible(call, authority, database, Kind.MODEL):
        assert isinstance(entity, Model)  # noqa: S101 - chosen by kind
        for version in entity.versions:
            at = moment(version.created_on)
            yield (
                *call.catalog.path(entity), version.name, json.dumps(list(version.aliases)),
                version.comment or None, call.catalog.owner_name(entity), at, at, None,
                entity.model_type, None, None, None, None, None,
            )  # fmt: skip
