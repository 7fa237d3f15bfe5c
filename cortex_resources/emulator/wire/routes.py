"""What each path of the protocol does with a request that has been read."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from cortex_resources.emulator.account import Account
from cortex_resources.emulator.errors import SnowflakeError
from cortex_resources.emulator.executor import Executor, Request
from cortex_resources.emulator.faults import DropFaultError, HttpFaultError, TokenFaultError
from cortex_resources.emulator.sessions import MASTER_SECONDS, TOKEN_SECONDS, Session
from cortex_resources.emulator.wire import replies
from cortex_resources.emulator.wire.background import Background
from cortex_resources.emulator.wire.login import Wanted, login

SESSION_GONE: Final = (
    390_111,
    "Session no longer exists. New login required to access the service.",
)
TOKEN_EXPIRED: Final = (390_112, "Session token expired. Token renewal is needed.")
MASTER_EXPIRED: Final = (
    390_114,
    "Authentication token has expired. The user must authenticate again.",
)


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request: path in parts, query string, body, token."""

    method: str
    parts: tuple[str, ...]
    query: dict[str, str]
    body: dict[str, Any]
    token: str


class Protocol:
    """Answers the requests of drivers."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.executor = Executor(account)
        self.background = Background()
        self._fixed: dict[tuple[str, ...], Callable[[Incoming], dict[str, Any]]] = {
            ("session", "v1", "login-request"): self._login,
            ("session", "token-request"): self._renew,
            ("session", "heartbeat"): self._heartbeat,
            ("session",): self._close,
            ("telemetry", "send"): lambda _incoming: replies.success(),
            ("telemetry", "send", "sessionless"): lambda _incoming: replies.success(),
            ("queries", "v1", "query-request"): self._query,
            ("queries", "v1", "abort-request"): self._abort,
        }

    def answer(self, incoming: Incoming) -> dict[str, Any] | None:
        """The reply, or None when no such path exists."""
        found = self._fixed.get(incoming.parts)
        if found is not None:
            return found(incoming)
        match incoming.parts:
            case ("queries", query_id, "result"):
                return self._result(incoming, query_id)
            case ("queries", query_id, "abort-request"):
                return self._abort(incoming, query_id)
            case ("monitoring", "queries", query_id):
                return self._status(incoming, query_id)
        return None

    def _login(self, incoming: Incoming) -> dict[str, Any]:
        for rule in self._login_faults():
            if rule.action == "http_status":
                raise HttpFaultError(rule.http_status)
            if rule.action == "drop":
                raise DropFaultError
        query = incoming.query
        wanted = Wanted(
            query.get("databaseName"),
            query.get("schemaName"),
            query.get("warehouse"),
            query.get("roleName"),
        )
        return login(self.account, incoming.body.get("data") or {}, wanted, time.time())

    def _login_faults(self) -> list[Any]:
        with self.account.lock:
            rules = self.account.faults.acting("LOGIN", "before")
        for rule in rules:
            time.sleep(rule.latency_ms / 1000)
        return rules

    def _session(self, incoming: Incoming) -> Session | dict[str, Any]:
        with self.account.lock:
            session = self.account.sessions.by_token(incoming.token)
        if session is None:
            return replies.refusal(*SESSION_GONE)
        if session.token_until < time.time():
            return replies.refusal(*TOKEN_EXPIRED)
        return session

    def _renew(self, incoming: Incoming) -> dict[str, Any]:
        sessions = self.account.sessions
        with self.account.lock:
            session = sessions.by_token(incoming.token)
            if session is None or not sessions.is_master(session, incoming.token):
                return replies.refusal(*MASTER_EXPIRED)
            if session.master_until < time.time():
                return replies.refusal(*MASTER_EXPIRED)
            with self.account.change():
                token, master = sessions.renew(session, time.time())
        return replies.success(
            {
                "sessionToken": token,
                "masterToken": master,
                "sessionId": session.id,
                "validityInSecondsST": TOKEN_SECONDS,
                "validityInSecondsMT": MASTER_SECONDS,
            }
        )

    def _heartbeat(self, incoming: Incoming) -> dict[str, Any]:
        session = self._session(incoming)
        return session if isinstance(session, dict) else replies.success()

    def _close(self, incoming: Incoming) -> dict[str, Any]:
        with self.account.lock:
            session = self.account.sessions.by_token(incoming.token)
            if session is not None and incoming.query.get("delete") == "true":
                with self.account.change():
                    self.account.sessions.close(session)
        return replies.success()

    def _query(self, incoming: Incoming) -> dict[str, Any]:
        session = self._session(incoming)
        if isinstance(session, dict):
            return session
        body = incoming.body
        request = Request(
            sql=str(body.get("sqlText") or ""),
            request_id=incoming.query.get("requestId", ""),
            query_id=str(uuid.uuid4()),
            bindings=_bindings(body.get("bindings")),
            parameters={str(k).upper(): v for k, v in (body.get("parameters") or {}).items()},
            describe_only=bool(body.get("describeOnly")),
        )
        if body.get("asyncExec"):
            return self.background.start(request, lambda: self._execute(session, request))
        return self._execute(session, request)

    def _execute(self, session: Session, request: Request) -> dict[str, Any]:
        try:
            return self.executor.run(session, request)
        except SnowflakeError as error:
            return replies.failure(error, request.query_id)
        except TokenFaultError:
            self._expire(session)
            return replies.refusal(*TOKEN_EXPIRED)

    def _expire(self, session: Session) -> None:
        with self.account.change():
            session.token_until = 0.0
            self.account.sessions.save(session)

    def _result(self, incoming: Incoming, query_id: str) -> dict[str, Any]:
        session = self._session(incoming)
        if isinstance(session, dict):
            return session
        waiting = self.background.wait(query_id)
        if waiting is not None:
            return waiting
        found = self.account.results.reply(query_id)
        if found is None:
            return replies.failure(
                SnowflakeError(709, "02000", f"Statement {query_id} not found"), query_id
            )
        return found

    def _status(self, incoming: Incoming, query_id: str) -> dict[str, Any]:
        session = self._session(incoming)
        if isinstance(session, dict):
            return session
        found = self.account.results.reply(query_id)
        status = {"id": query_id, "status": "SUCCESS", "errorCode": "", "errorMessage": ""}
        if self.background.running(query_id):
            status["status"] = "RUNNING"
        elif found is None:
            return replies.success({"queries": []})
        elif not found["success"]:
            status |= {
                "status": "FAILED_WITH_ERROR",
                "errorCode": found["code"],
                "errorMessage": found["message"],
            }
        return replies.success({"queries": [status]})

    def _abort(self, incoming: Incoming, query_id: str = "") -> dict[str, Any]:
        session = self._session(incoming)
        if isinstance(session, dict):
            return session
        self.account.watchdog.cancel(query_id or str(incoming.body.get("requestId", "")))
        return replies.success()


def _bindings(given: Any) -> dict[str, tuple[str, Any]]:
    if not isinstance(given, dict):
        return {}
    return {
        str(key): (str(entry.get("type", "TEXT")), entry.get("value"))
        for key, entry in given.items()
        if isinstance(entry, dict)
    }


def parts_of(path: str) -> tuple[str, ...]:
    """The parts of a path; repeated slashes count once."""
    return tuple(unquote(part) for part in path.split("/") if part)
