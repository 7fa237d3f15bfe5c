"""Stops statements that run too long or that their client gives up."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import duckdb

from cortex_resources.emulator.errors import SnowflakeError

_LOOKS_EVERY_S: Final = 0.2
_LONGEST_S: Final = 600


@dataclass(slots=True)
class _Running:
    """The statement that runs now."""

    ids: frozenset[str]
    connection: duckdb.DuckDBPyConnection
    seconds: int
    deadline: float
    reason: SnowflakeError | None = None


class Watchdog:
    """Watches the one statement that the account executes at a time."""

    def __init__(self) -> None:
        self._running: _Running | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()

    @contextmanager
    def guard(
        self, connection: duckdb.DuckDBPyConnection, ids: frozenset[str], seconds: int
    ) -> Iterator[None]:
        """Let a statement run for so many seconds; `ids` are its request and query id."""
        allowed = min(seconds or _LONGEST_S, _LONGEST_S)
        running = _Running(ids, connection, allowed, time.monotonic() + allowed)
        with self._lock:
            self._running = running
            self._start()
        try:
            yield
        except (duckdb.Error, SnowflakeError):
            # The query engine may have given the interruption another name.
            if running.reason is not None:
                raise running.reason from None
            raise
        finally:
            with self._lock:
                self._running = None

    @contextmanager
    def inside(self, connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """While the running statement works on another connection, it is stopped there."""
        running = self._running
        if running is None:
            yield
            return
        outer, running.connection = running.connection, connection
        try:
            yield
        finally:
            with self._lock:
                running.connection = outer
        if running.reason is not None:
            raise running.reason

    def cancel(self, statement_id: str) -> bool:
        """Stop the running statement if it has this request or query id."""
        with self._lock:
            running = self._running
            if running is None or statement_id not in running.ids:
                return False
            running.reason = _cancelled()
            running.connection.interrupt()
            return True

    def close(self) -> None:
        """Stop watching."""
        self._closed.set()

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
            self._thread.start()

    def _watch(self) -> None:
        while not self._closed.wait(_LOOKS_EVERY_S):
            with self._lock:
                running = self._running
                if running is not None and time.monotonic() > running.deadline:
                    running.reason = _too_long(running.seconds)
                    running.connection.interrupt()


def _cancelled() -> SnowflakeError:
    return SnowflakeError(604, "57014", "SQL execution canceled")


def _too_long(seconds: int) -> SnowflakeError:
    return SnowflakeError(
        630,
        "57014",
        "Statement reached its statement or warehouse timeout of"
        f" {seconds} second(s) and was canceled.",
    )
