"""Session and master tokens: checked, renewed, kept alive, ended."""

from __future__ import annotations

from typing import Any, Final

from cortex_resources.emulator.account import Account
from cortex_resources.emulator.sessions import MASTER_SECONDS, TOKEN_SECONDS, Session
from cortex_resources.emulator.wire import incoming as fields
from cortex_resources.emulator.wire import replies
from cortex_resources.emulator.wire.incoming import Incoming, PayloadError

_GONE: Final = (
    390_111,
    "Session no longer exists. New login required to access the service.",
)
_EXPIRED: Final = (390_112, "Session token expired. Token renewal is needed.")
_MASTER_EXPIRED: Final = (
    390_114,
    "Authentication token has expired. The user must authenticate again.",
)


def session_of(account: Account, token: str) -> Session | dict[str, Any]:
    """The session of a token, else the refusal; without the lock: an abort must not wait."""
    session = account.sessions.by_token(token)
    if session is None or account.sessions.is_master(session, token):
        return replies.refusal(*_GONE)
    if session.token_until < account.token_time():
        return replies.refusal(*_EXPIRED)
    return session


def renew(account: Account, incoming: Incoming) -> dict[str, Any]:
    """New tokens for who still has the master token.

    RENEW replaces the session's token. ISSUE does the same and leaves the old one valid, CLONE
    opens another session in the same place.
    """
    kind = fields.text(incoming.body, "requestType") or "RENEW"
    if kind not in ("RENEW", "CLONE", "ISSUE"):
        raise PayloadError("requestType")
    sessions, now = account.sessions, account.token_time()
    with account.lock:
        session = sessions.by_token(incoming.token)
        if session is None or not sessions.is_master(session, incoming.token):
            return replies.refusal(*_MASTER_EXPIRED)
        if session.master_until < now:
            return replies.refusal(*_MASTER_EXPIRED)
        with account.change():
            if kind == "CLONE":
                session, token, master = sessions.clone(session, now)
            else:
                token = sessions.renew(session, now, keep_old=kind == "ISSUE")
                master = incoming.token
    return replies.success(
        {
            "sessionToken": token,
            "masterToken": master,
            "sessionId": session.id,
            "validityInSecondsST": TOKEN_SECONDS,
            "validityInSecondsMT": MASTER_SECONDS,
        }
    )


def heartbeat(account: Account, session: Session) -> dict[str, Any]:
    """A client that says it is there keeps its master token."""
    with account.change():
        account.sessions.prolong(session, account.token_time())
    return replies.success()


def close(account: Account, incoming: Incoming) -> dict[str, Any]:
    """End a session; one that is gone already is ended too."""
    if incoming.query.get("delete") != "true":
        return replies.success()
    with account.lock:
        session = account.sessions.by_token(incoming.token)
        if session is not None:
            with account.change():
                account.sessions.close(session)
    return replies.success()


def expire(account: Account, session: Session) -> dict[str, Any]:
    """End a session's token before its time, as a fault rule asks."""
    with account.change():
        session.token_until = 0.0
        account.sessions.save(session)
    return replies.refusal(*_EXPIRED)
