"""SQL sessions: who is logged in, with which role and place; kept over a restart."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import _duckdb as duckdb

from cortex_resources.emulator.entities import Kind
from cortex_resources.emulator.store import Store

TOKEN_SECONDS: Final = 3600
MASTER_SECONDS: Final = 14_400
IDLE_S: Final = 14_400
IDLE_IN_THE_WAY_S: Final = 300
IN_THE_WAY: Final = 1_000  # statements of others
RESTARTED: Final = "the account restarted"
IDLE: Final = "it was idle for too long"
_KIND: Final = "session"
_MOST: Final = 2_000
_PLACE: Final = (
    "user", "role", "secondary_all", "database", "schema", "warehouse", "parameters", "variables",
    "application", "restricted_role",
)  # fmt: skip


@dataclass(slots=True)
class Session:
    """One login; names as they are stored, `role` the name of the primary role."""

    id: int
    user: str
    role: str | None = None
    secondary_all: bool = False
    secondary_roles: list[str] = field(default_factory=list)  # named ones, without ALL
    database: str | None = None
    schema: str | None = None
    warehouse: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    token: str = ""
    master: str = ""
    token_until: float = 0.0
    master_until: float = 0.0
    created_on: float = 0.0
    in_transaction: bool = False
    application: str = ""
    restricted_role: str | None = None  # the only role that the token of the login allows

    def snapshot(self) -> dict[str, Any]:
        """Every field as it is now, to compare with or to go back to."""
        return {
            name: dict(value) if isinstance(value, dict) else value
            for name in self.__slots__
            for value in (getattr(self, name),)
        }

    @property
    def query_tag(self) -> str:
        """The tag that statements of this session carry."""
        return str(self.parameters.get("QUERY_TAG", ""))

    @property
    def autocommit(self) -> bool:
        """Whether each statement commits by itself."""
        return self.parameters.get("AUTOCOMMIT", True) is not False


@dataclass(slots=True)
class Live:
    """What a session has only while the process lives."""

    transaction: duckdb.DuckDBPyConnection | None = None
    transaction_id: int = 0
    transaction_name: str = ""
    started_on: float = 0.0
    lost_transaction: str = ""  # why the account rolled it back; nothing when it did not
    used_on: float = 0.0  # when the transaction was last used, by the machine's own clock
    used_at: int = 0  # and after how many statements of the account
    running: int = 0  # statements
    query_ids: list[str] = field(default_factory=list)
    changes: list[Callable[[duckdb.DuckDBPyConnection], object]] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)  # ids of the tables

    def replay(self) -> None:
        """Make the changes of an open transaction again after DuckDB gave it up."""
        connection = self.transaction
        if connection is None:
            return
        connection.execute("ROLLBACK")
        connection.execute("BEGIN")
        for change in self.changes:
            change(connection)


class Sessions:
    """Every open session, found by id and by token; tokens are kept only as digests."""

    def __init__(
        self,
        store: Store,
        committing: Callable[[Iterable[str]], None],
        closed: Callable[[int], None],
    ) -> None:
        self._store = store
        self.committing = committing  # told of the tables that a transaction changed
        self._closed = closed  # told of each session that ends
        self._by_id: dict[int, Session] = {}
        self._by_token: dict[str, int] = {}
        self._live: dict[int, Live] = {}
        counter = store.get("counter", "session")
        self._last = counter["last"] if counter else 1_000_000
        self.logins: int = (store.get("counter", "logins") or {"last": 0})["last"]
        for _, record in store.load(_KIND):
            session = Session(**record)
            self._remember(session)
            lost = RESTARTED if session.in_transaction else ""
            self._live[session.id] = Live(lost_transaction=lost)

    def open(self, session_fields: dict[str, Any], now: float) -> tuple[Session, str, str]:
        """A new session with its token and master token."""
        self._last += 1
        self.logins += 1
        master = secrets.token_urlsafe(32)
        session = Session(id=self._last, created_on=now, master=_digest(master), **session_fields)
        self._store.write("counter", "session", {"last": self._last})
        self._store.write("counter", "logins", {"last": self.logins})
        token = self.renew(session, now)
        self._purge(now)
        return session, token, master

    def clone(self, session: Session, now: float) -> tuple[Session, str, str]:
        """Another session of the same user in the same place."""
        place = {name: getattr(session, name) for name in _PLACE}
        copied = {
            name: dict(value) if isinstance(value, dict) else value for name, value in place.items()
        }
        return self.open(copied, now)

    def renew(self, session: Session, now: float, *, keep_old: bool = False) -> str:
        """A fresh token for a session; its master token lives on.

        Two threads of a client may renew at the same time, and the reply to one of them may be
        lost: a master token that changed would lock the other one out.
        """
        if not keep_old:
            self._by_token.pop(session.token, None)
        token = secrets.token_urlsafe(32)
        session.token = _digest(token)
        session.token_until = now + TOKEN_SECONDS
        self._remember(session)
        self.prolong(session, now)
        return token

    def prolong(self, session: Session, now: float) -> None:
        """Let the master token live its whole life again."""
        session.master_until = now + MASTER_SECONDS
        self.save(session)

    def by_token(self, token: str) -> Session | None:
        """The session of a token or master token."""
        found = self._by_token.get(_digest(token))
        return None if found is None else self._by_id.get(found)

    def is_master(self, session: Session, token: str) -> bool:
        """Whether this is the session's master token."""
        return session.master == _digest(token)

    def get(self, session_id: int) -> Session | None:
        """The session of this number."""
        return self._by_id.get(session_id)

    def live(self, session: Session) -> Live:
        """What is kept of a session only in memory."""
        return self._live.setdefault(session.id, Live())

    def idle(self, now: float, statements: int) -> list[tuple[Session, Live]]:
        """The sessions that left a transaction open and do not come back to it.

        *Transactions*: an idle transaction is rolled back after four hours, and after five minutes
        when it is in the way of others. Here it is in the way once they have run some statements.
        """
        found = []
        for session_id, live in self._live.items():
            session = self._by_id.get(session_id)
            if session is None or live.transaction is None or live.running:
                continue
            quiet, passed = now - live.used_on, statements - live.used_at
            if quiet > IDLE_S or (quiet > IDLE_IN_THE_WAY_S and passed > IN_THE_WAY):
                found.append((session, live))
        return found

    def save(self, session: Session) -> None:
        """Note a session's present state."""
        if session.id in self._by_id:
            self._store.write(_KIND, str(session.id), asdict(session))

    def renamed(self, kind: Kind, before: str, after: str) -> None:
        """Sessions name their user and their roles; a new name reaches them all."""
        for session in self._by_id.values():
            if kind is Kind.USER and session.user == before:
                session.user = after
            elif kind is Kind.ROLE:
                named = [after if name == before else name for name in session.secondary_roles]
                session.role = after if session.role == before else session.role
                session.secondary_roles = named
            self.save(session)

    def close(self, session: Session) -> None:
        """End a session."""
        self._by_id.pop(session.id, None)
        for token in [token for token, owner in self._by_token.items() if owner == session.id]:
            del self._by_token[token]
        live = self._live.pop(session.id, None)
        if live is not None and live.transaction is not None:
            live.transaction.close()
        self._store.write(_KIND, str(session.id), None)
        self._closed(session.id)

    def all(self) -> list[Session]:
        """Every open session."""
        return list(self._by_id.values())

    def _remember(self, session: Session) -> None:
        self._by_id[session.id] = session
        self._by_token[session.token] = session.id
        self._by_token[session.master] = session.id

    def _purge(self, now: float) -> None:
        """Close what nobody can use any more, and the oldest when there are too many."""
        if len(self._by_id) > _MOST // 2:
            for session in [one for one in self._by_id.values() if one.master_until < now]:
                self.close(session)
        while len(self._by_id) > _MOST:
            self.close(next(iter(self._by_id.values())))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
