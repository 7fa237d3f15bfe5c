"""The head of an HTTP request: its first line and its fields, bounded in size and number.

Strict where leniency lets two readers understand two different requests: no folded lines, no
space around the name of a field, no end before the empty line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, Final

from cortex_resources.emulator.wire.body import RequestError

_METHODS: Final = frozenset({"GET", "POST", "DELETE"})
_VERSIONS: Final = frozenset({"HTTP/1.0", "HTTP/1.1"})
_LONGEST_LINE: Final = 65_536
_MOST_FIELDS: Final = 100


@dataclass(frozen=True, slots=True)
class Head:
    """Method, address and fields of one request; names of fields in lower case."""

    method: str
    address: str
    version: str
    fields: dict[str, list[str]]

    def get(self, name: str) -> str | None:
        """The first value of a field."""
        found = self.fields.get(name)
        return found[0] if found else None

    @property
    def persists(self) -> bool:
        """Whether the client keeps the connection for a further request."""
        word = (self.get("connection") or "").lower()
        return word != "close" and (self.version == "HTTP/1.1" or word == "keep-alive")

    @property
    def waits(self) -> bool:
        """Whether the client sends the body only when it is told to."""
        word = (self.get("expect") or "").lower()
        return word == "100-continue" and self.version == "HTTP/1.1"


def read(source: BinaryIO) -> Head | None:
    """The next head; None when the client has no more to say."""
    words = _line(source, 414).split()
    if not words:
        return None
    if len(words) != 3 or words[2] not in _VERSIONS:
        raise RequestError(400, "the request cannot be read as HTTP/1.1")
    method, address, version = words
    if method not in _METHODS:
        raise RequestError(405, "the local account answers GET, POST and DELETE")
    return Head(method, address, version, _fields(source))


def _fields(source: BinaryIO) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for _ in range(_MOST_FIELDS + 1):
        line = _line(source, 431)
        if line in ("\r\n", "\n"):
            return found
        name, colon, value = line.partition(":")
        if not colon or not line.endswith("\n") or name != name.strip() or not name:
            raise RequestError(400, "the head of the request cannot be read")
        found.setdefault(name.lower(), []).append(value.strip())
    raise RequestError(431, "the request has too many fields")


def _line(source: BinaryIO, status: int) -> str:
    line = source.readline(_LONGEST_LINE + 1)
    if len(line) > _LONGEST_LINE:
        raise RequestError(status, "a line of the request is too long")
    return line.decode("latin-1")
