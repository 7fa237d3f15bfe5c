"""The statements that create a sample's objects, fill its tables and look at what is there.

Everything is created with a comment that marks it as this sample's; nothing is replaced or dropped.
"""

from __future__ import annotations

from collections.abc import Iterator

from cortex_resources.model.effects import Effect, Statement
from cortex_resources.model.names import QualifiedName, quoted
from cortex_resources.sql.literals import literal
from samples.layout import Layout, Rows, SampleTable

MARK = "Sample of cortex-resources"
"""How the comments of everything that the sample made begin."""

_BATCH_CHARACTERS, _BATCH_ROWS = 200_000, 1_000
"""A statement stays far below what Snowflake takes: one million characters, 16,384 rows."""


def shown_tables(layout: Layout) -> Statement:
    """List the tables beside which the sample's tables are, with comments and row counts."""
    return Statement(f"SHOW TABLES IN SCHEMA {layout.home}", Effect.READ)


def shown_database(layout: Layout) -> Statement:
    """Look for the sample's database."""
    return Statement(f"SHOW DATABASES LIKE {_pattern(layout.database)}", Effect.READ)


def shown_roles(layout: Layout) -> Statement:
    """List the roles that begin like those of the sample."""
    prefix = layout.roles[0].removesuffix("TRAINER")
    return Statement(f"SHOW ROLES LIKE {_pattern(prefix, after='%')}", Effect.READ)


def _pattern(name: str, after: str = "") -> str:
    return literal(name.replace("_", "\\_") + after)


def counted(table: QualifiedName) -> Statement:
    """Count the rows of a table."""
    return Statement(f"SELECT COUNT(*) AS N FROM {table}", Effect.READ)


def containers(layout: Layout) -> Iterator[Statement]:
    """Create the database, its schemas and the warehouse where they are missing."""
    database = QualifiedName((layout.database,))
    yield _change(f"CREATE DATABASE IF NOT EXISTS {database} COMMENT = {literal(MARK)}")
    for schema in layout.schemas:
        name = database.child(schema)
        yield _change(f"CREATE SCHEMA IF NOT EXISTS {name} COMMENT = {literal(MARK)}")
    yield _change(
        f"CREATE WAREHOUSE IF NOT EXISTS {quoted(layout.warehouse)} WAREHOUSE_SIZE = XSMALL "
        f"AUTO_SUSPEND = 60 INITIALLY_SUSPENDED = TRUE COMMENT = {literal(MARK)}"
    )


def role(name: str) -> Iterator[Statement]:
    """Create a role and let the administrators of objects use it."""
    yield _change(f"CREATE ROLE IF NOT EXISTS {quoted(name)} COMMENT = {literal(MARK)}")
    yield _change(f"GRANT ROLE {quoted(name)} TO ROLE SYSADMIN")


def table(name: QualifiedName, shape: SampleTable) -> Statement:
    """Create an empty table, marked from its first moment."""
    columns = ", ".join(f"{column} VARCHAR" for column in shape.columns)
    text = f"CREATE TABLE IF NOT EXISTS {name} ({columns}) COMMENT = {literal(loading())}"
    return _change(text)


def emptied(name: QualifiedName) -> Iterator[Statement]:
    """Take the rows of an earlier load out of a table that is marked as the sample's."""
    yield commented(name, loading())
    yield _change(f"TRUNCATE TABLE {name}")


def commented(name: QualifiedName, comment: str) -> Statement:
    """Write what is known about the rows beside them."""
    return _change(f"COMMENT ON TABLE {name} IS {literal(comment)}")


def loading() -> str:
    """The comment of a table whose rows are not complete."""
    return f"{MARK}: loading"


def loaded(rows: int, fingerprint: str) -> str:
    """The comment of a table that is complete, and what its rows were made from."""
    return f"{MARK}: {rows} rows, fingerprint {fingerprint}"


def inserts(name: QualifiedName, rows: Rows) -> Iterator[tuple[Statement, int]]:
    """Insert the rows in a few statements; with each, how many rows it carries."""
    batch: list[str] = []
    size = 0
    for row in rows:
        text = f"({', '.join(literal(cell) for cell in row)})"
        if batch and (size + len(text) > _BATCH_CHARACTERS or len(batch) == _BATCH_ROWS):
            yield _insert(name, batch), len(batch)
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    if batch:
        yield _insert(name, batch), len(batch)


def _insert(name: QualifiedName, values: list[str]) -> Statement:
    return _change(f"INSERT INTO {name} VALUES {', '.join(values)}")


def _change(text: str) -> Statement:
    return Statement(text, Effect.CHANGE, "sample data")
