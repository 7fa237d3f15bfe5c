"""The state file: one DuckDB database that holds user rows and a journal of the control plane.

The control plane lives in memory; each change of it is a (kind, key, JSON) line in the journal,
written in the same transaction as the user rows that the statement changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import duckdb

FORMAT: Final = 1
STATEMENT: Final = "statement"  # the kind of the lines of the statement log
_APPLICATION: Final = "cortex-resources local account"
_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}
_PAIRS: Final = (
    "CREATE TABLE control.pairs"
    " (job VARCHAR, split VARCHAR, position BIGINT, prompt VARCHAR, completion VARCHAR)"
)
_COMPACT_ABOVE: Final = 5_000
_LINES_WAITING: Final = 200


_Line = tuple[int, str, str, str | None]


class StateFileError(Exception):
    """The state file cannot be used; nothing was written to it."""


class Store:
    """Keeps the control plane in step with its journal and rolls both back together."""

    def __init__(
        self, path: Path | None, install: Callable[[duckdb.DuckDBPyConnection], None]
    ) -> None:
        self.path = path
        self.connection = _open(path)
        self._live: dict[tuple[str, str], str] = {}
        self._pending: dict[tuple[str, str], dict[str, Any] | None] = {}
        self._undo: list[Callable[[], None]] = []
        self._lines: list[tuple[str, str, str]] = []
        self._sequence = 0
        self._rows = 0
        self._prepare(install)

    def load(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every stored (key, value) of one kind, in the order in which they were first written."""
        for (stored_kind, key), value in list(self._live.items()):
            if stored_kind == kind:
                yield key, json.loads(value)

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

    def keep(
        self, kind: str, key: str, value: dict[str, Any], connection: duckdb.DuckDBPyConnection
    ) -> None:
        """Write a change at once, in the transaction that is open on another connection."""
        self._sequence += 1
        self._rows += 1
        text = json.dumps(value, separators=(",", ":"))
        self._remember(kind, key, text)
        _insert(connection, [(self._sequence, kind, key, text)])

    def append(self, kind: str, key: str, value: dict[str, Any]) -> None:
        """Note a line of a log; unlike a change it survives a rollback."""
        self._lines.append((kind, key, json.dumps(value, separators=(",", ":"))))

    def lines(self, kind: str) -> list[dict[str, Any]]:
        """The lines of a log, the oldest first."""
        rows = self.connection.execute(
            "SELECT value FROM control.journal WHERE kind = ? ORDER BY seq", [kind]
        ).fetchall()
        return [json.loads(value) for (value,) in rows]

    def forget_lines(self, kind: str, most: int) -> None:
        """Keep only the newest lines of a log."""
        self.connection.execute(
            "DELETE FROM control.journal WHERE kind = ? AND seq NOT IN"
            " (SELECT seq FROM control.journal WHERE kind = ? ORDER BY seq DESC LIMIT ?)",
            [kind, kind, most],
        )

    @property
    def dirty(self) -> bool:
        """Whether changes, or many log lines, wait to be flushed."""
        return bool(self._pending) or len(self._lines) > _LINES_WAITING

    def flush(self, connection: duckdb.DuckDBPyConnection | None = None) -> None:
        """Write the noted changes to the journal, on a transaction that its caller commits."""
        if not self._pending and not self._lines:
            return
        lines: list[_Line] = []
        for (kind, key), value in self._pending.items():
            self._sequence += 1
            text = None if value is None else json.dumps(value, separators=(",", ":"))
            lines.append((self._sequence, kind, key, text))
            self._remember(kind, key, text)
        self._rows += len(lines)
        for kind, key, text in self._lines:
            self._sequence += 1
            lines.append((self._sequence, kind, key, text))
        _insert(connection or self.connection, lines)
        self._lines.clear()
        self._pending.clear()
        self._undo.clear()

    def rollback(self) -> None:
        """Forget the noted changes and undo them in memory, newest first."""
        for undo in reversed(self._undo):
            undo()
        self._undo.clear()
        self._pending.clear()

    def compact(self) -> None:
        """Rewrite the journal when most of its lines are superseded."""
        if self._rows < _COMPACT_ABOVE + 2 * len(self._live):
            return
        first = self._sequence + 1
        lines: list[_Line] = []
        for (kind, key), value in self._live.items():
            self._sequence += 1
            lines.append((self._sequence, kind, key, value))
        self.connection.execute("BEGIN")
        _insert(self.connection, lines)
        self.connection.execute(
            "DELETE FROM control.journal WHERE seq < ? AND kind <> ?", [first, STATEMENT]
        )
        self.connection.execute("COMMIT")
        self._rows = len(lines)

    def wipe(self) -> None:
        """Empty the file: the control plane and every table of user rows."""
        for waiting in (self._pending, self._undo, self._lines, self._live):
            waiting.clear()
        self.connection.execute("BEGIN")
        tables = self.connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'"
        ).fetchall()
        for (name,) in tables:
            self.connection.execute(f'DROP TABLE "{name}"')
        sequences = self.connection.execute("SELECT sequence_name FROM duckdb_sequences()")
        for (name,) in sequences.fetchall():
            self.connection.execute(f'DROP SEQUENCE "{name}"')
        for name in ("journal", "pairs"):
            self.connection.execute(f"DELETE FROM control.{name}")
        self.connection.execute("COMMIT")
        self._rows = self._sequence = 0

    def close(self) -> None:
        """Release the file."""
        self.connection.close()

    def _remember(self, kind: str, key: str, text: str | None) -> None:
        if text is None:
            self._live.pop((kind, key), None)
        else:
            self._live[kind, key] = text

    def _prepare(self, install: Callable[[duckdb.DuckDBPyConnection], None]) -> None:
        if not self._is_initialised():
            self._initialise()
        lines = self.connection.execute(
            "SELECT seq, kind, key, value FROM control.journal WHERE kind <> ? ORDER BY seq",
            [STATEMENT],
        ).fetchall()
        for _, kind, key, value in lines:
            self._remember(kind, key, value)
        row = self.connection.execute("SELECT max(seq) FROM control.journal").fetchone()
        self._sequence = (row[0] if row else 0) or 0
        self._rows = len(lines)
        install(self.connection)
        self.connection.execute("SET lock_configuration = true")
        self.compact()

    def _is_initialised(self) -> bool:
        """Whether the file is ours; a foreign one is refused here."""
        tables = self.connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables()"
        ).fetchall()
        if not tables:
            return False
        if ("control", "format") not in tables:
            raise self._refused("it is a DuckDB file of another program")
        row = self.connection.execute("SELECT application, version FROM control.format").fetchone()
        if row is None or row[0] != _APPLICATION:
            raise self._refused("it is a DuckDB file of another program")
        if row[1] != FORMAT:
            raise self._refused(f"it has format {row[1]} and this version reads format {FORMAT}")
        return True

    def _initialise(self) -> None:
        for statement in (
            "BEGIN",
            "CREATE SCHEMA control",
            "CREATE TABLE control.format (application VARCHAR, version INTEGER)",
            "CREATE TABLE control.journal (seq BIGINT, kind VARCHAR, key VARCHAR, value VARCHAR)",
            _PAIRS,
        ):
            self.connection.execute(statement)
        self.connection.execute("INSERT INTO control.format VALUES (?, ?)", [_APPLICATION, FORMAT])
        self.connection.execute("COMMIT")

    def _refused(self, why: str) -> StateFileError:
        self.connection.close()
        return StateFileError(
            f"{self.path} is not a state file of the local account: {why}. "
            "Nothing was changed; choose another file with --state."
        )


def _insert(connection: duckdb.DuckDBPyConnection, lines: list[_Line]) -> None:
    """Append lines to the journal; few of them go faster as VALUES."""
    if len(lines) <= 8:
        rows = ", ".join(["(?, ?, ?, ?)"] * len(lines))
        cells = [cell for line in lines for cell in line]
        connection.execute(f"INSERT INTO control.journal VALUES {rows}", cells)
        return
    connection.execute(
        "INSERT INTO control.journal SELECT unnest(?), unnest(?), unnest(?), unnest(?)",
        [list(column) for column in zip(*lines, strict=True)],
    )


def _open(path: Path | None) -> duckdb.DuckDBPyConnection:
    if path is None:
        return duckdb.connect(":memory:", config=_CONFIG)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return duckdb.connect(str(path), config=_CONFIG)
    except duckdb.IOException as error:
        reason = str(error).splitlines()[0]
        if "lock" in reason.lower():
            raise StateFileError(
                f"{path} is in use by another local account. "
                "Stop it (`cortex-resources account stop`) or choose another file with --state."
            ) from None
        raise StateFileError(
            f"{path} is not a state file of the local account: {reason} "
            "Nothing was changed; choose another file with --state."
        ) from None
    except (duckdb.Error, OSError) as error:
        raise StateFileError(
            f"{path} cannot be opened as a state file: {str(error).splitlines()[0]} "
            "Nothing was changed; choose another file with --state."
        ) from None
