"""SHOW DATABASES and SHOW SCHEMAS: what holds the objects that are declared.

LIKE may match more than the name, so the rows are filtered exactly.
Source: *SHOW DATABASES*, *SHOW SCHEMAS*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cortex_resources.model.effects import Effect, Statement
from cortex_resources.model.names import QualifiedName
from cortex_resources.sql.literals import pattern

Row = Mapping[str, object]


def show_database(name: str) -> Statement:
    """Read the databases that LIKE takes for this name."""
    return Statement(f"SHOW DATABASES LIKE {pattern(name)}", Effect.READ, f"is {name} there")


def show_schema(schema: QualifiedName) -> Statement:
    """Read the schemas of its database that LIKE takes for this name."""
    database = QualifiedName(schema.parts[:1])
    text = f"SHOW SCHEMAS LIKE {pattern(schema.name)} IN DATABASE {database}"
    return Statement(text, Effect.READ, f"is {schema.name} there")


def lists(rows: Sequence[Row], name: str) -> bool:
    """Whether exactly this name is among the rows."""
    return any(str(row.get("name")) == name for row in rows)
