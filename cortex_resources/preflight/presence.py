"""Is an object gone, or only hidden from this role?

Snowflake answers both with "does not exist or not authorized". An object counts as gone only when
its container is visible and does not list it.
Source: *Access control privileges*; SHOW lists what the role may see.
"""

from __future__ import annotations

from collections.abc import Callable

from cortex_resources.model.effects import Effect, Statement
from cortex_resources.model.names import QualifiedName
from cortex_resources.sql.literals import pattern

Rows = list[dict[str, object]]
Reader = Callable[[Statement], Rows]


def _lists(read: Reader, text: str, name: str) -> bool:
    rows = read(Statement(text, Effect.READ, f"is {name} there"))
    return any(str(row.get("name")) == name for row in rows)


def database_is_visible(read: Reader, name: QualifiedName) -> bool:
    """Whether the role sees the database of this name."""
    return _lists(read, f"SHOW DATABASES LIKE {pattern(name.database)}", name.database)


def schema_is_gone(read: Reader, schema: QualifiedName) -> bool:
    """Whether the schema is provably gone: its database is visible and does not list it."""
    if not database_is_visible(read, schema):
        return False
    database = QualifiedName(schema.parts[:1])
    text = f"SHOW SCHEMAS LIKE {pattern(schema.name)} IN DATABASE {database}"
    return not _lists(read, text, schema.name)
