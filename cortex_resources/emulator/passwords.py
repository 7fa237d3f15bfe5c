"""Passwords: kept as salted hashes, checked in constant time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Final

_COST: Final = 2**14
_process_key: Final = secrets.token_bytes(32)
_verified: Final[dict[str, bytes]] = {}


def protect(password: str) -> str:
    """The salted hash that is stored."""
    salt = secrets.token_bytes(16)
    return f"scrypt${_text(salt)}${_text(_derive(password, salt))}"


def matches(password: str, stored: str) -> bool:
    """Whether this is the password behind a stored hash."""
    # The derivation is slow on purpose. A login that succeeded once is recognised by a keyed
    # digest that exists only in this process.
    digest = _digest(password)
    known = _verified.get(stored)
    if known is not None:
        return hmac.compare_digest(known, digest)
    _, salt, expected = stored.split("$")
    derived = _derive(password, base64.b64decode(salt))
    right = hmac.compare_digest(derived, base64.b64decode(expected))
    if right and len(_verified) < 1_000:
        remember(password, stored)
    return right


def remember(password: str, stored: str) -> None:
    """Recognise a password that is known to be the one behind a stored hash."""
    _verified[stored] = _digest(password)


def _digest(password: str) -> bytes:
    return hmac.digest(_process_key, password.encode(), "sha256")


def _derive(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_COST, r=8, p=1, dklen=32)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
