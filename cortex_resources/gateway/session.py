"""The account in use: one login per role and warehouse, many statements at once, nothing twice."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from cortex_resources.errors import AccountError, ConnectError
from cortex_resources.gateway import driver, errnos, local, reads, recording, refusals, repetition
from cortex_resources.gateway.settings import Settings, resolve
from cortex_resources.model import sqltext
from cortex_resources.model.effects import Effect, Statement

Rows = reads.Rows
T = TypeVar("T")
_Key = tuple[str, str]
_UNREACHABLE_S = 15.0
"""How long an unreachable account is not asked again."""


@dataclass
class _Session:
    """The one connection of a role and warehouse; a refused login stays refused."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    connection: Any = None
    role: str = ""
    refused: _Refused | None = None


@dataclass(frozen=True)
class _Refused:
    """A login that failed, and when it stops to count (never: wrong credentials stay wrong)."""

    error: ConnectError
    until: float


class Account:
    """What stands behind one connection of the stack; safe to use from many threads.

    Arguments:
        settings: where and as whom.
        sleep, clock: how to pause between repetitions, and how to tell that a while has passed.
        patience: how often a READ or a login is tried.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        patience: repetition.Patience | None = None,
    ) -> None:
        self.settings = settings
        self.recorder = recording.Recorder()
        self._sleep = sleep
        self._clock = clock
        self._patience = patience or repetition.Patience()
        self._lock = threading.Lock()
        self._sessions: dict[_Key, _Session] = {}
        self._driver: driver.Driver | None = None
        self._reads = reads.ReadCache()
        self._refused: _Refused | None = None

    def run(
        self,
        statement: Statement,
        *,
        tag: str = "",
        role: str | None = None,
        warehouse: str | None = None,
    ) -> Rows:
        """Execute one statement and give its rows by column name.

        A READ is sent again when its reply is lost; anything else is sent once.

        Raises:
            ReplyLostError: it was sent, is not a READ, and nobody knows whether it took effect.
            AccountError: any of its other classes; nothing took effect.
        """
        key = self._key(role, warehouse)
        try:
            rows = self._send(driver.execute, statement, tag, key)
        except AccountError as error:
            self._record(statement, tag, key, type(error).__name__)
            raise
        finally:
            if statement.effect is not Effect.READ:
                self._reads.forget()
        self._record(statement, tag, key, "done")
        return rows

    def read(
        self,
        statement: Statement,
        *,
        tag: str = "",
        role: str | None = None,
        warehouse: str | None = None,
    ) -> Rows:
        """The rows of a READ, executed once for all who ask until something is changed."""
        if statement.effect is not Effect.READ:
            raise ValueError("only a READ may be answered from what was read before")
        key = (sqltext.canonical(statement.text), *self._key(role, warehouse))
        return self._reads.get(
            key, lambda: self.run(statement, tag=tag, role=role, warehouse=warehouse)
        )

    def describe(
        self,
        query: str,
        *,
        tag: str = "",
        role: str | None = None,
        warehouse: str | None = None,
    ) -> list[str]:
        """The columns that a query would give; nothing is executed."""
        statement = Statement(query, Effect.READ)
        return self._send(driver.describe, statement, tag, self._key(role, warehouse))

    def current_role(self, role: str | None = None) -> str:
        """The role the account gave the session at its login; costs no statement."""
        session = self._session(self._key(role, None))
        self._opened(session, self._key(role, None))
        return session.role

    def close(self) -> None:
        """Log out everywhere; a later statement logs in again."""
        with self._lock:
            sessions, self._sessions = list(self._sessions.values()), {}
            self._refused = None
        self._reads.forget()
        for session in sessions:
            with session.lock:
                connection, session.connection = session.connection, None
            if connection is not None:
                connection.close()

    def _key(self, role: str | None, warehouse: str | None) -> _Key:
        return role or self.settings.role, warehouse or self.settings.warehouse

    def _record(self, statement: Statement, tag: str, key: _Key, outcome: str) -> None:
        self.recorder.add(recording.Sent(statement, tag, key[0], outcome))

    def _send(
        self, call: Callable[[Any, str, str], T], statement: Statement, tag: str, key: _Key
    ) -> T:
        session = self._session(key)

        def attempt() -> T:
            return self._once(call, statement, tag, key, session)

        failure = self._loaded().error
        try:
            return repetition.repeated(
                attempt,
                failure=failure,
                may_repeat=lambda error: self._may_repeat(error, statement.effect),
                patience=self._patience,
                sleep=self._sleep,
            )
        except failure as error:
            refusal = refusals.of_statement(error, statement, session.role)
        raise refusal

    def _may_repeat(self, error: Exception, effect: Effect) -> bool:
        repeatable = repetition.is_repeatable(error, effect)
        if repeatable and self.settings.is_local:
            local.probe(self.settings.host, self.settings.port)
        return repeatable

    def _once(
        self,
        call: Callable[[Any, str, str], T],
        statement: Statement,
        tag: str,
        key: _Key,
        session: _Session,
    ) -> T:
        connection = self._opened(session, key)
        try:
            return call(connection, statement.text, tag)
        except self._loaded().error as error:
            if refusals.number(error) not in errnos.SESSION_GONE:
                raise
            # refused before it ran, so it is safe to send it in a new session, once
            with session.lock:
                if session.connection is connection:
                    session.connection = None
        return call(self._opened(session, key), statement.text, tag)

    def _session(self, key: _Key) -> _Session:
        with self._lock:
            return self._sessions.setdefault(key, _Session())

    def _loaded(self) -> driver.Driver:
        with self._lock:
            if self._driver is None:
                self._driver = driver.Driver()
            return self._driver

    def _opened(self, session: _Session, key: _Key) -> Any:
        with session.lock:
            if session.connection is None:
                self._check_not_refused(session)
                try:
                    session.connection = self._login(key)
                except ConnectError as error:
                    self._remember(error, session)
                    raise
                session.role = str(session.connection.role or "")
            return session.connection

    def _check_not_refused(self, session: _Session) -> None:
        for refused in (self._refused, session.refused):
            if refused and self._clock() < refused.until:
                told = refused.error
                # a new object: one exception raised in two threads mixes their tracebacks
                raise ConnectError(told.what, hint=told.hint, errno=told.errno)

    def _remember(self, error: ConnectError, session: _Session) -> None:
        """One attempt for any number of callers: ten of them must not lock the user out."""
        if error.errno is None:  # nobody listens on this machine: asking costs nothing
            return
        passing = error.errno == errnos.UNREACHABLE
        refused = _Refused(error, self._clock() + _UNREACHABLE_S if passing else math.inf)
        if error.errno == errnos.ROLE_REFUSED:
            session.refused = refused
        else:
            self._refused = refused

    def _login(self, key: _Key) -> Any:
        settings = self.settings
        if settings.is_local:
            local.probe(settings.host, settings.port)
        loaded = self._loaded()
        try:
            return repetition.repeated(
                lambda: loaded.connect(settings, *key),
                failure=loaded.error,
                may_repeat=lambda error: (
                    not settings.is_interactive and refusals.number(error) == errnos.UNREACHABLE
                ),
                patience=self._patience,
                sleep=self._sleep,
            )
        except loaded.error as error:
            refusal = refusals.of_login(error, settings, key[0])
        raise refusal


_registry_lock = threading.Lock()
_accounts: dict[Settings, Account] = {}


def account_for(connection: str) -> Account:
    """The process's one account for a connection's name."""
    settings = resolve(connection)
    with _registry_lock:
        return _accounts.setdefault(settings, Account(settings))


def close_all() -> None:
    """Log out of everything; for the end of a command and for tests."""
    with _registry_lock:
        accounts = list(_accounts.values())
        _accounts.clear()
    for account in accounts:
        account.close()
