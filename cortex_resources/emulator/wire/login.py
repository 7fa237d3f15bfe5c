"""Login: checks who it is and opens a session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from cortex_resources.emulator.access import rules
from cortex_resources.emulator.account import Account
from cortex_resources.emulator.entities import Kind, User
from cortex_resources.emulator.errors import SnowflakeError
from cortex_resources.emulator.sessions import MASTER_SECONDS, TOKEN_SECONDS, Session
from cortex_resources.emulator.settings import VERSION
from cortex_resources.emulator.statements.session import PARAMETERS, checked
from cortex_resources.emulator.wire import incoming as fields
from cortex_resources.emulator.wire import replies
from cortex_resources.emulator.wire.authentication import (
    Authenticated,
    RefusedError,
    authenticate,
)

WRONG_ROLE: Final = 390189


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where a session is to start, as the query string of the login says."""

    database: str | None = None
    schema: str | None = None
    warehouse: str | None = None
    role: str | None = None


def login(account: Account, data: dict[str, Any], wanted: Wanted) -> dict[str, Any]:
    """The reply to a login request."""
    try:
        found = authenticate(account, data)
        given = fields.scalars(data, "SESSION_PARAMETERS")
        with account.change():
            session, token, master = _open(account, found, given, data, wanted)
            opened = _opened(session, token, master)
    except RefusedError as refused:
        return refused.reply
    except SnowflakeError as error:
        return replies.refusal(error.errno, error.message)
    return replies.success(opened)


def _open(
    account: Account,
    found: Authenticated,
    given: dict[str, Any],
    data: dict[str, Any],
    wanted: Wanted,
) -> tuple[Session, str, str]:
    asked = given.get("SECONDARY_ROLES") or fields.text(data, "SECONDARY_ROLES")
    session, token, master = account.sessions.open(
        {
            "user": found.user.name,
            "role": _role(account, found, wanted.role),
            "secondary_all": _secondary(found, asked),
            "parameters": _parameters(given),
            "application": fields.text(data, "CLIENT_APP_ID"),
            "restricted_role": found.restricted_role,
        },
        account.token_time(),
    )
    _place(account, session, found.user, wanted)
    account.sessions.save(session)
    return session, token, master


def _role(account: Account, found: Authenticated, wanted: str | None) -> str:
    """The role to start with; one that was asked for must be granted."""
    user, restricted = found.user, found.restricted_role
    name = _folded(wanted) or restricted or user.default_role or "PUBLIC"
    role = account.catalog.role(name)
    allowed = name == "PUBLIC" or (role is not None and account.may_assume(user.name, role))
    if restricted is not None:
        allowed = allowed and name == restricted
    if role is not None and allowed:
        return name
    if not wanted and restricted is None:
        return "PUBLIC"
    raise RefusedError(
        WRONG_ROLE,
        f"Role '{wanted or restricted}' specified in the connect string is not granted to this"
        " user. Contact your local system administrator, or attempt to login with another role,"
        " e.g. PUBLIC.",
    )


def _secondary(found: Authenticated, asked: Any) -> bool:
    if found.restricted_role is not None:
        return False
    if asked:
        return str(asked).upper() == "ALL"
    return "ALL" in found.user.default_secondary_roles


def _parameters(given: dict[str, Any]) -> dict[str, Any]:
    """The session parameters that the account knows; drivers send many that it need not."""
    return {
        name.upper(): checked(name.upper(), value)
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
        "serverVersion": VERSION,
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
