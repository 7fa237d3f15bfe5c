"""The account in use: many statements at once over one login, reads shared, nothing sent twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from cortex_resources.errors import AccountError
from cortex_resources.gateway import driver, errnos, local, reads, recording, refusals, repetition
from cortex_resources.gateway.logins import Key, Logins
from cortex_resources.gateway.settings import Settings, resolve
from cortex_resources.model import sqltext
from cortex_resources.model.effects import Effect, Statement

Rows = reads.Rows
T = TypeVar("T")
_Call = Callable[[Any, str, str], T]


class Account:
    """What stands behind one connection of the stack; safe to use from many threads.

    Roles and warehouses are written as in SQL: plain names in any case, others in double quotes.

    Arguments:
        settings: where and as whom.
        repeater: how a READ or a login that got no answer is tried again.
    """

    def __init__(self, settings: Settings, *, repeater: repetition.Repeater | None = None) -> None:
        self.settings = settings
        self.recorder = recording.Recorder()
        self._repeater = repeater or repetition.Repeater()
        self._logins = Logins(settings, self._repeater, self._repeater.clock)
        self._reads = reads.ReadCache()

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
        key = self._logins.key(role, warehouse)
        try:
            return self._send(driver.execute, statement, tag, key)
        finally:
            if statement.effect is not Effect.READ:
                self._reads.forget()

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
        key = (sqltext.canonical(statement.text), *self._logins.key(role, warehouse))
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
        """The columns that a query would give; nothing is executed.

        With connector 5.x the account sees the session's tag, not this one.
        """
        key = self._logins.key(role, warehouse)
        return self._send(driver.describe, Statement(query, Effect.READ), tag, key)

    def current_role(self, role: str | None = None) -> str:
        """The role the account gave the session at its login; costs no statement."""
        key = self._logins.key(role, None)
        self._logins.opened(key)
        return self._logins.role(key)

    def close(self) -> None:
        """Log out everywhere; a later statement logs in again."""
        self._logins.close()
        self._reads.forget()

    def _send(self, call: _Call[T], statement: Statement, tag: str, key: Key) -> T:
        outcome = "interrupted"
        try:
            result = self._sent(call, statement, tag, key)
            outcome = "done"
            return result
        except AccountError as error:
            outcome = type(error).__name__
            raise
        finally:
            self.recorder.add(recording.Sent(statement, tag, self._logins.role(key), outcome))

    def _sent(self, call: _Call[T], statement: Statement, tag: str, key: Key) -> T:
        self._logins.opened(key)
        failure = self._logins.driver.error
        try:
            return self._repeater.run(
                lambda: self._once(call, statement, tag, key),
                failure=failure,
                may_repeat=lambda error: self._may_repeat(error, statement.effect),
                within_s=self.settings.query_timeout,
            )
        except failure as error:
            refusal = refusals.of_statement(error, statement, self._logins.role(key))
        raise refusal

    def _once(self, call: _Call[T], statement: Statement, tag: str, key: Key) -> T:
        connection = self._logins.opened(key)
        try:
            return call(connection, statement.text, tag)
        except self._logins.driver.error as error:
            if refusals.number(error) not in errnos.SESSION_GONE:
                raise
        # refused before it ran, so it may be sent in a new session, once, whatever its effect
        self._logins.drop(key, connection)
        return call(self._logins.opened(key), statement.text, tag)

    def _may_repeat(self, error: Exception, effect: Effect) -> bool:
        repeatable = repetition.is_repeatable(error, effect)
        if repeatable and self.settings.is_local:
            local.probe(self.settings.host, self.settings.port)
        return repeatable


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
