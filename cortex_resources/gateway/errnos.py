"""What an errno of Snowflake or of its connector means; nothing else tells errors apart."""

from __future__ import annotations

from cortex_resources.errors import (
    AccountError,
    InvalidQueryError,
    ObjectExistsError,
    ObjectMissingError,
    PrivilegeMissingError,
)

REPETITION_REFUSED = 299_001
"""Our own refusal to let the connector repeat; neither of its generations uses this number."""

CLASSES: dict[int, type[AccountError]] = {
    904: InvalidQueryError,
    938: InvalidQueryError,
    939: InvalidQueryError,
    979: InvalidQueryError,
    1003: InvalidQueryError,
    1044: InvalidQueryError,
    2002: ObjectExistsError,
    2003: ObjectMissingError,
    2043: ObjectMissingError,
    3001: PrivilegeMissingError,
    3003: PrivilegeMissingError,
    3011: PrivilegeMissingError,
    3013: PrivilegeMissingError,
    3041: PrivilegeMissingError,
    3042: PrivilegeMissingError,
}
"""The refusals that callers act on; every other one is a StatementRefusedError."""

TIMEOUTS = frozenset([14, 604, 630])
"""The statement was stopped: by our limit (14; 604 in 4.x) or by the account's own (604, 630)."""

INTERNAL = frozenset([603, *range(300_000, 300_100)])
"""The account failed in the middle: what it had done by then is unknown."""

UNREACHABLE = 250001
"""No login; on a statement: 5.x could not renew the session's token."""

SESSION_GONE = frozenset([UNREACHABLE, 250002, 390111, 390112, 390114, 390115])
"""The session is over and cannot be renewed; the statement was refused before it ran."""

ROLE_REFUSED = 390189
"""The role of the login is missing or not granted; other roles may still log in."""

FORBIDDEN = 540001
"""4.x: HTTP 403 at a login."""

_LOW_TRANSPORT = frozenset([4, 6])
_TRANSPORT = frozenset([REPETITION_REFUSED, 250003, 250005, 251011, 251012, 252010, 252013])
_FROM_SERVER = ((15, 249_999), (300_000, 539_999))


def is_answer(errno: int | None, sqlstate: str | None) -> bool:
    """Whether the account itself answered, so that what the statement did is known.

    The connector's own numbers are 250000 to 299999, and in 5.x also 1 to 15, where it uses the
    kind of an error for want of a number. Snowflake's numbers in that low range (8, an unexpected
    number of statements) come with an SQLSTATE, the connector's without, but for 14.
    """
    if errno is None or errno in TIMEOUTS or errno in INTERNAL:
        return False
    if 0 < errno < 16:
        return errno != 14 and sqlstate not in (None, "", "n/a")
    return any(low < errno <= high for low, high in _FROM_SERVER)


def is_transport(errno: int | None, sqlstate: str | None) -> bool:
    """Whether the request or its reply was lost on the way, so that a READ may be sent again."""
    if errno is None or errno in TIMEOUTS or errno in SESSION_GONE:
        return False
    if errno in _LOW_TRANSPORT:
        return not is_answer(errno, sqlstate)
    return errno in _TRANSPORT or 290_000 <= errno < REPETITION_REFUSED


SETTINGS = frozenset([3, 7, 8, 251001, 251005, 251006, 251007, 251008])
"""The connector refuses an argument of the login; nothing was sent."""

CREDENTIALS: dict[int, str] = {
    390100: "the user name or the password is wrong",
    390101: "the user is disabled",
    390102: "the user is locked after too many attempts",
    390103: "the password has expired",
    390110: "the identity token has expired or this way to log in is not offered",
    390120: "the account requires more than a password",
    390144: "the key pair does not fit the user's public key",
    ROLE_REFUSED: "the role does not exist or is not granted to the user",
    390190: "the identity provider refused",
    390191: "the authenticator is not allowed for this user",
    390201: "the database, schema or warehouse of the connection does not exist",
    390303: "the OAuth token is not valid",
    390318: "the OAuth token has expired",
    390422: "a network policy refuses this address",
    394400: "the programmatic access token is not valid",
    394401: "the programmatic access token has expired",
    394507: "multi-factor authentication is required for this user",
    FORBIDDEN: "there is no such account at that address",
}
"""What a refused login means; Snowflake's own text names users and roles and is not repeated."""
