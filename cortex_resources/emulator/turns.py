"""Who waits for whom: a repeat for its first run, a statement for the one before it in the same
transaction, a change of rows for the change before it. Everything else runs side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from cortex_resources.emulator.sessions import Live
from cortex_resources.emulator.watchdog import Ticket

_LOOKS_EVERY_S: Final = 0.2


class Turns:
    """The requests that are being executed; used under the account's lock."""

    def __init__(self, lock: threading.RLock) -> None:
        self._ended = threading.Condition(lock)
        self._keys: set[str] = set()
        self._changing = False

    @contextmanager
    def request(self, key: str, ticket: Ticket) -> Iterator[None]:
        """The turn of a request: no other of the same key is being executed."""
        self._wait(ticket, lambda: bool(key) and key in self._keys)
        self._keys.add(key)
        try:
            yield
        finally:
            self._keys.discard(key)
            self._ended.notify_all()

    @contextmanager
    def session(self, live: Live, ticket: Ticket) -> Iterator[None]:
        """The turn of a statement in its session: an open transaction takes one at a time."""
        self._wait(ticket, lambda: live.transaction is not None and live.running > 0)
        live.running += 1
        try:
            yield
        finally:
            live.running -= 1
            self._ended.notify_all()

    @contextmanager
    def change(self, ticket: Ticket) -> Iterator[None]:
        """The turn of a statement that changes rows and commits: two could touch the same row."""
        self._wait(ticket, lambda: self._changing)
        self._changing = True
        try:
            yield
        finally:
            self._changing = False
            self._ended.notify_all()

    def _wait(self, ticket: Ticket, taken: Callable[[], bool]) -> None:
        while taken():
            ticket.check()
            self._ended.wait(_LOOKS_EVERY_S)
