"""Login tokens that a driver signs with a user's private key (*Key-pair authentication*)."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, Final

from cortex_resources.emulator import key_pairs
from cortex_resources.emulator.entities import User
from cortex_resources.emulator.key_pairs import PublicKey

_LONGEST_LIFE_S: Final = 3600  # counted from `iat`, whatever `exp` says
_SKEW_S: Final = 60
_LARGEST: Final = 16_384


def is_valid(token: str, user: User, account: str, now: float) -> bool:
    """Whether this token lets the user in.

    Subject `ACCOUNT.USER`, issuer `ACCOUNT.USER.SHA256:fingerprint`, one of the user's two keys,
    not expired; `now` is real time, because the driver's machine wrote the token.
    """
    parts = token.split(".")
    if len(parts) != 3 or len(token) > _LARGEST:
        return False
    header, claims, signature = _object(parts[0]), _object(parts[1]), _bytes(parts[2])
    if header.get("alg") != "RS256" or not _timely(claims, now):
        return False
    subject, issuer = claims.get("sub"), claims.get("iss")
    if not isinstance(subject, str) or not _names(subject, user, account):
        return False
    signed = f"{parts[0]}.{parts[1]}".encode()
    return any(
        issuer == f"{subject}.{key.fingerprint}" and key.verifies(signature, signed)
        for key in keys_of(user)
    )


def keys_of(user: User) -> list[PublicKey]:
    """The keys that a user may sign with; two, so that one can be rotated."""
    return [key_pairs.parse(text) for text in (user.public_key, user.public_key_2) if text]


def _names(subject: str, user: User, account: str) -> bool:
    """Whether the subject is this user of this account; regions were cut off by the driver."""
    place, _, name = subject.partition(".")
    known = {user.name.upper(), user.login_name.upper()}
    return place.upper() == account.partition(".")[0].upper() and name.upper() in known


def _timely(claims: dict[str, Any], now: float) -> bool:
    issued, expires = claims.get("iat"), claims.get("exp")
    if not (_is_time(issued) and _is_time(expires)):
        return False
    end = min(float(expires), float(issued) + _LONGEST_LIFE_S)  # type: ignore[arg-type]
    return float(issued) - _SKEW_S <= now < end + _SKEW_S  # type: ignore[arg-type]


def _is_time(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1e12


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(_bytes(text))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
