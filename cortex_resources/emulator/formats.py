"""The layout of a state file, and the steps from earlier layouts to this one.

A new layout raises FORMAT, changes `_LAYOUT` and adds one step to `_STEPS`; the steps run in one
transaction, so a file is wholly in the old layout or wholly in the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import _duckdb as duckdb

FORMAT: Final = 2
APPLICATION: Final = "cortex-resources local account"

_PAIRS: Final = (
    "CREATE TABLE control.pairs (job VARCHAR, split VARCHAR, position BIGINT,"
    " prompt VARCHAR, completion VARCHAR)"
)
_LAYOUT: Final = (
    "CREATE SCHEMA control",
    "CREATE TABLE control.format (application VARCHAR, version INTEGER)",
    "CREATE TABLE control.journal (seq BIGINT, kind VARCHAR, key VARCHAR, value VARCHAR)",
    "CREATE TABLE control.statements (seq BIGINT, value VARCHAR)",
    _PAIRS,
    f"INSERT INTO control.format VALUES ('{APPLICATION}', {FORMAT})",
)


class ForeignError(Exception):
    """The file belongs to another program or to a newer version; the text says which."""


def found(connection: duckdb.DuckDBPyConnection) -> int | None:
    """The format of an open file; None when it is an empty database."""
    try:
        row = connection.execute("SELECT application, version FROM control.format").fetchone()
    except (duckdb.CatalogException, duckdb.BinderException):
        if _holds_anything(connection):
            raise ForeignError("it is a DuckDB file of another program") from None
        return None
    if row is None or row[0] != APPLICATION:
        raise ForeignError("it is a DuckDB file of another program")
    if not 1 <= row[1] <= FORMAT:
        raise ForeignError(f"it has format {row[1]} and this version reads formats 1 to {FORMAT}")
    return int(row[1])


def _holds_anything(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether a database holds tables, views, types, macros, sequences or schemas."""
    return (
        connection.execute(
            "SELECT 1 FROM duckdb_tables()"
            " UNION ALL SELECT 1 FROM duckdb_views() WHERE NOT internal"
            " UNION ALL SELECT 1 FROM duckdb_types() WHERE NOT internal"
            " UNION ALL SELECT 1 FROM duckdb_functions() WHERE NOT internal"
            " UNION ALL SELECT 1 FROM duckdb_sequences()"
            " UNION ALL SELECT 1 FROM duckdb_schemas() WHERE NOT internal AND schema_name <> 'main'"
        ).fetchone()
        is not None
    )


def lay_out(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill an empty database; all or nothing."""
    _together(connection, [partial(_run, connection, *_LAYOUT)])


def migrate(connection: duckdb.DuckDBPyConnection, version: int) -> None:
    """Bring a file of an earlier format to this one; all or nothing."""
    steps = [_STEPS[old] for old in range(version, FORMAT)]
    changes = [partial(step, connection) for step in steps]
    done = f"UPDATE control.format SET version = {FORMAT}"
    _together(connection, [*changes, partial(_run, connection, done)])


def _together(connection: duckdb.DuckDBPyConnection, changes: Sequence[Callable[[], None]]) -> None:
    connection.execute("BEGIN")
    try:
        for change in changes:
            change()
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _run(connection: duckdb.DuckDBPyConnection, *statements: str) -> None:
    for statement in statements:
        connection.execute(statement)


def _from_1(connection: duckdb.DuckDBPyConnection) -> None:
    """The statement log leaves the journal; a remembered reply says when it was given."""
    _run(
        connection,
        "CREATE TABLE control.statements (seq BIGINT, value VARCHAR)",
        "INSERT INTO control.statements SELECT key::BIGINT, value FROM control.journal"
        " WHERE kind = 'statement' ORDER BY seq",
        "DELETE FROM control.journal WHERE kind = 'statement'",
        "UPDATE control.journal SET value ="
        " '{\"at\":' || epoch(now())::VARCHAR || ',\"reply\":' || value || '}'"
        " WHERE kind = 'request' AND value IS NOT NULL",
    )


_STEPS: Final[dict[int, Callable[[duckdb.DuckDBPyConnection], None]]] = {1: _from_1}
