"""The open sessions of one account: one login per role and warehouse, at the first statement.

A login that was refused stays refused for the process: ten callers with a wrong password make one
attempt, not ten that lock the user out. An account that was only unreachable is asked again later.
"""

from __future__ import annotations

import atexit
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cortex_resources.errors import ConnectError
from cortex_resources.gateway import driver, errnos, local, refusals, repetition
from cortex_resources.gateway.settings import Settings

Key = tuple[str, str]
"""Role and warehouse, each "" for the user's default."""

_UNREACHABLE_S = 15.0
"""How long an unreachable account is not asked again."""


@dataclass(frozen=True)
class _Refused:
    error: ConnectError
    until: float


@dataclass
class _Session:
    lock: threading.Lock = field(default_factory=threading.Lock)
    connection: Any = None
    role: str = ""
    refused: _Refused | None = None


class Logins:
    """Opens sessions and keeps them; safe to use from many threads.

    Arguments:
        settings: where and as whom.
        repeater: how an unreachable account is tried again.
        clock: tells that a while has passed.
    """

    def __init__(
        self,
        settings: Settings,
        repeater: repetition.Repeater,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._repeater = repeater
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[Key, _Session] = {}
        self._refused: _Refused | None = None
        self._driver: driver.Driver | None = None
        self._gate = threading.Lock()
        self._dead: list[Any] = []

    @property
    def driver(self) -> driver.Driver:
        """The connector, loaded when it is first needed."""
        with self._lock:
            if self._driver is None:
                self._driver = driver.Driver()
            return self._driver

    def key(self, role: str | None, warehouse: str | None) -> Key:
        """The session meant by a role and a warehouse; none given is the connection's own."""
        return (
            _folded(role or self._settings.role),
            _folded(warehouse or self._settings.warehouse),
        )

    def opened(self, key: Key) -> Any:
        """The connection of a session, after its login if there was none yet.

        Raises:
            ConnectError: the account is not there or refuses the login.
        """
        session = self._session(key)
        with session.lock:
            if session.connection is None:
                # one login at a time: the second one knows whether the first was refused
                with self._gate:
                    self._log_in(session, key)
            return session.connection

    def role(self, key: Key) -> str:
        """The role that the login gave, "" before it."""
        return self._session(key).role

    def drop(self, key: Key, connection: Any) -> None:
        """This connection is dead; the next statement logs in again.

        It is closed at the end only: other threads may still wait for its last replies.
        """
        session = self._session(key)
        with session.lock:
            if session.connection is connection:
                session.connection = None
                self._dead.append(connection)

    def close(self) -> None:
        """Log out everywhere and forget what was refused."""
        with self._lock:
            sessions, self._sessions = list(self._sessions.values()), {}
            self._refused = None
        connections = []
        for session in sessions:
            with session.lock:
                connections.append(session.connection)
                session.connection = None
        connections += self._dead
        self._dead = []
        for connection in connections:
            if connection is not None:
                connection.close()
        atexit.unregister(self.close)

    def _session(self, key: Key) -> _Session:
        with self._lock:
            return self._sessions.setdefault(key, _Session())

    def _log_in(self, session: _Session, key: Key) -> None:
        self._check_not_refused(session)
        try:
            session.connection = self._login(key)
        except ConnectError as error:
            self._remember(error, session)
            raise
        session.role = str(session.connection.role or "")
        # last registered runs first: before the connector's own hook, which would warn
        atexit.unregister(self.close)
        atexit.register(self.close)

    def _check_not_refused(self, session: _Session) -> None:
        for refused in (self._refused, session.refused):
            if refused and self._clock() < refused.until:
                told = refused.error
                # a new object: one exception raised in two threads mixes their tracebacks
                raise ConnectError(told.what, hint=told.hint, errno=told.errno)

    def _remember(self, error: ConnectError, session: _Session) -> None:
        if error.errno is None:  # nobody listens on this machine: asking again costs nothing
            return
        passing = error.errno == errnos.UNREACHABLE
        refused = _Refused(error, self._clock() + _UNREACHABLE_S if passing else math.inf)
        if error.errno == errnos.ROLE_REFUSED:
            session.refused = refused
        else:
            self._refused = refused

    def _login(self, key: Key) -> Any:
        settings = self._settings
        if settings.is_local:
            local.probe(settings.host, settings.port)
        loaded = self.driver
        try:
            return self._repeater.run(
                lambda: loaded.connect(settings, *key),
                failure=loaded.error,
                may_repeat=lambda error: (
                    not settings.is_interactive and refusals.number(error) == errnos.UNREACHABLE
                ),
                within_s=settings.login_timeout,
            )
        except loaded.error as error:
            refusal = refusals.of_login(error, settings, key[0])
        raise refusal


def _folded(name: str) -> str:
    """One spelling for one name: plain identifiers in upper case, quoted ones as they are."""
    return name if name.startswith('"') else name.upper()
