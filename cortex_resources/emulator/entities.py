"""The things an account holds, from databases to warehouses, as frozen records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

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
    FUNCTION = "FUNCTION"
    ROLE = "ROLE"
    DATABASE_ROLE = "DATABASE ROLE"
    USER = "USER"
    WAREHOUSE = "WAREHOUSE"
    TAG = "TAG"

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


IN_SCHEMA: Final = frozenset(
    {Kind.TABLE, Kind.VIEW, Kind.MODEL, Kind.DATASET, Kind.FUNCTION, Kind.TAG}
)
IN_DATABASE: Final = frozenset({Kind.SCHEMA, Kind.DATABASE_ROLE})
ROLES: Final = frozenset({Kind.ROLE, Kind.DATABASE_ROLE})


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A column of a table or view: its name and its Snowflake type as text.

    `tags` are (id of the tag, value); `sequence` is what the numbers of an IDENTITY come from.
    """

    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    comment: str | None = None
    primary: bool = False
    unique: bool = False
    sequence: str = ""
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """What every entity has; `parent` and `owner` are ids, `tags` (id of the tag, value)."""

    kind: ClassVar[Kind]
    id: str
    name: str
    parent: str | None = None
    owner: str | None = None
    created_on: float = 0.0
    comment: str = ""
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Database(Entity):
    """A database; `retention_days` None is that of the container, in the end the account's."""

    kind: ClassVar[Kind] = Kind.DATABASE
    retention_days: int | None = None
    transient: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema(Entity):
    """A schema; in a managed-access schema only its owner grants on what it contains."""

    kind: ClassVar[Kind] = Kind.SCHEMA
    managed_access: bool = False
    retention_days: int | None = None
    transient: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Entity):
    """A table; its rows are in the DuckDB table `relation`.

    A temporary table names the session that alone sees it.
    """

    kind: ClassVar[Kind] = Kind.TABLE
    relation: str
    columns: tuple[ColumnSpec, ...] = ()
    physical: tuple[str, ...] = ()
    transient: bool = False
    retention_days: int | None = None
    change_tracking: bool = False
    cluster_by: str = ""
    session: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class View(Entity):
    """A view: the statement as it was typed, its SELECT, and the columns it had then.

    A temporary view names the session that alone sees it.
    """

    kind: ClassVar[Kind] = Kind.VIEW
    text: str
    body: str
    columns: tuple[ColumnSpec, ...] = ()
    secure: bool = False
    change_tracking: bool = False
    recursive: bool = False
    session: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag(Entity):
    """A tag; without a list of allowed values every text is allowed."""

    kind: ClassVar[Kind] = Kind.TAG
    allowed_values: tuple[str, ...] | None = None


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
class Argument:
    """An argument of a function; its type is Snowflake's, its default an expression, as text."""

    name: str
    type: str
    default: str | None = None

    @property
    def short(self) -> str:
        """The type without length and precision, which tell no two functions apart."""
        return self.type.partition("(")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Function(Entity):
    """A scalar SQL function: the expression or query that it is, with names for arguments."""

    kind: ClassVar[Kind] = Kind.FUNCTION
    arguments: tuple[Argument, ...] = ()
    returns: str
    body: str
    secure: bool = False
    memoizable: bool = False
    volatility: str = "VOLATILE"

    @property
    def signature(self) -> str:
        """The name with the types of the arguments: what a function is found by."""
        return signature(self.name, [argument.short for argument in self.arguments])

    @property
    def least(self) -> int:
        """How many arguments a call needs: those without a default come first."""
        return sum(argument.default is None for argument in self.arguments)

    @property
    def callable_as(self) -> frozenset[str]:
        """The signatures of all calls, with and without the arguments that have a default."""
        types = [argument.short for argument in self.arguments]
        sizes = range(self.least, len(types) + 1)
        return frozenset(signature(self.name, types[:size]) for size in sizes)


def signature(name: str, types: Iterable[str]) -> str:
    """How a function of that name and those argument types is told from others of its name."""
    return f"{name}({', '.join(types)})"


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
    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    email: str = ""
    must_change_password: bool = False
    disabled: bool = False
    default_role: str | None = None
    default_warehouse: str | None = None
    default_namespace: str | None = None
    default_secondary_roles: tuple[str, ...] = ("ALL",)
    public_key: str | None = None
    public_key_2: str | None = None
    user_type: str | None = None
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
    min_cluster_count: int = 1
    max_cluster_count: int = 1
    scaling_policy: str = "STANDARD"
    query_acceleration: bool = False
    max_scale_factor: int = 8
    generation: str = "1"


CLASSES: Final[dict[Kind, type[Entity]]] = {
    cls.kind: cls
    for cls in (
        Database, Schema, Table, View, Model, Dataset, Function, Role, DatabaseRole, User,
        Warehouse, Tag,
    )
}  # fmt: skip
