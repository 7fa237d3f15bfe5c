"""Who a login request is from: by password, key pair or programmatic access token."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from cortex_resources.emulator import access_tokens, passwords
from cortex_resources.emulator.access_tokens import AccessToken
from cortex_resources.emulator.account import Account
from cortex_resources.emulator.entities import Kind, User
from cortex_resources.emulator.wire import incoming as fields
from cortex_resources.emulator.wire import jwt, replies

WRONG_PASSWORD: Final = (390_100, "Incorrect username or password was specified.")
_WRONG_JWT: Final = (390_144, "JWT token is invalid.")
_WRONG_TOKEN: Final = (394_400, "Programmatic access token is invalid.")
_DISABLED: Final = (390_101, "User access disabled. Contact your local system administrator.")
_NOT_OFFERED: Final = 390_110


class RefusedError(Exception):
    """A login that is not accepted."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.reply = replies.refusal(code, message)


@dataclass(frozen=True, slots=True)
class Authenticated:
    """A user, and the one role that the token allows, if it allows only one."""

    user: User
    restricted_role: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a login request brings; `user` is None when nobody has this name."""

    account: Account
    user: User | None
    data: dict[str, Any]

    def token(self, secret: str) -> AccessToken | None:
        """The active token of the user that a secret belongs to."""
        tokens = self.user.tokens if self.user is not None else ()
        return access_tokens.presented(tokens, secret, self.account.clock.seconds())


def authenticate(account: Account, data: dict[str, Any]) -> Authenticated:
    """The user that a request proves to be, else RefusedError."""
    kind = (fields.text(data, "AUTHENTICATOR") or "SNOWFLAKE").upper()
    check = _AUTHENTICATORS.get(kind)
    if check is None:
        raise RefusedError(
            _NOT_OFFERED, f"The local account does not offer the authenticator {kind[:80]}."
        )
    # The Go driver names the user of a key pair only inside the token.
    name = fields.text(data, "LOGIN_NAME") or jwt.subject_user(fields.text(data, "TOKEN"))
    with account.lock:
        user = _user(account, name)
    found = check(Attempt(account, user, data))
    if found.user.disabled:
        raise RefusedError(*_DISABLED)
    return found


def _user(account: Account, name: str) -> User | None:
    folded = name.upper()
    for found in account.catalog.all(Kind.USER):
        assert isinstance(found, User)  # noqa: S101 - chosen by kind
        if folded in (found.login_name.upper(), found.name) or name == found.name:
            return found
    return None


def _by_password(attempt: Attempt) -> Authenticated:
    user, given = attempt.user, fields.text(attempt.data, "PASSWORD")
    token = attempt.token(given)
    if user is not None and token is not None:  # a token may stand where a password is asked for
        return Authenticated(user, token.role_restriction)
    # The derivation runs also for unknown users, so that its time tells nothing.
    allowed = user is not None and user.password is not None
    stored = user.password if user and user.password else _NOBODY
    right = passwords.matches(given, stored)
    if user is None or not right or not allowed:
        raise RefusedError(*WRONG_PASSWORD)
    return Authenticated(user)


def _by_key_pair(attempt: Attempt) -> Authenticated:
    token = fields.text(attempt.data, "TOKEN")
    account = fields.text(attempt.data, "ACCOUNT_NAME") or attempt.account.locator
    if attempt.user is None or not jwt.is_valid(token, attempt.user, account, time.time()):
        raise RefusedError(*_WRONG_JWT)
    return Authenticated(attempt.user)


def _by_access_token(attempt: Attempt) -> Authenticated:
    secret = fields.text(attempt.data, "TOKEN") or fields.text(attempt.data, "PASSWORD")
    user = attempt.user
    token = attempt.token(secret)
    if user is None or token is None:
        raise RefusedError(*_WRONG_TOKEN)
    return Authenticated(user, token.role_restriction)


# A further way to log in is one more line.
_AUTHENTICATORS: Final[dict[str, Callable[[Attempt], Authenticated]]] = {
    "SNOWFLAKE": _by_password,
    "SNOWFLAKE_JWT": _by_key_pair,
    "PROGRAMMATIC_ACCESS_TOKEN": _by_access_token,
}
# The hash of a password that nobody knows.
_NOBODY: Final = "scrypt$mbCWPxxAFAQmtqIjHKA5Yg==$ruOzdsNf0QfbWdvUL8Oapeikzlbw4UaZCF900sKESjQ="
