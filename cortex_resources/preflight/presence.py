"""Is an object gone, or only hidden from this role?

Snowflake answers both with "does not exist or not authorized". An object counts as gone only when
its container is visible and does not list it.
Source: *Access control privileges*; SHOW lists what the role may see.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from cortex_resources.errors import ObjectMissingError
from cortex_resources.model.effects import Statement
from cortex_resources.model.names import QualifiedName
from cortex_resources.sql import containers

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
