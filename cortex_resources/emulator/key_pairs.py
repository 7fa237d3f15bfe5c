"""RSA public keys of users, and the signatures made with their private halves.

Verifying RS256 needs one modular power and a comparison (RFC 8017, section 8.2.2), which the
standard library has; a cryptography package would be a dependency for these few lines. Nothing
here is secret, so nothing needs constant time.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Final

_RSA: Final = bytes.fromhex("06092a864886f70d010101")  # OBJECT IDENTIFIER rsaEncryption
_SHA256: Final = bytes.fromhex("3031300d060960864801650304020105000420")
_ARMOUR: Final = re.compile(r"-----(?:BEGIN|END) PUBLIC KEY-----")
_SEQUENCE: Final = 0x30
_INTEGER: Final = 0x02
_BITS: Final = 0x03
_SMALLEST: Final = 2048


class UnusableKeyError(ValueError):
    """Text that is no usable public key."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key and the bytes that it was read from."""

    modulus: int
    exponent: int
    der: bytes

    @property
    def fingerprint(self) -> str:
        """The name that tokens call it by."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.der).digest()).decode()

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether the private half of this key signed the message, by RS256."""
        size = (self.modulus.bit_length() + 7) // 8
        number = int.from_bytes(signature, "big")
        if len(signature) != size or number >= self.modulus:
            return False
        found = pow(number, self.exponent, self.modulus).to_bytes(size, "big")
        digest = _SHA256 + hashlib.sha256(message).digest()
        padding = b"\xff" * (size - len(digest) - 3)
        return found == b"\x00\x01" + padding + b"\x00" + digest


def parse(text: str) -> PublicKey:
    """A key as ALTER USER takes it: the base64 of a PEM file, with or without its delimiters."""
    try:
        der = base64.b64decode("".join(_ARMOUR.sub("", text).split()), validate=True)
        outer = _inside(_SEQUENCE, der)
        algorithm, rest = _split(_SEQUENCE, outer)
        bits = _inside(_BITS, rest)
        numbers = _inside(_SEQUENCE, bits[1:])
        modulus, rest = _split(_INTEGER, numbers)
        exponent = _inside(_INTEGER, rest)
    except (binascii.Error, IndexError, ValueError):
        raise UnusableKeyError("Invalid public key") from None
    key = PublicKey(int.from_bytes(modulus, "big"), int.from_bytes(exponent, "big"), der)
    if not algorithm.startswith(_RSA) or key.exponent < 3 or key.modulus % 2 == 0:
        raise UnusableKeyError("Invalid public key")
    if key.modulus.bit_length() < _SMALLEST:
        raise UnusableKeyError(f"Invalid public key: fewer than {_SMALLEST} bits")
    return key


def _split(tag: int, raw: bytes) -> tuple[bytes, bytes]:
    """The content of the element that comes first (DER), and what follows it."""
    if raw[0] != tag:
        raise ValueError
    size, start = raw[1], 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(raw[2:start], "big")
    if start + size > len(raw):
        raise ValueError
    return raw[start : start + size], raw[start + size :]


def _inside(tag: int, raw: bytes) -> bytes:
    content, rest = _split(tag, raw)
    if rest:
        raise ValueError
    return content
