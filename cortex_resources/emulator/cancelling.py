"""SYSTEM$CANCEL_QUERY, SYSTEM$CANCEL_ALL_QUERIES, SYSTEM$ABORT_SESSION.

One's own statements and sessions may be stopped, those of others by ACCOUNTADMIN. Snowflake also
lets who may OPERATE the warehouse cancel; statements here run in none.
"""

from __future__ import annotations

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.errors import SnowflakeError, invalid_value
from cortex_resources.emulator.sessions import Session


def cancel_query(call: Call, query_id: str) -> str:
    """Stop one statement by its id."""
    user = None if _over_all(call) else call.session.user
    found = not call.describe_only and call.account.watchdog.cancel(
        str(query_id), user=user, spare=call.query_id
    )
    if not found:
        return "Identified SQL statement is not currently executing."
    return f"query [{query_id}] terminated."


def cancel_all(call: Call, session_id: int) -> str:
    """Stop what a session still runs."""
    session = _session(call, session_id)
    return f"{_stopped(call, session)} cancelled."


def abort_session(call: Call, session_id: int) -> str:
    """End a session with what it runs; its client has to log in again."""
    session = _session(call, session_id)
    if not call.describe_only:
        _stopped(call, session)
        with call.account.store.apart():
            call.account.sessions.close(session)
    return f"session [{session.id}] terminated."


def _stopped(call: Call, session: Session) -> int:
    if call.describe_only:
        return 0
    return call.account.watchdog.cancel(session=session.id, spare=call.query_id)


def _session(call: Call, session_id: int) -> Session:
    text = str(session_id)
    found = call.account.sessions.get(int(text)) if text.isdecimal() else None
    if found is None:
        raise invalid_value(f"[{text[:40]}] for the id of a session")
    if found.user != call.session.user and not _over_all(call):
        raise SnowflakeError(
            3001,
            "42501",
            f"SQL access control error:\nInsufficient privileges to operate on session '{text}'",
        )
    return found


def _over_all(call: Call) -> bool:
    role = call.catalog.role("ACCOUNTADMIN")
    return role is not None and role.id in call.authority.roles
