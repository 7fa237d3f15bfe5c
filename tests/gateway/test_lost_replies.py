"""What is sent again and what is not, over real sockets, with the installed connector."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from cortex_resources.errors import (
    AccountError,
    ConnectError,
    ObjectMissingError,
    ReplyLostError,
    StatementRefusedError,
)
from cortex_resources.gateway import session
from cortex_resources.model.effects import Effect, Statement
from tests.gateway.accounts import (
    GRANT,
    QUERY,
    READ,
    SUBMIT,
    UNREPEATABLE,
    Clock,
    account_at,
    always,
    answering,
    failure,
)
from tests.gateway.wire import DROP, Answer, Request, Wire, refused


@pytest.mark.parametrize("answer", [DROP, 400, 403, 408, 429, 500, 502, 503, 504])
def test_a_read_whose_reply_is_lost_is_sent_again(
    account: session.Account, wire: Wire, answer: Answer
) -> None:
    wire.rule = answering(QUERY, answer, answer)
    assert account.run(READ) == [{"status": "done"}]
    assert len({q.params["requestId"] for q in wire.queries}) == len(wire.queries) == 3


def test_a_read_is_not_sent_again_for_ever(account: session.Account, wire: Wire) -> None:
    wire.rule = always(QUERY, DROP)
    with pytest.raises(ConnectError, match="no reply came"):
        account.run(READ)
    assert len(wire.queries) == 4


@pytest.mark.parametrize("answer", [DROP, 400, 403, 408, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("statement", UNREPEATABLE, ids=lambda s: s.effect)
def test_anything_else_whose_reply_is_lost_was_sent_once(
    account: session.Account, wire: Wire, statement: Statement, answer: Answer
) -> None:
    wire.rule = always(QUERY, answer)
    with pytest.raises(ReplyLostError, match="sent once and is not sent again"):
        account.run(statement)
    assert len(wire.queries) == 1


def test_the_session_survives_a_lost_reply(account: session.Account, wire: Wire) -> None:
    wire.rule = answering(QUERY, DROP)
    with pytest.raises(ReplyLostError):
        account.run(SUBMIT)
    assert account.run(READ) == [{"status": "done"}]
    assert len(wire.logins) == 1


def test_an_idle_connection_that_was_closed_costs_nothing(
    account: session.Account, wire: Wire
) -> None:
    wire.hangs_up = True
    account.current_role()
    closed = 0
    for _ in range(20):
        while closed < len(wire.requests):
            assert wire.closings.acquire(timeout=5)
            closed += 1
        account.run(SUBMIT)
    assert (len(wire.queries), len(wire.logins)) == (20, 1)


@pytest.mark.parametrize("statement", [READ, *UNREPEATABLE], ids=lambda s: s.effect)
def test_a_refused_statement_is_never_sent_again(
    account: session.Account, wire: Wire, statement: Statement
) -> None:
    wire.rule = always(QUERY, refused(2003, "Object 'D' does not exist or not authorized."))
    with pytest.raises(ObjectMissingError):
        account.run(statement)
    assert len(wire.queries) == 1


def test_an_expired_token_is_renewed_without_anybody_noticing(
    account: session.Account, wire: Wire
) -> None:
    wire.rule = answering(QUERY, failure("390112"))
    assert account.run(SUBMIT) == [{"status": "done"}]
    assert len(wire.logins) == 1
    assert len({q.params["requestId"] for q in wire.queries}) == 1


@pytest.mark.parametrize("code", ["390111", "390114"])
@pytest.mark.parametrize("statement", [READ, SUBMIT], ids=lambda s: s.effect)
def test_a_session_that_is_over_is_replaced_once(
    account: session.Account, wire: Wire, statement: Statement, code: str
) -> None:
    account.run(READ)
    wire.rule = answering(QUERY, failure(code))
    assert account.run(statement) == [{"status": "done"}]
    assert len(wire.logins) == 2


def test_an_account_that_ends_every_session_is_not_asked_for_ever(
    account: session.Account, wire: Wire
) -> None:
    wire.rule = always(QUERY, failure("390111"))
    with pytest.raises(ConnectError, match="the session ended before this was run"):
        account.run(SUBMIT)
    assert (len(wire.logins), len(wire.queries)) == (2, 2)


@pytest.mark.parametrize(
    ("statement", "made"),
    [(READ, StatementRefusedError), (SUBMIT, ReplyLostError)],
    ids=["read", "spend"],
)
def test_a_statement_that_takes_too_long_is_stopped(
    wire: Wire, clock: Clock, statement: Statement, made: type[AccountError]
) -> None:
    aborted = threading.Event()

    def rule(request: Request) -> Answer:
        if request.path == "/queries/v1/abort-request":
            aborted.set()
        if request.path == QUERY:
            aborted.wait(10)
            return refused(604, "SQL execution canceled", "57014")
        return None

    wire.rule = rule
    account = account_at(wire.port, clock, query_timeout=1)
    with pytest.raises(made, match="took too long and was stopped"):
        account.run(statement)
    assert aborted.wait(5)
    assert len(wire.queries) == 1
    account.close()


def test_a_read_is_executed_once_until_something_is_changed(
    account: session.Account, wire: Wire
) -> None:
    def ask(text: str) -> list[dict[str, object]]:
        return account.read(Statement(text, Effect.READ))

    with ThreadPoolExecutor(4) as pool:
        texts = [READ.text, READ.text.lower(), f"{READ.text};", f"{READ.text} -- why"]
        assert list(pool.map(ask, texts)) == [[{"status": "done"}]] * 4
    assert len(wire.queries) == 1
    account.run(GRANT)
    ask(READ.text)
    assert len(wire.queries) == 3


def test_a_change_whose_reply_is_lost_makes_reads_stale_too(
    account: session.Account, wire: Wire
) -> None:
    account.read(READ)
    wire.rule = answering(QUERY, DROP)
    with pytest.raises(ReplyLostError):
        account.run(GRANT)
    account.read(READ)
    assert [q.sql for q in wire.queries] == [READ.text, GRANT.text, READ.text]


def test_what_one_role_read_is_not_what_another_one_reads(
    account: session.Account, wire: Wire
) -> None:
    account.read(READ, role="A")
    account.read(READ, role="B")
    assert len(wire.queries) == 2


def test_only_a_read_may_be_shared(account: session.Account) -> None:
    with pytest.raises(ValueError, match="only a READ"):
        account.read(GRANT)
