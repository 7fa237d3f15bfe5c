"""Runs requests: once per requestId, one transaction per statement, every statement on record."""

from __future__ import annotations

import time
import uuid
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import Any

import duckdb

from cortex_resources.emulator import lexer, scripts, settings, units
from cortex_resources.emulator.account import Account
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.errors import SnowflakeError, disk_full, unsupported
from cortex_resources.emulator.faults import DropFaultError, HttpFaultError, TokenFaultError
from cortex_resources.emulator.outcome import Effect, Outcome, StatementType, columns, status
from cortex_resources.emulator.request import Request
from cortex_resources.emulator.sessions import Live, Session
from cortex_resources.emulator.statements import dispatch, transactions, users
from cortex_resources.emulator.statements import session as parameters
from cortex_resources.emulator.store import Store
from cortex_resources.emulator.units import Unit
from cortex_resources.emulator.watchdog import Ticket
from cortex_resources.emulator.wire import replies


class Executor:
    """Executes the statements of an account, one at a time."""

    def __init__(self, account: Account) -> None:
        self.account = account
        account.prepare()

    def run(self, session: Session, request: Request) -> dict[str, Any]:
        """The reply to a request; a repeat of an earlier one gets the earlier reply.

        A repeat that comes while the first is still running waits for it and finds its reply.
        """
        watchdog, log = self.account.watchdog, self.account.log
        begun = partial(_origin, session, request, self.account.clock.seconds())
        with (
            watchdog.ticket(
                session.id, session.user, request.request_id, request.query_id
            ) as ticket,
            log.running(request.query_id, None if request.describe_only else begun),
        ):
            self._fault(request.sql, "before", ticket)
            key = f"{session.id}/{request.request_id}" if request.request_id else ""
            with self.account.lock, self.account.turns.request(key, ticket):
                reply = self._once(session, request, key, ticket)
            self._fault(request.sql, "after", ticket)
        return reply

    def _once(self, session: Session, request: Request, key: str, ticket: Ticket) -> dict[str, Any]:
        requests = self.account.requests
        known = requests.find(key)
        if known is not None:
            return known
        try:
            ticket.check()
            self.account.settle()
            return self._run(session, request, key, ticket)
        except SnowflakeError as error:
            requests.keep_read(key, replies.failure(error, request.query_id))
            raise

    def _fault(self, sql: str, when: str, ticket: Ticket) -> None:
        """Act as the fault rules say; a delay is spent outside the lock, until an abort."""
        with self.account.lock:
            acting = self.account.faults.acting(sql, when)
        for rule in acting:
            if rule.latency_ms:
                ticket.given_up.wait(rule.latency_ms / 1000)
            if rule.action == "http_status":
                raise HttpFaultError(rule.http_status)
            if rule.action == "drop":
                raise DropFaultError
            if rule.action == "expire_token":
                raise TokenFaultError
            if rule.action == "error":
                raise rule.error()

    def _run(self, session: Session, request: Request, key: str, ticket: Ticket) -> dict[str, Any]:
        wanted = _count(session, request)
        request = replace(request, sql=_folded(session, request, request.sql))
        scripts.refuse_block(request.sql)
        statements = [request.sql.strip()]
        if ";" in request.sql:
            with self.account.aside():  # the text may be long
                statements = lexer.split(request.sql)
        if wanted not in (0, max(1, len(statements))):
            raise SnowflakeError(
                8,
                "0A000",
                f"Actual statement count {len(statements)} did not match the desired statement"
                f" count {wanted}.",
            )
        if len(statements) > 1:
            return self._run_many(session, request, statements, key, ticket)
        sql = statements[0] if statements else ""
        return self._chain(session, replace(request, sql=sql), key, ticket)

    def _chain(
        self, session: Session, request: Request, key: str, ticket: Ticket
    ) -> dict[str, Any]:
        """One statement, or `one ->> two`: each reads what those before it answered."""
        request = replace(request, sql=scripts.immediate(request.sql, session.variables))
        *earlier, last = scripts.bound(scripts.steps(request.sql), request.bindings)
        ids: list[str] = []
        for position, (sql, bindings) in enumerate(earlier):
            step_key = f"{key}>{position}" if key else ""
            known = self.account.requests.find(step_key)
            if known is None:
                text, query_id = scripts.chained(sql, ids), str(uuid.uuid4())
                step = replace(request, sql=text, bindings=bindings, query_id=query_id)
                known = self._one(session, step, step_key, ticket)
            ids.append(known["data"]["queryId"])
        text = scripts.chained(last[0], ids) if ids else last[0]
        return self._one(session, replace(request, sql=text, bindings=last[1]), key, ticket)

    def _run_many(
        self,
        session: Session,
        request: Request,
        statements: list[str],
        key: str,
        ticket: Ticket,
    ) -> dict[str, Any]:
        """Each statement under its own id, until one fails; what the others did stays.

        Those that a lost reply had done already are skipped.
        """
        most = self.account.settings.results_kept
        if len(statements) >= most:
            raise unsupported(f"more than {most - 1} statements in one request")
        children: list[dict[str, Any]] = []
        for position, (sql, bindings) in enumerate(scripts.bound(statements, request.bindings)):
            child_key = f"{key}#{position}" if key else ""
            known = self.account.requests.find(child_key)
            if known is None:
                child = replace(request, sql=sql, bindings=bindings, query_id=str(uuid.uuid4()))
                known = self._chain(session, child, child_key, ticket)
            children.append(known)
        outcome = Outcome(
            columns("multiple statement execution"),
            [("Multiple statements executed successfully.",)],
            StatementType.MULTI,
            Effect.READ,
        )
        reply = replies.query(session, request.query_id, outcome)
        reply["data"]["resultIds"] = ",".join(c["data"]["queryId"] for c in children)
        reply["data"]["resultTypes"] = ",".join(
            str(child["data"]["statementTypeId"]) for child in children
        )
        self.account.results.keep(request.query_id, session.user, outcome, reply)
        self.account.requests.keep_read(key, reply)
        return reply

    def _one(self, session: Session, request: Request, key: str, ticket: Ticket) -> dict[str, Any]:
        """One statement, when its turn has come."""
        turns, live = self.account.turns, self.account.sessions.live(session)
        with ExitStack() as stack:
            stack.enter_context(turns.session(live, ticket))
            if dispatch.is_change(dispatch.head(request.sql)):
                stack.enter_context(turns.change(ticket))
            try:
                return self._now(session, request, key, ticket)
            finally:
                live.used_on, live.used_at = time.monotonic(), self.account.log.last

    def _now(self, session: Session, request: Request, key: str, ticket: Ticket) -> dict[str, Any]:
        self.account.catalog.session = session.id
        session.role = self.account.primary_role(session).name
        before = session.snapshot()
        started = self.account.clock.seconds()
        try:
            call = self._open(session, request, key)
        except SnowflakeError as error:
            self._record(session, request, started, None, error)
            raise
        try:
            with self.account.watchdog.guard(ticket, call.unit.engine, _seconds(session, request)):
                outcome = self._execute(call)
                outcome.effect = call.effect or outcome.effect
            if outcome.type is StatementType.SELECT:
                most = _whole(session, request, "ROWS_PER_RESULTSET")
                outcome.rows = outcome.rows[: most or None]
            reply = replies.query(session, request.query_id, outcome)
            self._record(session, request, started, outcome, None)
            if request.describe_only:
                self._take_back(call, before)
                self.account.requests.keep_read(key, reply)
            else:
                self._save(call, outcome, reply, before, key)
        except (SnowflakeError, duckdb.Error) as error:
            failure = _translated(error)
            self._undo(call, before)
            self._record(session, request, started, None, failure, effect=call.effect)
            self.account.results.keep_reply(
                request.query_id, session.user, replies.failure(failure, request.query_id)
            )
            raise failure from None
        except BaseException:
            self._undo(call, before)
            raise
        finally:
            call.unit.close()
        self.account.results.keep(request.query_id, session.user, outcome, reply)
        self._remember_id(session, request.query_id)
        return reply

    def _execute(self, call: Call) -> Outcome:
        if not call.sql:
            raise SnowflakeError(900, "42000", "SQL compilation error:\nEmpty SQL statement.")
        run = dispatch.find(call.sql)
        if not call.describe_only:
            return run(call)
        if dispatch.head(call.sql) in dispatch.TRANSACTIONAL:
            return status("", Effect.READ)
        # What a statement answers is known when it was executed; all that it did is taken back.
        outcome = run(call)
        outcome.rows = []
        return outcome

    def _take_back(self, call: Call, before: dict[str, Any]) -> None:
        """Leave no trace of a statement that was only described."""
        if isinstance(call.unit, units.Control):
            self._undo(call, before)
            self.account.settings = settings.load(self.account.store)
        elif isinstance(call.unit, units.Changing):
            call.unit.rollback()

    def _open(self, session: Session, request: Request, key: str) -> Call:
        """The call, on the connection of the session's transaction when the statement is in one."""
        sessions, store = self.account.sessions, self.account.store
        live = sessions.live(session)
        verb = dispatch.head(request.sql)
        if live.lost_transaction and verb not in ("COMMIT", "ROLLBACK"):
            raise transactions.rolled_back(live.lost_transaction)
        if dispatch.is_data(verb):
            if not session.autocommit and not request.describe_only:
                transactions.open_for(
                    sessions, session, store.connection, self.account.clock.seconds()
                )
        elif live.transaction is not None and _commits(verb, request) and not request.describe_only:
            transactions.commit_open(store, sessions, session)
        return Call(
            self.account, session, request.sql, request.query_id, _unit(store, live, verb),
            request.bindings, request.parameters, request.describe_only, key=key,
        )  # fmt: skip

    def _save(
        self,
        call: Call,
        outcome: Outcome,
        reply: dict[str, Any],
        before: dict[str, Any],
        key: str,
    ) -> None:
        """Commit the effect, the reply, the session and the log together."""
        account = self.account
        if outcome.effect is Effect.READ or outcome.secret:
            account.requests.keep_read(key, reply)
        elif key:
            account.requests.keep(key, reply)
        if call.session.snapshot() != before:
            account.sessions.save(call.session)
        call.unit.commit()

    def _undo(self, call: Call, before: dict[str, Any]) -> None:
        session = call.session
        live = self.account.sessions.live(session)
        if isinstance(call.unit, units.Control):
            # A data statement changes nothing of its session, and others of it may run beside it.
            for name, value in before.items():
                setattr(session, name, value)
        # A transaction that the statement committed or began first stays committed or begun.
        session.in_transaction = live.transaction is not None
        call.unit.rollback()
        if session.in_transaction != before["in_transaction"]:
            with self.account.change():
                self.account.sessions.save(session)

    def _record(
        self,
        session: Session,
        request: Request,
        started: float,
        outcome: Outcome | None,
        error: SnowflakeError | None,
        *,
        effect: Effect | None = None,
    ) -> None:
        """One line in the log; a prepared statement that only describes is none."""
        if request.describe_only:
            return
        self.account.log.add(
            **_origin(session, request, started),
            outcome="error" if error else "ok",
            errno=error.errno if error else None,
            message=error.message if error else None,
            effect=(outcome.effect if outcome else effect or Effect.READ).value,
            rows=len(outcome.rows) if outcome else 0,
            ended=self.account.clock.seconds(),
        )

    def _remember_id(self, session: Session, query_id: str) -> None:
        ids = self.account.sessions.live(session).query_ids
        ids.append(query_id)
        del ids[:-100]


def _origin(session: Session, request: Request, at: float) -> dict[str, Any]:
    """Who asked for what and when, as the log has it."""
    return {
        "at": at,
        "session": session.id,
        "user": session.user,
        "role": session.role,
        "database": session.database,
        "schema": session.schema,
        "warehouse": session.warehouse,
        "sql": users.without_secrets(request.sql),
        "query_tag": str(request.parameters.get("QUERY_TAG", session.query_tag)),
        "request_id": request.request_id,
        "query_id": request.query_id,
    }


def _count(session: Session, request: Request) -> int:
    """How many statements the client expects; 0 is any number."""
    return _whole(session, request, "MULTI_STATEMENT_COUNT")


def _seconds(session: Session, request: Request) -> int:
    """How long the statement may run; 0 leaves it to the account."""
    return _whole(session, request, "STATEMENT_TIMEOUT_IN_SECONDS")


def _whole(session: Session, request: Request, name: str) -> int:
    return int(parameters.value_of(session, name, request.parameters))


def _folded(session: Session, request: Request, sql: str) -> str:
    """The statement, its quoted names in upper case where the session ignores their case."""
    ignored = parameters.value_of(session, "QUOTED_IDENTIFIERS_IGNORE_CASE", request.parameters)
    return scripts.without_case(sql) if ignored else sql


def _unit(store: Store, live: Live, verb: str) -> Unit:
    """What a statement runs in."""
    if not dispatch.is_data(verb):
        return units.Control(store)
    if live.transaction is not None:
        return units.Joining(store, live, live.transaction)
    return (units.Changing if dispatch.is_change(verb) else units.Reading)(store)


def _commits(verb: str, request: Request) -> bool:
    """Whether a statement commits what is open: DDL does, most parameters of the session do not."""
    if verb == "ALTER" and "AUTOCOMMIT" not in request.sql.upper():
        return [token.value for token in lexer.tokenize(request.sql, limit=2)][1:] != ["SESSION"]
    return verb in ("CREATE", "ALTER", "DROP", "UNDROP", "GRANT", "REVOKE", "COMMENT")


def _translated(error: SnowflakeError | duckdb.Error) -> SnowflakeError:
    """A DuckDB error that no layer above turned into Snowflake's."""
    if isinstance(error, SnowflakeError):
        return error
    if full := disk_full(error):
        return full
    if isinstance(error, duckdb.TransactionException):
        return transactions.conflict(error)
    return SnowflakeError(100_132, "P0000", f"Execution failed: {str(error).splitlines()[0]}")
