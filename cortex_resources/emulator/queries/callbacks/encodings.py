"""Digests, hexadecimal and Base64, of texts and of bytes."""

from __future__ import annotations

import base64
import binascii
import hashlib

from cortex_resources.emulator.queries.callbacks.table import callback, fallible
from cortex_resources.emulator.queries.faults import Fault


@callback("digest", "BLOB VARCHAR", "VARCHAR")
def digest(value: bytes, algorithm: str) -> str:
    """MD5, SHA1 and SHA2 in lower-case hexadecimal."""
    return hashlib.new(algorithm, value, usedforsecurity=False).hexdigest()


@callback("md5_half", "BLOB BOOLEAN", "VARCHAR")
def md5_half(value: bytes, upper: bool) -> str:
    """One half of an MD5 as an unsigned number."""
    found = hashlib.md5(value, usedforsecurity=False).digest()
    return str(int.from_bytes(found[:8] if upper else found[8:], "big"))


def _signs(alphabet: str) -> tuple[bytes, str]:
    """The signs for 62 and 63, and the one that fills up: up to three are given."""
    signs = (alphabet + "+/="[len(alphabet) :])[:3] if len(alphabet) < 3 else alphabet
    if len(signs) != 3 or not signs.isascii():
        raise Fault(100123, "22023", "Invalid base64 alphabet")
    return signs[:2].encode(), signs[2]


@callback("base64", "BLOB BIGINT VARCHAR", "VARCHAR")
def to_base64(value: bytes, width: int, alphabet: str) -> str:
    """BASE64_ENCODE, broken into lines of a width that is not 0."""
    signs, filler = _signs(alphabet)
    found = base64.b64encode(value, signs).decode().replace("=", filler)
    if width <= 0:
        return found
    return "\n".join(found[place : place + width] for place in range(0, len(found), width))


def _decoded(value: str, alphabet: str) -> bytes:
    signs, filler = _signs(alphabet)
    try:
        joined = "".join(value.split()).replace(filler, "=")
        return base64.b64decode(joined, signs, validate=True)
    except (binascii.Error, ValueError):
        raise Fault(100126, "22000", "Value is not a legal base64-encoded string") from None


@fallible("unbase64", "VARCHAR VARCHAR", "VARCHAR")
def from_base64(value: str, alphabet: str) -> str:
    """BASE64_DECODE_STRING."""
    return _spelled(_decoded(value, alphabet))


@fallible("unbase64_bytes", "VARCHAR VARCHAR", "BLOB")
def from_base64_bytes(value: str, alphabet: str) -> bytes:
    """BASE64_DECODE_BINARY."""
    return _decoded(value, alphabet)


def _spelled(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Fault(100132, "22000", "The bytes are not valid UTF-8") from None


@callback("hex_text", "BLOB BOOLEAN", "VARCHAR")
def hex_text(value: bytes, upper: bool) -> str:
    """HEX_ENCODE."""
    return value.hex().upper() if upper else value.hex()


@fallible("unhex", "VARCHAR", "BLOB")
def unhex(value: str) -> bytes:
    """Bytes from hexadecimal text."""
    return _unhexed(value)


@fallible("unhex_text", "VARCHAR", "VARCHAR")
def unhex_text(value: str) -> str:
    """HEX_DECODE_STRING."""
    return _spelled(_unhexed(value))


@fallible("bytes_text", "BLOB", "VARCHAR")
def bytes_text(value: bytes) -> str:
    """Bytes read as UTF-8."""
    return _spelled(value)


def _unhexed(value: str) -> bytes:
    try:
        return binascii.unhexlify(value)
    except (binascii.Error, ValueError):
        raise Fault(100115, "22000", "Value is not a legal hex-encoded string") from None
