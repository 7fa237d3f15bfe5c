"""What each path of the protocol does with a request that has been read."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from cortex_resources.emulator.account import Account
from cortex_resources.emulator.errors import SnowflakeError
from cortex_resources.emulator.faults import DropFaultError, HttpFaultError, TokenFaultError
from cortex_resources.emulator.request import Request
from cortex_resources.emulator.sessions import Session
from cortex_resources.emulator.wire import incoming as fields
from cortex_resources.emulator.wire import replies, tokens
from cortex_resources.emulator.wire.background import Background
from cortex_resources.emulator.wire.incoming import Incoming, PayloadError
from cortex_resources.emulator.wire.login import Wanted, login

if TYPE_CHECKING:
    from cortex_resources.emulator.executor import Executor

Answer = dict[str, Any]
_INVALID_PAYLOAD: Final = 390_142


class Protocol:
    """Answers the requests of drivers."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._executor: Executor | None = None
        self.background = Background()
        self._loading = threading.Lock()
        self._open: dict[tuple[str, ...], Callable[[Incoming], Answer]] = {
            ("session", "v1", "login-request"): self._login,
            ("session", "token-request"): lambda incoming: tokens.renew(account, incoming),
            ("session",): lambda incoming: tokens.close(account, incoming),
            ("telemetry", "send"): lambda _incoming: replies.success(),
            ("telemetry", "send", "sessionless"): lambda _incoming: replies.success(),
        }
        self._in_session: dict[tuple[str, ...], Callable[[Incoming, Session], Answer]] = {
            ("session", "heartbeat"): lambda _incoming, session: tokens.heartbeat(account, session),
            ("queries", "v1", "query-request"): self._query,
            ("queries", "v1", "abort-request"): self._abort_request,
        }

    @property
    def executor(self) -> Executor:
        """What executes statements; loaded for the first of them, or by `prepare` before it."""
        return self._executor or self.prepare()

    def prepare(self) -> Executor:
        """Load what executes statements; the imports take as long as all the rest of a start."""
        with self._loading:
            from cortex_resources.emulator.executor import Executor  # noqa: PLC0415 - see above

            if self._executor is None:
                self._executor = Executor(self.account)
            return self._executor

    def knows(self, token: str) -> bool:
        """Whether this is the token of an open session."""
        return self.account.sessions.by_token(token) is not None

    def answer(self, incoming: Incoming) -> Answer | None:
        """The reply, or None when no such path exists."""
        found = self._open.get(incoming.parts)
        try:
            if found is not None:
                return found(incoming)
            answer = self._in_session.get(incoming.parts) or self._about_query(incoming)
            if answer is None:
                return None
            session = tokens.session_of(self.account, incoming.token)
            return session if isinstance(session, dict) else answer(incoming, session)
        except PayloadError as error:
            return replies.refusal(
                _INVALID_PAYLOAD,
                f"Incoming request does not contain a valid payload: {error}.",
            )
        except SnowflakeError as error:  # of what the account notes beside: its disk is full
            return replies.refusal(error.errno, error.message)

    def _about_query(self, incoming: Incoming) -> Callable[[Incoming, Session], Answer] | None:
        """The paths that carry a query id."""
        match incoming.parts:
            case ("queries", query_id, "result"):
                return lambda _incoming, session: self._result(session, query_id)
            case ("queries", query_id, "abort-request"):
                return lambda _incoming, session: self._abort(session, query_id)
            case ("monitoring", "queries", query_id):
                return lambda _incoming, session: self._status(session, query_id)
        return None

    def _login(self, incoming: Incoming) -> Answer:
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
        return login(self.account, fields.mapping(incoming.body, "data"), wanted)

    def _login_faults(self) -> list[Any]:
        with self.account.lock:
            rules = self.account.faults.acting("LOGIN", "before")
        for rule in rules:
            threading.Event().wait(rule.latency_ms / 1000)
        return rules

    def _query(self, incoming: Incoming, session: Session) -> Answer:
        body = incoming.body
        request = Request(
            sql=fields.text(body, "sqlText"),
            request_id=incoming.request_id,
            query_id=str(uuid.uuid4()),
            bindings=fields.bindings(body),
            parameters=fields.scalars(body, "parameters"),
            describe_only=fields.flag(body, "describeOnly"),
        )
        if fields.flag(body, "asyncExec") and not request.describe_only:
            key = f"{session.id}/{request.request_id}"
            return self.background.start(
                key, session.user, request, lambda: self._execute_apart(session, request)
            )
        return self._execute(session, request)

    def _execute(self, session: Session, request: Request) -> Answer:
        try:
            return self.executor.run(session, request)
        except SnowflakeError as error:
            return replies.failure(error, request.query_id)
        except TokenFaultError:
            return tokens.expire(self.account, session)

    def _execute_apart(self, session: Session, request: Request) -> Answer:
        """A statement whose client has its reply already: what breaks becomes the result."""
        try:
            return self._execute(session, request)
        except Exception:  # noqa: BLE001 - the thread has nobody else to tell
            error = SnowflakeError(603, "XX000", "SQL execution internal error: it was cut off.")
            return replies.failure(error, request.query_id)

    def _result(self, session: Session, query_id: str) -> Answer:
        found = self.background.wait(query_id, session.user)
        found = found or self.account.results.reply(query_id, session.user)
        if found is None:
            missing = SnowflakeError(709, "02000", f"Statement {query_id[:80]} not found")
            return replies.failure(missing, query_id[:80])
        return found

    def _status(self, session: Session, query_id: str) -> Answer:
        status = {"id": query_id, "status": "SUCCESS", "errorCode": "", "errorMessage": ""}
        if self.background.running(query_id, session.user):
            return replies.success({"queries": [status | {"status": "RUNNING"}]})
        found = self.account.results.reply(query_id, session.user)
        if found is None:
            return replies.success({"queries": []})
        if not found["success"]:
            status |= {
                "status": "FAILED_WITH_ERROR",
                "errorCode": found["code"],
                "errorMessage": found["message"],
            }
        return replies.success({"queries": [status]})

    def _abort_request(self, incoming: Incoming, session: Session) -> Answer:
        """Give up a statement by the id of its request."""
        self.account.watchdog.cancel(fields.text(incoming.body, "requestId"), session.id)
        return replies.success()

    def _abort(self, session: Session, query_id: str) -> Answer:
        """Give up a statement by its own id, from any session of the same user."""
        self.account.watchdog.cancel(query_id, user=session.user)
        return replies.success()
