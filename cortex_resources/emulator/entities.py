"""The things an account holds, from databases to warehouses, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, Final

from cortex_resources.emulator.access_tokens import AccessToken


class Kind(StrEnum):
    """The kind of an entity, spelled as SQL spells it."""

    ACCOUNT = "ACCOUNT"
    DATABASE = "DATABASE"
    SCHEMA = "SCHEMA"
    TABLE = "TABLE"
    VIEW = "VIEW"
    MODEL = "MODEL"
    DATASET = "DATASET"
    ROLE = "ROLE"
    DATABASE_ROLE = "DATABASE ROLE"
    USER = "USER"
    WAREHOUSE = "WAREHOUSE"

    @property
    def title(self) -> str:  # type: ignore[override]
        """The word that begins an error message about one."""
        return self.value.capitalize()

    @property
    def underscored(self) -> str:
        """The word that SHOW GRANTS prints."""
        return self.value.replace(" ", "_")

    @property
    def plural(self) -> str:
        """The word after SHOW, ALL and FUTURE."""
        return f"{self.value}S"


IN_SCHEMA: Final = frozenset({Kind.TABLE, Kind.VIEW, Kind.MODEL, Kind.DATASET})
IN_DATABASE: Final = frozenset({Kind.SCHEMA, Kind.DATABASE_ROLE})
ROLES: Final = frozenset({Kind.ROLE, Kind.DATABASE_ROLE})


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A column of a table or view: its name and its Snowflake type as text."""

    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """What every entity has; `parent` and `owner` are ids of other entities."""

    kind: ClassVar[Kind]
    id: str
    name: str
    parent: str | None = None
    owner: str | None = None
    created_on: float = 0.0
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database(Entity):
    """A database."""

    kind: ClassVar[Kind] = Kind.DATABASE
    retention_days: int = 1
    transient: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema(Entity):
    """A schema; in a managed-access schema only its owner grants on what it contains."""

    kind: ClassVar[Kind] = Kind.SCHEMA
    managed_access: bool = False
    retention_days: int = 1
    transient: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Entity):
    """A table; its rows are in the DuckDB table `relation`."""

    kind: ClassVar[Kind] = Kind.TABLE
    relation: str
    columns: tuple[ColumnSpec, ...] = ()
    physical: tuple[str, ...] = ()
    transient: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class View(Entity):
    """A view: the statement as it was typed, its SELECT, and the columns it had then."""

    kind: ClassVar[Kind] = Kind.VIEW
    text: str
    body: str
    columns: tuple[ColumnSpec, ...] = ()
    secure: bool = False
    change_tracking: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """One version of a model."""

    name: str
    created_on: float
    comment: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Model(Entity):
    """A model; a tuned one names the job whose pairs it answers from."""

    kind: ClassVar[Kind] = Kind.MODEL
    model_type: str = "CORTEX_FINETUNED"
    base_model: str = ""
    job: str = ""
    versions: tuple[ModelVersion, ...] = ()
    default_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A version of a dataset; its rows are in the DuckDB table `relation`, as c1, c2, …"""

    name: str
    created_on: float
    relation: str
    columns: tuple[str, ...]
    comment: str = ""
    metadata: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset(Entity):
    """A dataset and its versions."""

    kind: ClassVar[Kind] = Kind.DATASET
    snapshots: tuple[Snapshot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Role(Entity):
    """An account role."""

    kind: ClassVar[Kind] = Kind.ROLE


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseRole(Entity):
    """A database role."""

    kind: ClassVar[Kind] = Kind.DATABASE_ROLE


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Entity):
    """A user; `password` is a salted hash, `public_key` a PEM body, tokens are digests."""

    kind: ClassVar[Kind] = Kind.USER
    password: str | None = None
    login_name: str = ""
    display_name: str = ""
    email: str = ""
    disabled: bool = False
    default_role: str | None = None
    default_warehouse: str | None = None
    default_namespace: str | None = None
    default_secondary_roles: tuple[str, ...] = ("ALL",)
    public_key: str | None = None
    public_key_2: str | None = None
    user_type: str | None = None
    first_name: str = ""
    last_name: str = ""
    tokens: tuple[AccessToken, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Warehouse(Entity):
    """A warehouse; it computes nothing here, but statements may be refused without one."""

    kind: ClassVar[Kind] = Kind.WAREHOUSE
    size: str = "X-Small"
    warehouse_type: str = "STANDARD"
    auto_suspend: int | None = 600
    auto_resume: bool = True
    suspended: bool = False


CLASSES: Final[dict[Kind, type[Entity]]] = {
    cls.kind: cls
    for cls in (Database, Schema, Table, View, Model, Dataset, Role, DatabaseRole, User, Warehouse)
}


def to_json(entity: Entity) -> dict[str, Any]:
    """An entity as the journal keeps it."""
    record: dict[str, Any] = {"kind": entity.kind.value}
    for field in fields(entity):
        record[field.name] = _plain(getattr(entity, field.name))
    return record


def _plain(value: Any) -> Any:
    if isinstance(value, (ColumnSpec, ModelVersion, Snapshot, AccessToken)):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def from_json(record: dict[str, Any]) -> Entity:
    """The entity that `to_json` wrote."""
    values = dict(record)
    kind = Kind(values.pop("kind"))
    if kind in (Kind.TABLE, Kind.VIEW):
        values["columns"] = tuple(ColumnSpec(**column) for column in values["columns"])
    if kind is Kind.TABLE:
        values["physical"] = tuple(values["physical"])
    if kind is Kind.MODEL:
        values["versions"] = tuple(
            ModelVersion(**{**version, "aliases": tuple(version["aliases"])})
            for version in values["versions"]
        )
    if kind is Kind.DATASET:
        values["snapshots"] = tuple(
            Snapshot(**{**snapshot, "columns": tuple(snapshot["columns"])})
            for snapshot in values["snapshots"]
        )
    if kind is Kind.USER:
        values["default_secondary_roles"] = tuple(values["default_secondary_roles"])
        values["tokens"] = tuple(AccessToken(**token) for token in values.get("tokens", ()))
    return CLASSES[kind](**values)
