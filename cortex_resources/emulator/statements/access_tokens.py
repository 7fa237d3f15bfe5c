"""ALTER USER … ADD, MODIFY, ROTATE and REMOVE PROGRAMMATIC ACCESS TOKEN; SHOW of a user's tokens.

Source: the pages of these statements. The local account has no network policies, so a token needs
none to log in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from cortex_resources.emulator import access_tokens
from cortex_resources.emulator.access_tokens import DAY_S, AccessToken
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Kind, User
from cortex_resources.emulator.errors import (
    SnowflakeError,
    already_exists,
    invalid_value,
    missing_container,
    unsupported,
)
from cortex_resources.emulator.outcome import (
    Effect,
    Outcome,
    StatementType,
    columns,
    listing,
    status,
)
from cortex_resources.emulator.reader import Reader
from cortex_resources.emulator.show.cells import moment

_DONE: Final = "Statement executed successfully."
_VERBS: Final = ("ADD", "MODIFY", "ROTATE", "REMOVE")
_NOUNS: Final = ("PROGRAMMATIC ACCESS TOKEN", "PAT")
_MOST: Final = 15
_PROPERTIES: Final[dict[str, tuple[str, Callable[[Reader], Any]]]] = {
    "ROLE_RESTRICTION": ("role_restriction", Reader.string),
    "DAYS_TO_EXPIRY": ("days", Reader.integer),
    "MINS_TO_BYPASS_NETWORK_POLICY_REQUIREMENT": ("bypass_minutes", Reader.integer),
    "COMMENT": ("comment", Reader.string),
    "DISABLED": ("disabled", lambda reader: reader.scalar() is True),
}
_SET: Final = ("DISABLED", "MINS_TO_BYPASS_NETWORK_POLICY_REQUIREMENT", "COMMENT")
_UNSET: Final[dict[str, Any]] = {"disabled": False, "bypass_minutes": None, "comment": ""}


def begins(reader: Reader) -> bool:
    """Whether the words of one of these statements come next."""
    return any(reader.at(verb, *noun.split()) for verb in _VERBS for noun in _NOUNS)


def run(call: Call, user: User) -> Outcome:
    """What follows the name of the user."""
    verb = call.reader.accept_any(*_VERBS) or ""
    call.reader.accept_any(*_NOUNS)
    return _RUN[verb](call, user)


def _add(call: Call, user: User) -> Outcome:
    reader = call.reader
    if_not_exists = reader.if_not_exists()
    name = reader.name()
    given = {"days": 15, **_read(reader, tuple(set(_PROPERTIES) - {"DISABLED"}))}
    if _find(user, name) is not None:
        if if_not_exists:
            return status(_DONE)
        raise already_exists(name)
    _check(call, user, given)
    secret = access_tokens.secret()
    token = AccessToken(
        name=name,
        digest=access_tokens.digest(secret),
        created_on=call.now,
        expires_on=call.now + given["days"] * DAY_S,
        created_by=call.session.user,
        **given,
    )
    _store(call, user, (*_kept(call, user), token))
    return _secret(("token_name", name), ("token_secret", secret))


def _check(call: Call, user: User, given: dict[str, Any]) -> None:
    if not 1 <= given["days"] <= 365:
        raise invalid_value(f"[{given['days']}] for parameter 'DAYS_TO_EXPIRY'")
    if len(_kept(call, user)) >= _MOST:
        raise SnowflakeError(
            1008, "22023", f"SQL compilation error:\nA user has at most {_MOST} access tokens."
        )
    restriction = given.get("role_restriction")
    if restriction is None:
        if user.user_type == "SERVICE":
            raise invalid_value("[NULL] for parameter 'ROLE_RESTRICTION': a service needs one")
        return
    role = call.catalog.role(restriction.upper()) or call.catalog.role(restriction)
    if role is None or not call.account.may_assume(user.name, role):
        raise missing_container("Role", restriction)
    given["role_restriction"] = role.name


def _modify(call: Call, user: User) -> Outcome:
    reader = call.reader
    token = _existing(user, reader.name())
    if reader.accept("RENAME", "TO"):
        name = reader.name()
        if _find(user, name) is not None:
            raise already_exists(name)
        changed = replace(token, name=name)
    elif reader.accept("SET"):
        changed = replace(token, **_read(reader, _SET))
    else:
        reader.expect("UNSET")
        changed = replace(token, **_unset(reader))
    reader.end()
    _store(call, user, tuple(changed if one is token else one for one in user.tokens))
    return status(_DONE)


def _rotate(call: Call, user: User) -> Outcome:
    """A new secret under the old name; the old one lives on for some hours under another."""
    reader = call.reader
    if_exists = reader.if_exists()
    name, hours = reader.name(), 24
    if reader.accept("EXPIRE_ROTATED_TOKEN_AFTER_HOURS"):
        reader.accept("=")
        hours = reader.integer()
    reader.end()
    if if_exists and _find(user, name) is None:
        return status(_DONE)
    token = _existing(user, name)
    secret = access_tokens.secret()
    fresh = replace(
        token,
        digest=access_tokens.digest(secret),
        created_on=call.now,
        expires_on=call.now + token.days * DAY_S,
    )
    old = replace(
        token,
        name=f"{name}_ROTATED_{int(call.now)}_{len(user.tokens)}",
        expires_on=min(token.expires_on, call.now + hours * 3600),
        rotated_to=name,
    )
    others = [one for one in _kept(call, user) if one is not token]
    _store(call, user, (*others, old, fresh))
    return _secret(("token_name", name), ("token_secret", secret), ("rotated_token_name", old.name))


def _remove(call: Call, user: User) -> Outcome:
    if_exists = call.reader.if_exists()
    name = call.reader.name()
    call.reader.end()
    if if_exists and _find(user, name) is None:
        return status(_DONE)
    token = _existing(user, name)
    _store(call, user, tuple(one for one in user.tokens if one is not token))
    return status(_DONE)


_RUN: Final[dict[str, Callable[[Call, User], Outcome]]] = {
    "ADD": _add,
    "MODIFY": _modify,
    "ROTATE": _rotate,
    "REMOVE": _remove,
}


def _read(reader: Reader, allowed: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while reader.token is not None:
        key = reader.word()
        if key not in allowed:
            raise unsupported(f"property {key} of a programmatic access token here")
        reader.accept("=")
        field, take = _PROPERTIES[key]
        found[field] = take(reader)
        reader.accept(",")
    return found


def _unset(reader: Reader) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while reader.token is not None:
        key = reader.word()
        if key not in _SET:
            raise unsupported(f"UNSET {key} of a programmatic access token")
        field = _PROPERTIES[key][0]
        found[field] = _UNSET[field]
        reader.accept(",")
    return found


def _find(user: User, name: str) -> AccessToken | None:
    return next((token for token in user.tokens if token.name == name), None)


def _existing(user: User, name: str) -> AccessToken:
    token = _find(user, name)
    if token is None:
        raise missing_container("Programmatic access token", name)
    return token


def _kept(call: Call, user: User) -> tuple[AccessToken, ...]:
    """The tokens without those that expired long ago."""
    return tuple(
        token for token in user.tokens if call.now < token.expires_on + access_tokens.SHOWN_FOR_S
    )


def _store(call: Call, user: User, tokens: tuple[AccessToken, ...]) -> None:
    call.catalog.update(replace(user, tokens=tokens))


def _secret(*cells: tuple[str, str]) -> Outcome:
    """The one reply that ever shows a secret; the state file never has it."""
    return Outcome(
        columns(*(name for name, _ in cells)),
        [tuple(value for _, value in cells)],
        StatementType.DDL,
        Effect.CHANGE,
        secret=True,
    )


def show(call: Call) -> Outcome:
    """SHOW USER { PROGRAMMATIC ACCESS TOKENS | PATS } [FOR USER name]."""
    reader = call.reader
    user = call.catalog.find(Kind.USER, (call.session.user,))
    if reader.accept("FOR", "USER"):
        user = call.resolve(Kind.USER, (reader.name(),))
        if user.name != call.session.user:
            call.authority.require_ownership(user)
    reader.end()
    assert isinstance(user, User)  # noqa: S101 - chosen by kind
    rows = [
        (
            token.name, user.name, token.role_restriction, moment(token.expires_on),
            token.status(call.now), token.comment, moment(token.created_on), token.created_by,
            token.bypass_minutes, token.rotated_to,
        )
        for token in _kept(call, user)
    ]  # fmt: skip
    declared = columns(
        "name", "user_name", "role_restriction", "expires_at:time", "status", "comment",
        "created_on:time", "created_by", "mins_to_bypass_network_policy_requirement:number",
        "rotated_to",
    )  # fmt: skip
    return listing(declared, rows, StatementType.SHOW)
