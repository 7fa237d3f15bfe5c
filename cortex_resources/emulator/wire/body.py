"""Reads the body of a request: bounded in size, unpacked, JSON."""

from __future__ import annotations

import json
import threading
import zlib
from typing import Any, BinaryIO, Final

LARGEST: Final = 64 * 1024 * 1024
LARGEST_STRANGER: Final = 1024 * 1024
AT_ONCE: Final = 4 * LARGEST


class RequestError(Exception):
    """A request that is not read; `status` is what HTTP answers."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Allowance:
    """The bytes that bodies of all connections together may hold in memory."""

    def __init__(self, most: int = AT_ONCE) -> None:
        self._left = most
        self._lock = threading.Lock()

    def take(self, size: int) -> None:
        """Reserve some; 429, which clients repeat, when there is not enough left."""
        with self._lock:
            if size > self._left:
                raise RequestError(429, "too many large requests at once")
            self._left -= size

    def give(self, size: int) -> None:
        """Give back what was reserved."""
        with self._lock:
            self._left += size


def length(transfer: str | None, repeated: list[str], most: int) -> int:
    """How long the body is; a length that cannot be trusted is refused."""
    if transfer:
        raise RequestError(411, "a request needs a Content-Length")
    if len(set(repeated)) > 1:
        raise RequestError(400, "more than one Content-Length")
    text = repeated[0].strip() if repeated else "0"
    if not (text.isascii() and text.isdigit()):
        raise RequestError(400, "bad Content-Length")
    if len(text) > 12 or int(text) > most:
        raise RequestError(413, f"this request body may have {most} bytes")
    return int(text)


def read(source: BinaryIO, size: int) -> bytes:
    """The whole body; a client that went away in the middle of it has sent nothing."""
    raw = source.read(size)
    if len(raw) < size:
        raise RequestError(400, "the request body ended early")
    return raw


def parsed(raw: bytes, encoding: str, most: int) -> dict[str, Any]:
    """The JSON of a body; a list becomes the value of `list`."""
    if not raw:
        return {}
    try:
        text = _inflated(raw, most) if encoding in ("gzip", "x-gzip") else raw
        found = json.loads(text)
    except (ValueError, EOFError, zlib.error, RecursionError):
        raise RequestError(400, "the request body is not JSON") from None
    if isinstance(found, dict):
        return found
    return {"list": found} if isinstance(found, list) else {}


def _inflated(raw: bytes, most: int) -> bytes:
    """Unpacked, but not beyond the largest body: a small one may unpack to gigabytes."""
    unpacker = zlib.decompressobj(wbits=31)
    text = unpacker.decompress(raw, most)
    if unpacker.unconsumed_tail:
        raise RequestError(413, f"this request body may have {most} bytes")
    if not unpacker.eof:
        raise EOFError
    return text
