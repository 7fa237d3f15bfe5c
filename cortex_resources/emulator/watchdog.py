"""Stops statements that run too long or that their client gives up."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import _duckdb as duckdb

from cortex_resources.emulator.errors import SnowflakeError

_LOOKS_EVERY_S: Final = 0.2
_LONGEST_S: Final = 600


@dataclass(slots=True, eq=False)
class Ticket:
    """One statement on its way, waiting for its turn or running; `ids` of request and query."""

    ids: frozenset[str]
    session: int
    user: str
    given_up: threading.Event = field(default_factory=threading.Event)
    connection: duckdb.DuckDBPyConnection | None = None
    seconds: int = 0
    deadline: float = 0.0
    reason: SnowflakeError | None = None

    def check(self) -> None:
        """Fail if the client gave the statement up before it began."""
        if self.given_up.is_set():
            raise cancelled()


class Watchdog:
    """Watches the statements that run, and those that wait."""

    def __init__(self) -> None:
        self._tickets: set[Ticket] = set()
        self._here = threading.local()  # the ticket of the statement that a thread executes
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()

    @contextmanager
    def ticket(self, session: int, user: str, *ids: str) -> Iterator[Ticket]:
        """Make a statement known from its arrival to its reply, so that it can be given up."""
        made = Ticket(frozenset(filter(None, ids)), session, user)
        with self._lock:
            self._tickets.add(made)
        try:
            yield made
        finally:
            with self._lock:
                self._tickets.discard(made)

    @contextmanager
    def guard(
        self, ticket: Ticket, connection: duckdb.DuckDBPyConnection, seconds: int
    ) -> Iterator[None]:
        """Let a statement run for so many seconds."""
        ticket.check()
        with self._lock:
            ticket.seconds = min(seconds or _LONGEST_S, _LONGEST_S)
            ticket.deadline = time.monotonic() + ticket.seconds
            ticket.connection, ticket.reason = connection, None
            self._here.ticket = ticket
            self._start()
        try:
            yield
        except (duckdb.Error, SnowflakeError):
            # The query engine may have given the interruption another name.
            if ticket.reason is not None:
                raise ticket.reason from None
            raise
        finally:
            with self._lock:
                ticket.connection = None

    @contextmanager
    def inside(self, connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """While the running statement works on another connection, it is stopped there."""
        running: Ticket | None = getattr(self._here, "ticket", None)
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

    def cancel(
        self,
        statement_id: str | None = None,
        session: int | None = None,
        user: str | None = None,
        spare: str | None = None,
    ) -> int:
        """Give up the statement with this request or query id, running or not yet; how many were.

        Arguments:
            statement_id: every statement when there is none.
            session, user: only a statement of this session or user is meant.
            spare: the statement that asks.
        """
        with self._lock:
            found = [
                ticket
                for ticket in self._tickets
                if (statement_id is None or statement_id in ticket.ids)
                and spare not in ticket.ids
                and session in (None, ticket.session)
                and user in (None, ticket.user)
            ]
            for ticket in found:
                ticket.given_up.set()
                if ticket.connection is not None:
                    ticket.reason = cancelled()
                    ticket.connection.interrupt()
            return len(found)

    def close(self) -> None:
        """Stop what runs, and stop watching."""
        self._closed.set()
        with self._lock:
            left = list(self._tickets)
        for ticket in left:
            for one in ticket.ids:
                self.cancel(one)

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
            self._thread.start()

    def _watch(self) -> None:
        while not self._closed.wait(_LOOKS_EVERY_S):
            with self._lock:
                for ticket in self._tickets:
                    _look(ticket)


def _look(ticket: Ticket) -> None:
    if ticket.connection is None:
        return
    if ticket.given_up.is_set():
        # An interruption that came between two steps of the engine was not heard.
        ticket.connection.interrupt()
    elif time.monotonic() > ticket.deadline:
        ticket.reason = _too_long(ticket.seconds)
        ticket.connection.interrupt()


def cancelled() -> SnowflakeError:
    """What a statement ends with that its client gave up."""
    return SnowflakeError(604, "57014", "SQL execution canceled")


def _too_long(seconds: int) -> SnowflakeError:
    return SnowflakeError(
        630,
        "57014",
        "Statement reached its statement or warehouse timeout of"
        f" {seconds} second(s) and was canceled.",
    )
