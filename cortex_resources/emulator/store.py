"""The control plane on disk: a journal of (kind, key, JSON) lines beside the user rows.

The control plane lives in memory. What a statement changes of it is noted, and written to the
journal in the transaction that commits the statement's effect; or all of it is taken back.
The line of the statement log goes the same way, so that a commit is one insertion; many of them
together are moved to a table of their own.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import _duckdb as duckdb

from cortex_resources.emulator.errors import disk_full
from cortex_resources.emulator.state_file import open_state

_COMPACT_ABOVE: Final = 5_000
_LINES_WAITING: Final = 200
_LINES_IN_JOURNAL: Final = 1_000
_LOG_LINE: Final = "statement"

_JOURNAL_LOG_LINES: Final = (
    f"SELECT key::BIGINT AS seq, value FROM control.journal WHERE kind = '{_LOG_LINE}'"
)
_EVERY_LOG_LINE: Final = f"SELECT seq, value FROM control.statements UNION ALL {_JOURNAL_LOG_LINES}"

_ENCODER: Final = json.JSONEncoder(separators=(",", ":"))

_Line = tuple[int, str, str, str | None]


class Store:
    """Keeps the control plane in step with its journal. Its caller holds the account's lock."""

    def __init__(self, path: Path | None) -> None:
        self.connection = open_state(path)
        self._live: dict[tuple[str, str], str] = {}
        self._pending: dict[tuple[str, str], dict[str, Any] | None] = {}
        self._undo: list[Callable[[], None]] = []
        self._writer: duckdb.DuckDBPyConnection | None = None  # in a transaction
        self._logged: list[tuple[int, dict[str, Any]]] = []
        self._forgotten: int | None = None
        self._sequence = 0
        self._rows = 0
        self._log_lines = 0  # in the journal
        self._load()
        self.connection.execute("SET lock_configuration = true")
        self._compact()

    def load(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every stored (key, value) of one kind, in the order in which they were first written."""
        for (stored_kind, key), value in list(self._live.items()):
            if stored_kind == kind:
                yield key, json.loads(value)

    def keys(self, kind: str) -> list[str]:
        """The stored keys of one kind, in the order in which they were first written."""
        return [key for stored_kind, key in self._live if stored_kind == kind]

    def get(self, kind: str, key: str) -> dict[str, Any] | None:
        """One stored value."""
        pending = self._pending.get((kind, key), ...)
        if pending is not ...:
            return pending
        text = self._live.get((kind, key))
        return None if text is None else json.loads(text)

    def write(
        self,
        kind: str,
        key: str,
        value: dict[str, Any] | None,
        undo: Callable[[], None] | None = None,
    ) -> None:
        """Note a change (None deletes); `undo` takes it back in memory if it is rolled back."""
        self._pending[kind, key] = value
        if undo is not None:
            self._undo.append(undo)

    def log(self, seq: int, value: dict[str, Any]) -> None:
        """Note a line of the statement log; unlike a change it survives a rollback."""
        self._logged.append((seq, value))

    def logged(self) -> list[dict[str, Any]]:
        """The lines of the statement log, the oldest first."""
        rows = self.connection.execute(
            f"SELECT value FROM ({_EVERY_LOG_LINE}) ORDER BY seq"
        ).fetchall()
        return [*(json.loads(value) for (value,) in rows), *(value for _, value in self._logged)]

    def last_logged(self) -> dict[str, Any] | None:
        """The newest line of the statement log."""
        rows = self.connection.execute(
            f"SELECT value FROM ({_EVERY_LOG_LINE}) ORDER BY seq DESC LIMIT 1"
        ).fetchall()
        return json.loads(rows[0][0]) if rows else None

    def forget_logged(self, until: int) -> None:
        """Drop the lines of the statement log up to a number, when lines are moved next."""
        self._forgotten = until

    @property
    def changed(self) -> bool:
        """Whether changes wait for the commit of their statement."""
        return self._writer is not None or bool(self._pending)

    @property
    def full(self) -> bool:
        """Whether so many log lines wait that they should be committed by themselves."""
        return len(self._logged) > _LINES_WAITING

    def writing(self) -> duckdb.DuckDBPyConnection:
        """A connection in a transaction that ends with `commit` or `rollback`: the store's own."""
        if self._writer is None:
            self.connection.execute("BEGIN")
            self._writer = self.connection
        return self._writer

    def join(self, connection: duckdb.DuckDBPyConnection) -> None:
        """From now to its end the statement writes in the transaction of this connection."""
        self._writer = connection

    @contextlib.contextmanager
    def apart(self) -> Iterator[None]:
        """A transaction of its own in the middle of a statement.

        What is noted inside is in the file at the end, whatever becomes of the statement and of
        its own notes, which wait meanwhile.
        """
        outer = self._pending, self._undo, self._writer
        self._pending, self._undo, self._writer = {}, [], None
        try:
            with self.connection.cursor() as cursor:
                cursor.execute("BEGIN")
                yield
                self._write(cursor)
        except BaseException:
            self.rollback()
            raise
        finally:
            self._pending, self._undo, self._writer = outer

    def commit(self, connection: duckdb.DuckDBPyConnection | None = None) -> None:
        """Commit what was noted together with the transaction of `connection`, or with its own."""
        if connection is not None and self._writer is not None:
            self.commit()
        if connection is not None or self._writer or self._pending or self._logged:
            self._write(connection or self._writer)
            try:
                self._compact()
            except duckdb.Error as error:
                # What was to be kept is in the file: the journal is rewritten when there is room.
                self.rollback()
                if disk_full(error) is None:
                    raise

    def _write(self, connection: duckdb.DuckDBPyConnection | None) -> None:
        """Write what was noted and end the transaction; without one, one insertion is enough."""
        lines = self._lines()
        logged = [
            (self._sequence + number, _LOG_LINE, str(seq), _ENCODER.encode(value))
            for number, (seq, value) in enumerate(self._logged, len(lines) + 1)
        ]
        try:
            _insert(connection or self.connection, [*lines, *logged])
            if connection is not None:
                connection.execute("COMMIT")
        except duckdb.Error as error:
            raise disk_full(error) or error from None
        self._settle(lines, len(logged))

    def rollback(self) -> None:
        """Forget what was noted and undo it in memory, newest first."""
        writer, self._writer = self._writer, None
        if writer is not None:
            with contextlib.suppress(duckdb.TransactionException):  # a failed COMMIT ended it
                writer.execute("ROLLBACK")
        for undo in reversed(self._undo):
            undo()
        self._undo.clear()
        self._pending.clear()

    def wipe(self) -> None:
        """Empty the file: the control plane and every table of user rows."""
        for waiting in (self._pending, self._undo, self._logged, self._live):
            waiting.clear()
        connection = self.writing()
        tables = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'"
        ).fetchall()
        for (name,) in tables:
            connection.execute(f'DROP TABLE "{name}"')
        sequences = connection.execute("SELECT sequence_name FROM duckdb_sequences()")
        for (name,) in sequences.fetchall():
            connection.execute(f'DROP SEQUENCE "{name}"')
        for name in ("journal", "statements", "pairs"):
            connection.execute(f"DELETE FROM control.{name}")
        self.commit()
        self._rows = self._sequence = self._log_lines = 0
        self._forgotten = None

    def close(self) -> None:
        """Release the file."""
        self.connection.close()

    def _lines(self) -> list[_Line]:
        """The noted changes as lines of the journal."""
        return [
            (
                self._sequence + number,
                kind,
                key,
                None if value is None else _ENCODER.encode(value),
            )
            for number, ((kind, key), value) in enumerate(self._pending.items(), 1)
        ]

    def _settle(self, lines: list[_Line], logged: int) -> None:
        """The commit is done: what was noted is what is live."""
        for _, kind, key, text in lines:
            self._remember(kind, key, text)
        self._sequence += len(lines) + logged
        self._rows += len(lines)
        self._log_lines += logged
        self._writer = None
        for waiting in (self._pending, self._undo, self._logged):
            waiting.clear()

    def _remember(self, kind: str, key: str, text: str | None) -> None:
        if text is None:
            self._live.pop((kind, key), None)
        else:
            self._live[kind, key] = text

    def _load(self) -> None:
        lines = self.connection.execute(
            "SELECT seq, kind, key, value FROM control.journal ORDER BY seq"
        ).fetchall()
        for self._sequence, kind, key, value in lines:
            if kind == _LOG_LINE:
                self._log_lines += 1
            else:
                self._remember(kind, key, value)
        self._rows = len(lines) - self._log_lines

    def _compact(self) -> None:
        """Rewrite the journal, in one transaction, when most of its lines are superseded."""
        superseded = self._rows >= _COMPACT_ABOVE + 2 * len(self._live)
        if not superseded and self._log_lines < _LINES_IN_JOURNAL:
            return
        connection = self.writing()
        connection.execute(f"INSERT INTO control.statements {_JOURNAL_LOG_LINES}")
        if self._forgotten is not None:
            connection.execute(f"DELETE FROM control.statements WHERE seq <= {self._forgotten}")
        if superseded:
            connection.execute("DELETE FROM control.journal")
            lines: list[_Line] = [
                (self._sequence + number, kind, key, value)
                for number, ((kind, key), value) in enumerate(self._live.items(), 1)
            ]
            _insert(connection, lines)
        else:
            connection.execute(f"DELETE FROM control.journal WHERE kind = '{_LOG_LINE}'")
        connection.execute("COMMIT")
        self._writer, self._log_lines, self._forgotten = None, 0, None
        if superseded:
            self._sequence += len(self._live)
            self._rows = len(self._live)


def _insert(connection: duckdb.DuckDBPyConnection, lines: list[_Line]) -> None:
    """Append lines to the journal; few of them go faster as VALUES."""
    if not lines:
        return
    if len(lines) <= 8:
        connection.execute(
            f"INSERT INTO control.journal VALUES {', '.join(['(?, ?, ?, ?)'] * len(lines))}",
            [cell for line in lines for cell in line],
        )
        return
    connection.execute(
        "INSERT INTO control.journal SELECT unnest(?), unnest(?), unnest(?), unnest(?)",
        [list(column) for column in zip(*lines, strict=True)],
    )
