"""Context functions, system functions and table functions on constant arguments."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from cortex_resources.emulator import cancelling, names, search_path
from cortex_resources.emulator.access.authority import Authority
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Kind
from cortex_resources.emulator.errors import (
    SnowflakeError,
    missing_result,
    unknown_function,
    unsupported,
)
from cortex_resources.emulator.queries import entry
from cortex_resources.emulator.queries.context import RowsRelation
from cortex_resources.emulator.reader import parse_path
from cortex_resources.emulator.settings import VERSION
from cortex_resources.emulator.show import ddl, query_history, references, tag_values
from cortex_resources.emulator.statements import session as parameters


def scalar(call: Call, name: str, args: Sequence[Any]) -> Any:
    """The value of a function that depends on the session or the catalog."""
    found = _SCALARS.get(name.upper())
    if found is None:
        raise unknown_function(name)
    try:
        inspect.signature(found).bind(call, *args)
    except TypeError:
        raise SnowflakeError(
            938,
            "22023",
            f"SQL compilation error:\nwrong number of arguments for function [{name}]",
        ) from None
    return found(call, *args)


def table(call: Call, authority: Authority, name: str, args: Sequence[Any]) -> RowsRelation:
    """The rows of a table function."""
    short = name.upper().rpartition(".")[2]
    if short == "RESULT_SCAN":
        return _result_scan(call, args)
    if short.startswith("QUERY_HISTORY"):
        return query_history.table(call, authority, short, args)
    if short in ("TAG_REFERENCES", "TAG_REFERENCES_ALL_COLUMNS"):
        return tag_values.references(call, short, args)
    if short in references.FUNCTIONS:
        return references.rows(call, authority, short, args)
    raise unknown_function(name)


def _result_scan(call: Call, args: Sequence[Any]) -> RowsRelation:
    wanted = str(args[0]) if args else ""
    outcome = call.account.results.outcome(wanted)
    if outcome is None:
        raise missing_result(wanted)
    return RowsRelation(tuple(outcome.columns), list(outcome.rows))


def _last_query_id(call: Call, position: int = -1) -> str | None:
    ids = call.account.sessions.live(call.session).query_ids
    index = int(position)
    at = index if index < 0 else index - 1
    return ids[at] if -len(ids) <= at < len(ids) else None


def _current_transaction(call: Call) -> str | None:
    live = call.account.sessions.live(call.session)
    return str(live.transaction_id) if live.transaction is not None else None


def _last_transaction(call: Call) -> str | None:
    live = call.account.sessions.live(call.session)
    return str(live.transaction_id) if live.transaction_id else None


def _is_role_in_session(call: Call, name: str) -> bool:
    role = call.catalog.role(str(name)) or call.catalog.role(str(name).upper())
    return role is not None and role.id in call.authority.roles


def _is_database_role_in_session(call: Call, name: str) -> bool:
    """Only the relative name of a role in the session's database; a dotted name is false."""
    found = call.session.database and call.catalog.find(
        Kind.DATABASE_ROLE, (call.session.database, str(name))
    )
    return bool(found) and found.id in call.authority.roles  # type: ignore[union-attr]


def _available_roles(call: Call) -> str:
    user = call.catalog.find(Kind.USER, (call.session.user,))
    ids = call.account.closure((user.id,) if user else ())
    found = (call.catalog.get(role_id) for role_id in ids)
    listed = sorted(role.name for role in found if role and role.kind is Kind.ROLE)
    return "[ " + ", ".join(map(json.dumps, listed)) + " ]"


def _secondary_roles(call: Call) -> str:
    """Which are active, only those granted to the user itself; and which were asked for."""
    session = call.session
    if not session.secondary_all:
        active = [role.name for role in call.account.secondary_roles(session)]
        return _secondary(active, ",".join(session.secondary_roles))
    user = call.catalog.find(Kind.USER, (session.user,))
    granted = call.account.grants.roles_of(user.id) if user else ()
    return _secondary([call.catalog.by_id(role_id).name for role_id in granted], "ALL")


def _secondary(active: list[str], asked: str) -> str:
    text = {"roles": ",".join(sorted(active)), "value": asked}
    return json.dumps(text, separators=(",", ":"))


def _bootstrap(call: Call, part: str) -> str:
    """What the web interface asks about an account; public clients read the edition from it."""
    if part.upper() != "ACCOUNT":
        raise unsupported(f"SYSTEM$BOOTSTRAP_DATA_REQUEST of {part}")
    account = {"accountName": call.account.locator, "serviceLevelName": "ENTERPRISE"}
    return json.dumps({"serverVersion": VERSION, "accountInfo": account})


def _current_schemas(call: Call) -> str:
    """The schemas of the search path that are there and seen ("Object name resolution")."""
    session = call.session
    text = parameters.value_of(session, "SEARCH_PATH", call.parameters)
    listed = search_path.schemas(text, session.database, session.schema)
    found = {path: call.catalog.find(Kind.SCHEMA, path) for path in listed}
    return json.dumps(
        [names.qualified(path) for path, one in found.items() if one and call.authority.sees(one)]
    )


def _last_change(call: Call, name: str) -> int:
    """SYSTEM$LAST_CHANGE_COMMIT_TIME: of a view, the latest change of anything it reads."""
    path = call.path(Kind.TABLE, parse_path(str(name)))
    context = call.account.context(call)
    whole = f"SELECT * FROM {names.qualified(path)}"
    entry.select(whole, context, call.connection, describe_only=True)
    made = [call.catalog.by_id(entity_id).created_on for entity_id in context.reached]
    return max(call.account.commit_times.of(context.reached), int(max(made) * 1000) * 1_000_000)


_SCALARS: Final[dict[str, Callable[..., Any]]] = {
    "CURRENT_ROLE": lambda call: call.session.role,
    "CURRENT_ROLE_TYPE": lambda call: "ROLE" if call.session.role else None,
    "CURRENT_USER": lambda call: call.session.user,
    "CURRENT_WAREHOUSE": lambda call: call.session.warehouse,
    "CURRENT_DATABASE": lambda call: call.session.database,
    "CURRENT_SCHEMA": lambda call: call.session.schema,
    "CURRENT_SCHEMAS": _current_schemas,
    "CURRENT_ACCOUNT": lambda call: call.account.locator,
    "CURRENT_ACCOUNT_NAME": lambda call: call.account.locator,
    "CURRENT_ORGANIZATION_NAME": lambda _call: "LOCAL_ORGANIZATION",
    "CURRENT_REGION": lambda call: call.account.settings.region,
    "CURRENT_SESSION": lambda call: str(call.session.id),
    "CURRENT_VERSION": lambda _call: VERSION,
    "CURRENT_CLIENT": lambda call: call.session.application,
    "CURRENT_IP_ADDRESS": lambda _call: "127.0.0.1",
    "CURRENT_STATEMENT": lambda call: call.sql,
    "CURRENT_TRANSACTION": _current_transaction,
    "LAST_TRANSACTION": _last_transaction,
    "SYSTEM$GET_TAG": tag_values.get_tag,
    "SYSTEM$GET_TAG_ALLOWED_VALUES": tag_values.allowed_values,
    "CURRENT_AVAILABLE_ROLES": _available_roles,
    "CURRENT_SECONDARY_ROLES": _secondary_roles,
    "LAST_QUERY_ID": _last_query_id,
    "IS_ROLE_IN_SESSION": _is_role_in_session,
    "IS_DATABASE_ROLE_IN_SESSION": _is_database_role_in_session,
    "GET_DDL": ddl.get_ddl,
    "SYSTEM$BOOTSTRAP_DATA_REQUEST": _bootstrap,
    "SYSTEM$ABORT_SESSION": cancelling.abort_session,
    "SYSTEM$CANCEL_ALL_QUERIES": cancelling.cancel_all,
    "SYSTEM$CANCEL_QUERY": cancelling.cancel_query,
    "SYSTEM$SHOW_ACTIVE_BEHAVIOR_CHANGE_BUNDLES": lambda _call: "[]",  # none can be switched here
    "SYSTEM$LAST_CHANGE_COMMIT_TIME": _last_change,
}
