"""Is an object gone, or only hidden from this role?

Snowflake answers both with "does not exist or not authorized". An object counts as gone only when
its container is visible and does not list it.
Source: *Access control privileges*; SHOW lists what the role may see.
"""

from __future__ import annotations

from collections.abc import Callable

from cortex_resources.model.effects import Statement
from cortex_resources.model.names import QualifiedName
from cortex_resources.sql import containers

Rows = list[dict[str, object]]
Reader = Callable[[Statement], Rows]


def database_is_visible(read: Reader, name: QualifiedName) -> bool:
    """Whether the role sees the database of this name."""
    return containers.lists(read(containers.show_database(name.database)), name.database)


def schema_is_gone(read: Reader, schema: QualifiedName) -> bool:
    """Whether the schema is provably gone: its database is visible and does not list it."""
    if not database_is_visible(read, schema):
        return False
    return not containers.lists(read(containers.show_schema(schema)), schema.name)
