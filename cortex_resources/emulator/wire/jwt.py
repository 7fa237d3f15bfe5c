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
_MILLISECONDS_ABOVE: Final = 100_000_000_000


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


def subject_user(token: str) -> str:
    """Whom a token says it is from; nothing of it is checked yet."""
    parts = token.split(".")
    found = _object(parts[1]).get("sub") if len(parts) == 3 and len(token) <= _LARGEST else None
    return found.partition(".")[2] if isinstance(found, str) else ""


def keys_of(user: User) -> list[PublicKey]:
    """The keys that a user may sign with; two, so that one can be rotated."""
    return [key_pairs.parse(text) for text in (user.public_key, user.public_key_2) if text]


def _names(subject: str, user: User, account: str) -> bool:
    """Whether the subject is this user of this account; regions were cut off by the driver."""
    place, _, name = subject.partition(".")
    known = {user.name.upper(), user.login_name.upper()}
    return place.upper() == account.partition(".")[0].upper() and name.upper() in known


def _timely(claims: dict[str, Any], now: float) -> bool:
    issued, expires = _seconds(claims.get("iat")), _seconds(claims.get("exp"))
    if issued is None or expires is None:
        return False
    return issued - _SKEW_S <= now < min(expires, issued + _LONGEST_LIFE_S) + _SKEW_S


def _seconds(value: object) -> float | None:
    """A time in a token; the Node driver writes milliseconds where the others write seconds."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    seconds = value / 1000 if value > _MILLISECONDS_ABOVE else float(value)
    return seconds if 0 < seconds < _MILLISECONDS_ABOVE else None


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
