"""Reads a connection with a time limit for each message, so that a slow client holds nothing up."""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Callable
from typing import Any, Final

IDLE_S: Final = 3_600
MESSAGE_S: Final = 60


class PacedReader(io.RawIOBase):
    """The bytes of a connection; a message that has begun must be whole in a minute.

    A time limit on each read alone would let a client send one byte at a time for ever.
    """

    def __init__(
        self,
        connection: socket.socket,
        begun: Callable[[], object],
        *,
        idle_s: float = IDLE_S,
        message_s: float = MESSAGE_S,
    ) -> None:
        super().__init__()
        self._connection = connection
        self._begun = begun
        self._idle_s = idle_s
        self._message_s = message_s
        self._until: float | None = None

    def readable(self) -> bool:
        """Yes."""
        return True

    def await_message(self) -> None:
        """Between messages a client may stay silent for long."""
        self._until = None

    def readinto(self, buffer: Any) -> int:
        """Read what is there; TimeoutError when the message took too long."""
        left = self._idle_s if self._until is None else self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        count = self._connection.recv_into(buffer)
        if self._until is None:
            self._until = time.monotonic() + self._message_s
            self._begun()
        return count
