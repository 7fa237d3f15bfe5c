"""Login: checks who it is and opens a session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from cortex_resources.emulator import functions, passwords
from cortex_resources.emulator.access import rules
from cortex_resources.emulator.account import Account
from cortex_resources.emulator.entities import Kind, User
from cortex_resources.emulator.sessions import MASTER_SECONDS, TOKEN_SECONDS, Session
from cortex_resources.emulator.statements.session import PARAMETERS, typed
from cortex_resources.emulator.wire import incoming as fields
from cortex_resources.emulator.wire import replies

WRONG_PASSWORD: Final = (390100, "Incorrect username or password was specified.")
WRONG_ROLE: Final = 390189


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where a session is to start, as the query string of the login says."""

    database: str | None = None
    schema: str | None = None
    warehouse: str | None = None
    role: str | None = None


class RefusedError(Exception):
    """A login that is not accepted."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.reply = replies.refusal(code, message)


def login(account: Account, data: dict[str, Any], wanted: Wanted) -> dict[str, Any]:
    """The reply to a login request."""
    try:
        user = _authenticated(account, data)
        role = _role(account, user, wanted.role)
    except RefusedError as refused:
        return refused.reply
    with account.change():
        session, token, master = account.sessions.open(
            {
                "user": user.name,
                "role": role,
                "secondary_all": _secondary(user, data),
                "parameters": _parameters(fields.scalars(data, "SESSION_PARAMETERS")),
                "application": str(data.get("CLIENT_APP_ID", "")),
            },
            account.token_time(),
        )
        _place(account, session, user, wanted)
        account.sessions.save(session)
    return replies.success(_opened(session, token, master))


def _authenticated(account: Account, data: dict[str, Any]) -> User:
    authenticator = str(data.get("AUTHENTICATOR") or "SNOWFLAKE").upper()
    check = _AUTHENTICATORS.get(authenticator)
    if check is None:
        raise RefusedError(
            390_110, f"The local account does not offer the authenticator {authenticator}."
        )
    user = check(_user(account, str(data.get("LOGIN_NAME", ""))), data)
    if user.disabled:
        raise RefusedError(
            390_101, "User access disabled. Contact your local system administrator."
        )
    return user


def _by_password(user: User | None, data: dict[str, Any]) -> User:
    # The derivation runs also for unknown users, so that its time tells nothing.
    stored = user.password if user and user.password else _NOBODY
    right = passwords.matches(str(data.get("PASSWORD", "")), stored)
    if user is None or not right or stored == _NOBODY:
        raise RefusedError(*WRONG_PASSWORD)
    return user


# A further way to log in is one more line: it is given the user, if there is one, and the request.
_AUTHENTICATORS: Final[dict[str, Callable[[User | None, dict[str, Any]], User]]] = {
    "SNOWFLAKE": _by_password,
}
_NOBODY: Final = passwords.protect("nobody")


def _user(account: Account, name: str) -> User | None:
    folded = name.upper()
    for found in account.catalog.all(Kind.USER):
        assert isinstance(found, User)  # noqa: S101 - chosen by kind
        if folded in (found.login_name.upper(), found.name) or name == found.name:
            return found
    return None


def _role(account: Account, user: User, wanted: str | None) -> str:
    name = _folded(wanted) or user.default_role or "PUBLIC"
    role = account.catalog.role(name)
    public = name == "PUBLIC"
    if role is None or not (public or account.may_assume(user.name, role)):
        if not wanted:
            return "PUBLIC"
        raise RefusedError(
            WRONG_ROLE,
            f"Role '{wanted}' specified in the connect string is not granted to this user."
            " Contact your local system administrator, or attempt to login with another role,"
            " e.g. PUBLIC.",
        )
    return name


def _secondary(user: User, data: dict[str, Any]) -> bool:
    given = fields.scalars(data, "SESSION_PARAMETERS")
    asked = given.get("SECONDARY_ROLES") or data.get("SECONDARY_ROLES")
    if asked is not None:
        return str(asked).upper() == "ALL"
    return "ALL" in user.default_secondary_roles


def _parameters(given: dict[str, Any]) -> dict[str, Any]:
    """The session parameters that the account knows; drivers send many that it need not."""
    return {
        name.upper(): typed(name.upper(), value)
        for name, value in given.items()
        if name.upper() in PARAMETERS and value is not None
    }


def _place(account: Account, session: Session, user: User, wanted: Wanted) -> None:
    """Database, schema and warehouse; one that is missing or hidden is left unset."""
    authority = account.authority(session)
    namespace = (user.default_namespace or "").split(".")
    database = _folded(wanted.database) or namespace[0] or None
    schema = _folded(wanted.schema) or (namespace[1] if len(namespace) > 1 else None)
    if database is not None:
        found = account.catalog.find(Kind.DATABASE, (database,))
        if found is not None and authority.may(rules.USE, found):
            session.database = database
            inner = account.catalog.find(Kind.SCHEMA, (database, schema or "PUBLIC"))
            if inner is not None and authority.may(rules.USE, inner):
                session.schema = inner.name
    warehouse = _folded(wanted.warehouse) or user.default_warehouse
    if warehouse is not None:
        found = account.catalog.find(Kind.WAREHOUSE, (warehouse,))
        session.warehouse = warehouse if found and authority.sees(found) else None


def _folded(name: str | None) -> str | None:
    """A name from the connect string: folded unless it is quoted."""
    if not name:
        return None
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.upper()


def _opened(session: Session, token: str, master: str) -> dict[str, Any]:
    shown = {**PARAMETERS, **session.parameters}
    return {
        "token": token,
        "masterToken": master,
        "validityInSeconds": TOKEN_SECONDS,
        "masterValidityInSeconds": MASTER_SECONDS,
        "displayUserName": session.user,
        "serverVersion": functions.VERSION,
        "firstLogin": False,
        "remMeToken": None,
        "remMeValidityInSeconds": 0,
        "healthCheckInterval": 45,
        "newClientForUpgrade": None,
        "sessionId": session.id,
        "parameters": [{"name": name, "value": value} for name, value in shown.items()],
        "sessionInfo": {
            "databaseName": session.database,
            "schemaName": session.schema,
            "warehouseName": session.warehouse,
            "roleName": session.role,
        },
        "idToken": None,
        "responseData": None,
    }
