"""Is an object gone, or only hidden from this role?

Snowflake answers both with "does not exist or not authorized". An object counts as gone only when
its container is visible and does not list it; and a model, whose owner may change, only when the
role that asks sees every object.
Source: *Access control privileges*; SHOW lists what the role may see, and honors MANAGE GRANTS
(*Information Schema*, note on MODELS and other views).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cortex_resources.errors import AccountError, ObjectMissingError
from cortex_resources.model.effects import Statement
from cortex_resources.model.grants import Grantee
from cortex_resources.model.jobs import ModelRecord
from cortex_resources.model.names import QualifiedName
from cortex_resources.preflight import privileges
from cortex_resources.sql import containers, grants

Rows = list[dict[str, object]]
Reader = Callable[[Statement], Rows]
T = TypeVar("T")


def database_is_visible(read: Reader, name: QualifiedName) -> bool:
    """Whether the role sees the database of this name."""
    return containers.lists(read(containers.show_database(name.database)), name.database)


def schema_is_gone(read: Reader, schema: QualifiedName) -> bool:
    """Whether the schema is provably gone: its database is visible and does not list it."""
    if not database_is_visible(read, schema):
        return False
    return not containers.lists(read(containers.show_schema(schema)), schema.name)


def sought(look: Callable[[], T], read: Reader, schema: QualifiedName) -> T | None:
    """What a look into a schema finds; None where the schema is provably gone.

    Raises:
        ObjectMissingError: the schema may only be hidden from the role.
    """
    try:
        return look()
    except ObjectMissingError:
        if schema_is_gone(read, schema):
            return None
        raise


@dataclass(frozen=True, slots=True)
class Viewer:
    """A role that looks.

    Arguments:
        read: runs a READ with it.
        role: which one it is; asked only on doubt.
    """

    read: Reader
    role: Callable[[], Grantee]


@dataclass(frozen=True, slots=True)
class Sight:
    """A model as some roles see it.

    Arguments:
        model: what is there; None where none of them sees it.
        renamed: the name that somebody gave it.
        unseen_by: the roles that do not see it, where nothing proves that it is gone.
    """

    model: ModelRecord | None = None
    renamed: QualifiedName | None = None
    unseen_by: str = ""


def model_seen(
    name: QualifiedName,
    viewers: Sequence[Viewer],
    artifact: Callable[[QualifiedName, Reader], ModelRecord | None],
) -> Sight:
    """Look for a model with one role after the other, and prove its absence if none sees it.

    Arguments:
        name: the model.
        viewers: who looks, at least one.
        artifact: how the service is asked.

    Raises:
        ObjectMissingError: no role sees the schema, and nothing proves that it is gone.
    """
    refusals: list[ObjectMissingError] = []
    for viewer in viewers:
        try:
            model = artifact(name, viewer.read)
        except ObjectMissingError as error:
            if schema_is_gone(viewer.read, name.parent):
                return Sight()
            refusals.append(error)
            continue
        if model is not None:
            return Sight(model)
    if len(refusals) == len(viewers):
        raise refusals[0]
    if any(sees_everything(viewer.read, viewer.role()) for viewer in reversed(viewers)):
        return Sight()
    return Sight(unseen_by=told(viewers))


def told(viewers: Sequence[Viewer]) -> str:
    """Who looked, in words."""
    return " and ".join(dict.fromkeys(str(viewer.role()) for viewer in viewers))


def sees_everything(read: Reader, role: Grantee) -> bool:
    """Whether the role holds MANAGE GRANTS on the account, itself or through a role below it."""
    try:
        holders = grants.parse_account(read(grants.show_on_account()), "MANAGE GRANTS")
        return bool(holders) and any(held in holders for held in privileges.closure(role, read))
    except AccountError:
        return False
