"""The open connections: counted, and the idlest closed when there are too many."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Final

MOST: Final = 512
_REFUSAL: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
    b"Retry-After: 1\r\nConnection: close\r\n\r\n"
)


class Connections:
    """What is open; a dictionary keeps the order in which connections became idle."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._open: set[socket.socket] = set()
        self._idle: dict[socket.socket, None] = {}
        self._lock = threading.Lock()

    def admit(self, connection: socket.socket) -> bool:
        """Take a connection in, if need be in place of one that waits for its client's next word.

        Clients repeat a request whose connection was closed under it.
        """
        with self._lock:
            if len(self._open) >= self._most and not self._evict():
                with contextlib.suppress(OSError):
                    connection.settimeout(0)
                    connection.send(_REFUSAL)
                return False
            self._open.add(connection)
            # Until it has said something, it is the first to go.
            self._idle[connection] = None
            return True

    def _evict(self) -> bool:
        oldest = next(iter(self._idle), None)
        if oldest is None:
            return False
        del self._idle[oldest]
        self._open.discard(oldest)
        _cut(oldest)
        return True

    def idle(self, connection: socket.socket) -> None:
        """A connection waits for its client."""
        with self._lock:
            if connection in self._open:
                self._idle.pop(connection, None)
                self._idle[connection] = None

    def busy(self, connection: socket.socket) -> None:
        """A connection has begun a message."""
        with self._lock:
            self._idle.pop(connection, None)

    def ended(self, connection: socket.socket) -> None:
        """A connection is over."""
        with self._lock:
            self._open.discard(connection)
            self._idle.pop(connection, None)

    def cut_all(self) -> None:
        """End every connection."""
        with self._lock:
            for connection in self._open:
                _cut(connection)


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
