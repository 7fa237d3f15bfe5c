"""INFORMATION_SCHEMA.TABLES, VIEWS and COLUMNS: what it says about tables and views."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from cortex_resources.emulator.access.authority import Authority
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import ColumnSpec, Entity, Kind, Table, View
from cortex_resources.emulator.show.cells import Row, moment, owner_type

# What the pages call "not applicable for Snowflake" is there, and NULL.
_UNTYPED: Final = (
    "SELF_REFERENCING_COLUMN_NAME", "REFERENCE_GENERATION", "USER_DEFINED_TYPE_CATALOG",
    "USER_DEFINED_TYPE_SCHEMA", "USER_DEFINED_TYPE_NAME", "IS_INSERTABLE_INTO", "IS_TYPED",
    "COMMIT_ACTION",
)  # fmt: skip
TABLES: Final = (
    "TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "TABLE_OWNER", "TABLE_TYPE", "IS_TRANSIENT",
    "CLUSTERING_KEY", "ROW_COUNT:number", "BYTES:number", "RETENTION_TIME:number", *_UNTYPED,
    "CREATED:time", "LAST_ALTERED:time", "LAST_DDL:time", "LAST_DDL_BY", "AUTO_CLUSTERING_ON",
    "COMMENT", "IS_TEMPORARY",
    "IS_ICEBERG", "IS_DYNAMIC", "IS_IMMUTABLE", "IS_HYBRID", "OWNER_ROLE_TYPE",
)  # fmt: skip
VIEWS: Final = (
    "TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "TABLE_OWNER", "VIEW_DEFINITION",
    "CHECK_OPTION", "IS_UPDATABLE", "INSERTABLE_INTO", "IS_SECURE", "CREATED:time",
    "LAST_ALTERED:time", "LAST_DDL:time", "LAST_DDL_BY", "COMMENT",
)  # fmt: skip
_UNNAMED: Final = (
    "INTERVAL_TYPE", "INTERVAL_PRECISION:number", "CHARACTER_SET_CATALOG", "CHARACTER_SET_SCHEMA",
    "CHARACTER_SET_NAME", "COLLATION_CATALOG", "COLLATION_SCHEMA", "COLLATION_NAME",
    "DOMAIN_CATALOG", "DOMAIN_SCHEMA", "DOMAIN_NAME", "UDT_CATALOG", "UDT_SCHEMA", "UDT_NAME",
    "SCOPE_CATALOG", "SCOPE_SCHEMA", "SCOPE_NAME", "MAXIMUM_CARDINALITY:number",
    "DTD_IDENTIFIER", "IS_SELF_REFERENCING",
)  # fmt: skip
COLUMNS: Final = (
    "TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME", "ORDINAL_POSITION:number",
    "COLUMN_DEFAULT", "IS_NULLABLE", "DATA_TYPE", "CHARACTER_MAXIMUM_LENGTH:number",
    "CHARACTER_OCTET_LENGTH:number", "NUMERIC_PRECISION:number",
    "NUMERIC_PRECISION_RADIX:number", "NUMERIC_SCALE:number", "DATETIME_PRECISION:number",
    *_UNNAMED, "IS_IDENTITY", "IDENTITY_GENERATION", "IDENTITY_START", "IDENTITY_INCREMENT",
    "IDENTITY_MAXIMUM", "IDENTITY_MINIMUM", "IDENTITY_CYCLE", "IDENTITY_ORDERED",
    "SCHEMA_EVOLUTION_RECORD", "COMMENT", "DATA_TYPE_ALIAS",
)  # fmt: skip
_MOST_BYTES: Final = 16_777_216
_IDENTITY: Final = re.compile(r"IDENTITY START (-?\d+) INCREMENT (-?\d+) (ORDER|NOORDER)")
_TIMES: Final = frozenset({"TIME", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ"})


def visible(call: Call, authority: Authority, database: Entity, kind: Kind) -> list[Entity]:
    """The entities of a kind in a database that these roles see."""
    return [e for e in call.catalog.within(database, kind) if authority.sees(e)]


def tables(call: Call, authority: Authority, database: Entity) -> Iterable[Row]:
    """A row for each table and each view; BYTES is NULL, it is not measured here."""
    for entity in visible(call, authority, database, Kind.TABLE):
        assert isinstance(entity, Table)  # noqa: S101 - chosen by kind
        counted = call.connection.execute(f"SELECT count(*) FROM {entity.relation}").fetchone()
        yield _table_row(call, entity, "BASE TABLE", counted[0] if counted else 0)
    for entity in visible(call, authority, database, Kind.VIEW):
        yield _table_row(call, entity, "VIEW", None)


def _table_row(call: Call, entity: Entity, kind: str, rows: int | None) -> Row:
    table = entity if isinstance(entity, Table) else None
    transient = "YES" if table and table.transient else "NO"
    temporary = "YES" if table and table.session is not None else "NO"
    key = (table.cluster_by or None) if table else None
    days = call.catalog.retention_days(entity) if table else None
    at = moment(entity.created_on)
    return (
        *call.catalog.path(entity), call.catalog.owner_name(entity), kind, transient,
        key, rows, None, days, *_nothing(_UNTYPED), at, at, at, None, "YES" if key else "NO",
        entity.comment or None, temporary, "NO", "NO", "NO", "NO", owner_type(call, entity),
    )  # fmt: skip


def views(call: Call, authority: Authority, database: Entity) -> Iterable[Row]:
    """A row for each view; the text of a secure one only for its owner."""
    for entity in visible(call, authority, database, Kind.VIEW):
        assert isinstance(entity, View)  # noqa: S101 - chosen by kind
        hidden = entity.secure and not authority.owns(entity)
        at = moment(entity.created_on)
        yield (
            *call.catalog.path(entity), call.catalog.owner_name(entity),
            None if hidden else entity.text, "NONE", "NO", "NO",
            "YES" if entity.secure else "NO", at, at, at, None, entity.comment or None,
        )  # fmt: skip


def columns(call: Call, authority: Authority, database: Entity) -> Iterable[Row]:
    """A row for each column of each table and view."""
    for kind in (Kind.TABLE, Kind.VIEW):
        for entity in visible(call, authority, database, kind):
            assert isinstance(entity, (Table, View))  # noqa: S101 - chosen by kind
            for position, column in enumerate(entity.columns, 1):
                yield (*call.catalog.path(entity), *_column(column, position))


def _column(column: ColumnSpec, position: int) -> Row:
    word = column.type.partition("(")[0]
    sizes = _sizes(column.type)
    return (
        column.name, position, None if column.sequence else column.default,
        "YES" if column.nullable else "NO", *typed(column),
        sizes[0] if word in _TIMES else None, *_nothing(_UNNAMED), *_identity(column), None,
        column.comment, column.type,
    )  # fmt: skip


def typed(column: ColumnSpec) -> tuple[Any, ...]:
    """The type, the length in characters and bytes, precision, radix and scale."""
    word, sizes = column.type.partition("(")[0], _sizes(column.type)
    text, number = word in ("VARCHAR", "BINARY"), word == "NUMBER"
    return (
        "TEXT" if word == "VARCHAR" else word, sizes[0] if text else None,
        _bytes(word, sizes[0]), sizes[0] if number else None, 10 if number else None,
        sizes[1] if number else None,
    )  # fmt: skip


def _sizes(spelled: str) -> list[int | None]:
    arguments = spelled.rstrip(")").partition("(")[2]
    return [*(int(part) for part in arguments.split(",") if part), None, None]


def _bytes(word: str, length: int | None) -> int | None:
    """A character takes up to four bytes; no text is longer than the longest."""
    if word == "VARCHAR" and length is not None:
        return min(4 * length, _MOST_BYTES)
    return length if word == "BINARY" else None


def _nothing(names: tuple[str, ...]) -> tuple[None, ...]:
    return (None,) * len(names)


def _identity(column: ColumnSpec) -> tuple[Any, ...]:
    told = _IDENTITY.search(column.default or "") if column.sequence else None
    if told is None:
        return ("NO", None, None, None, None, None, None, None)
    ordered = "YES" if told[3] == "ORDER" else "NO"
    return ("YES", "BY DEFAULT", told[1], told[2], None, None, "NO", ordered)
