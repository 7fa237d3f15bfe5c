"""Programmatic access tokens: secrets kept as digests, with a role and an end."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

DAY_S: Final = 86_400
SHOWN_FOR_S: Final = 30 * DAY_S


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """One token of a user; times in the account's seconds."""

    name: str
    digest: str
    created_on: float
    expires_on: float
    days: int
    created_by: str
    role_restriction: str | None = None
    comment: str = ""
    disabled: bool = False
    bypass_minutes: int | None = None
    rotated_to: str | None = None

    def status(self, now: float) -> str:
        """What SHOW USER PROGRAMMATIC ACCESS TOKENS calls its state."""
        if now >= self.expires_on:
            return "EXPIRED"
        return "DISABLED" if self.disabled else "ACTIVE"


def secret() -> str:
    """A new secret: random enough that a plain digest protects it."""
    return secrets.token_urlsafe(64)


def digest(text: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def presented(tokens: Iterable[AccessToken], text: str, now: float) -> AccessToken | None:
    """The active one of a user's tokens that a secret belongs to."""
    found = digest(text)
    for token in tokens:
        if hmac.compare_digest(token.digest, found) and token.status(now) == "ACTIVE":
            return token
    return None
