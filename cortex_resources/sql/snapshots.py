"""CREATE TABLE … AS, SHOW TABLES, COMMENT and DROP for the tables that hold frozen rows.

Our marker is the last line of a table's comment, after what the user wrote.
Source: *CREATE TABLE … AS SELECT*, *SHOW TABLES*, *DROP TABLE*.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cortex_resources.model.effects import Effect, Statement
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.snapshots import DatasetSnapshot
from cortex_resources.model.views import TRAINING_COLUMNS
from cortex_resources.sql.literals import literal, pattern

Row = Mapping[str, object]

_MARKER = re.compile(r"\[(?P<marker>cortex-resources [^\]]+)\]\s*\Z")


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table as the account showed it; `rows` None where the account did not say."""

    name: QualifiedName
    comment: str
    marker: str
    rows: int | None


def show(name: QualifiedName) -> Statement:
    """Read the tables of a schema that LIKE takes for this name; `parse` filters exactly."""
    text = f"SHOW TABLES LIKE {pattern(name.name)} IN SCHEMA {name.parent}"
    return Statement(text, Effect.READ, f"snapshot {name}")


def create(snapshot: DatasetSnapshot, marker: str) -> Statement:
    """Freeze the rows of now in a table that must not exist."""
    columns = ", ".join(TRAINING_COLUMNS)
    text = (
        f"CREATE TABLE {snapshot.table} COMMENT = {_comment(snapshot, marker)}"
        f" AS SELECT {columns} FROM ({snapshot.query.strip()})"
    )
    return Statement(text, Effect.CHANGE, f"snapshot {snapshot.name} is declared")


def set_comment(snapshot: DatasetSnapshot, marker: str) -> Statement:
    """Change the comment; the rows stay."""
    text = f"COMMENT ON TABLE {snapshot.table} IS {_comment(snapshot, marker)}"
    return Statement(text, Effect.CHANGE, f"comment of {snapshot.table} differs")


def drop(name: QualifiedName) -> Statement:
    """Drop the frozen rows; UNDROP TABLE brings them back within the account's retention."""
    return Statement(f"DROP TABLE {name}", Effect.DESTROY, f"snapshot {name} left the stack")


def _comment(snapshot: DatasetSnapshot, marker: str) -> str:
    own = f"{snapshot.comment}\n" if snapshot.comment else ""
    return literal(f"{own}[{marker}]")


def parse(rows: Sequence[Row]) -> dict[QualifiedName, FoundTable]:
    """The tables of SHOW TABLES by their name."""
    found = {}
    for row in rows:
        name = QualifiedName((str(row["database_name"]), str(row["schema_name"]), str(row["name"])))
        text, count = str(row.get("comment") or ""), row.get("rows")
        match = _MARKER.search(text)
        found[name] = FoundTable(
            name,
            text[: match.start()].removesuffix("\n") if match else text,
            match["marker"] if match else "",
            None if count is None else int(str(count)),
        )
    return found
