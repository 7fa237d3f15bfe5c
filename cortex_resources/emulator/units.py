"""Units of work: the connection of one statement, and how its effect is committed.

Whatever the unit, the control plane's changes are committed with the rows: effect, session and
remembered reply are in the file together or not at all.
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod

import _duckdb as duckdb

from cortex_resources.emulator.sessions import Live
from cortex_resources.emulator.store import Store


class Unit(ABC):
    """The transaction of one statement."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    @abstractmethod
    def connection(self) -> duckdb.DuckDBPyConnection:
        """Where rows are read and written."""

    @property
    def engine(self) -> duckdb.DuckDBPyConnection:
        """The same, to be interrupted from another thread."""
        return self.connection

    def commit(self) -> None:
        """Make the effect durable; a read has none."""
        if self._store.changed or self._store.full:
            self._store.commit()

    def rollback(self) -> None:
        """Take the effect back."""
        self._store.rollback()

    def close(self) -> None:  # noqa: B027 - nothing to release is the rule
        """Release what the unit holds."""


class Control(Unit):
    """A statement about the catalog, on the store's own connection; it keeps the lock."""

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """Where rows are read and written."""
        return self._store.writing()

    @property
    def engine(self) -> duckdb.DuckDBPyConnection:
        """What is interrupted; it does not begin a transaction."""
        return self._store.connection


class Making(Control):
    """CREATE TABLE … AS SELECT: its rows are made on a connection of its own, beside other
    statements; what is noted of the table then goes into the same transaction.
    """

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._cursor = store.connection.cursor()
        self._cursor.execute("BEGIN")
        self._joined = False

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """Where rows are read and written."""
        return self._cursor

    def join(self) -> None:
        """The rows are there, the rest is done under the lock."""
        self._store.join(self._cursor)
        self._joined = True

    def commit(self) -> None:
        """Commit the table with its rows; without `join` there is none."""
        if not self._joined:
            self._cursor.execute("ROLLBACK")
        super().commit()

    def rollback(self) -> None:
        """Take the rows and what was noted back."""
        super().rollback()
        if not self._joined:
            with contextlib.suppress(duckdb.TransactionException):  # the engine ended it
                self._cursor.execute("ROLLBACK")

    def close(self) -> None:
        """Release the connection."""
        self._cursor.close()


class Reading(Unit):
    """A query outside a session's transaction: on a connection of its own, nothing to commit."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._cursor = store.connection.cursor()

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """Where rows are read and written."""
        return self._cursor

    def close(self) -> None:
        """Release the connection."""
        self._cursor.close()


class Changing(Reading):
    """A change of rows that commits by itself, on a connection of its own."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._cursor.execute("BEGIN")

    def commit(self) -> None:
        """Commit the rows and what was noted."""
        self._store.commit(self._cursor)

    def rollback(self) -> None:
        """Take the rows and what was noted back."""
        super().rollback()
        with contextlib.suppress(duckdb.TransactionException):  # a failed COMMIT ended it
            self._cursor.execute("ROLLBACK")


class Joining(Unit):
    """A statement inside the open transaction of its session, which is committed later."""

    def __init__(self, store: Store, live: Live, transaction: duckdb.DuckDBPyConnection) -> None:
        super().__init__(store)
        self._live = live
        self._transaction = transaction

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """Where rows are read and written."""
        return self._transaction

    def rollback(self) -> None:
        """Take the rows and what was noted back."""
        super().rollback()
        self._live.replay()


class Ending(Unit):
    """COMMIT: the session's transaction ends together with the reply that says so."""

    def __init__(self, store: Store, transaction: duckdb.DuckDBPyConnection) -> None:
        super().__init__(store)
        self._transaction = transaction

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """Where rows are read and written."""
        return self._transaction

    def commit(self) -> None:
        """Commit the rows and what was noted."""
        self._store.commit(self._transaction)

    def close(self) -> None:
        """Release the connection."""
        self._transaction.close()
