"""Is the engine's journal beside a state file whole?

DuckDB replays a journal up to the first entry that it cannot read and says nothing of the rest. So
after a kill it forgives the entry that was being written; but a damaged or foreign file loses, in
the same silence, what was acknowledged. Only a torn end is harmless: it was told to nobody.
Layout and checksum: DuckDB's own write-ahead log, version 2 (its sources, *checksum.cpp* and
*write_ahead_log.cpp*): a head, then entries of size, checksum and content.
"""

from __future__ import annotations

import struct
from array import array
from pathlib import Path
from typing import Final

_HEAD: Final = b"\x64\x00\x62\x65\x00\x02\x66\x00"
_HEAD_ENDS: Final = b"\xff\xff"
_ENTRY: Final = struct.Struct("<QQ")
_COMMIT: Final = bytes.fromhex("0500000000000000e7fe7d722fed3d5e640064ffff")
"""The entry that ends a transaction: what lies before one was acknowledged."""
_WORD: Final = 8
_MASK: Final = (1 << 64) - 1


def damage(path: Path) -> str | None:
    """What is wrong with a journal; None where there is none, or nothing is.

    Arguments:
        path: the journal; it is only read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    if not content:
        return None
    at = _after_head(content)
    if at is None:
        return f"{path.name} beside it is no journal of it"
    while len(content) - at >= _ENTRY.size:
        size, promised = _ENTRY.unpack_from(content, at)
        start, end = at + _ENTRY.size, at + _ENTRY.size + size
        is_torn = end > len(content) or not any(content[at:])
        if is_torn and _COMMIT not in content[at:]:
            return None
        if is_torn or _checksum(content[start:end]) != promised:
            return f"{path.name} beside it is damaged at byte {at}"
        at = end
    return None


def _after_head(content: bytes) -> int | None:
    """Where the first entry begins: behind the version, the file's mark and its age."""
    if not content.startswith(_HEAD):
        return None
    try:
        marks, at = _number(content, len(_HEAD))
        for _ in range(marks):
            _, at = _number(content, at)
        _, at = _number(content, at + 2)
    except IndexError:
        return None
    return at + 2 if content[at : at + 2] == _HEAD_ENDS else None


def _number(content: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where the next one begins."""
    value = shift = 0
    while True:
        value |= (content[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if content[at - 1] < 0x80:
            return value, at


def _checksum(content: bytes) -> int:
    whole = len(content) - len(content) % _WORD
    found = 5381
    for word in array("Q", content[:whole]):
        found ^= word * 0xBF58476D1CE4E5B9 & _MASK
    return found ^ _remainder(content[whole:]) if content[whole:] else found


def _remainder(content: bytes) -> int:
    """MurmurHash64A of less than a word."""
    factor = 0xC6A4A7935BD1E995
    found = 0xE17A1465 ^ (len(content) * factor & _MASK)
    found = (found ^ int.from_bytes(content, "little")) * factor & _MASK
    found = (found ^ found >> 47) * factor & _MASK
    return found ^ found >> 47
