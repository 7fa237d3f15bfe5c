"""What goes over the wire: over real sockets, with the connector that is installed (5.x or 4.x)."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cortex_resources.errors import (
    AccountError,
    ConnectError,
    ObjectMissingError,
    ReplyLostError,
    StatementRefusedError,
)
from cortex_resources.gateway import recording, session
from cortex_resources.gateway.repetition import Repeater
from cortex_resources.gateway.settings import Settings
from cortex_resources.model.effects import Effect, Statement
from tests.gateway.wire import DROP, Answer, Request, Wire, refused, serving

READ = Statement("SHOW GRANTS ON DATABASE D", Effect.READ)
GRANT = Statement("GRANT USAGE ON DATABASE D TO ROLE R", Effect.CHANGE)
SUBMIT = Statement("SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', 'M', 'b', 'q')", Effect.SPEND)
DROPPING = Statement("DROP MODEL D.S.M", Effect.DESTROY)
UNREPEATABLE = [GRANT, SUBMIT, DROPPING]
LOGIN, QUERY = "/session/v1/login-request", "/queries/v1/query-request"
SECRET = "hunter2-planted"


class Clock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def wire() -> Iterator[Wire]:
    with serving() as wire:
        yield wire


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def account(wire: Wire, clock: Clock) -> Iterator[session.Account]:
    made = account_at(wire.port, clock)
    yield made
    made.close()


def account_at(port: int, clock: Clock, **changes: object) -> session.Account:
    settings = Settings(
        name="local",
        source="a test",
        account="local",
        user="U",
        password=SECRET,
        host="127.0.0.1",
        port=port,
        protocol="http",
        **changes,  # type: ignore[arg-type]
    )
    return session.Account(settings, repeater=Repeater(sleep=clock.sleep, clock=clock))


def answering(path: str, *answers: Answer) -> object:
    """A rule: these answers one after the other at a path, then the usual ones."""
    left, lock = list(answers), threading.Lock()

    def rule(request: Request) -> Answer:
        with lock:
            return left.pop(0) if request.path == path and left else None

    return rule


def always(path: str, answer: Answer) -> object:
    return lambda request: answer if request.path == path else None


def failure(code: str) -> Answer:
    return {"success": False, "code": code, "message": "no", "data": {}}


def test_eight_threads_share_one_login(account: session.Account, wire: Wire) -> None:
    start = threading.Barrier(8)

    def ask(_: int) -> list[dict[str, object]]:
        start.wait(5)
        return account.run(READ)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [[{"status": "done"}]] * 8
    assert (len(wire.logins), len(wire.queries)) == (1, 8)


def test_statements_of_one_session_run_side_by_side(account: session.Account, wire: Wire) -> None:
    together = threading.Barrier(4)  # broken, and the test with it, unless all four are in flight

    def rule(request: Request) -> Answer:
        if request.path == QUERY:
            together.wait(10)
        return None

    wire.rule = rule
    with ThreadPoolExecutor(4) as pool:
        assert len(list(pool.map(lambda _: account.run(READ), range(4)))) == 4


def test_nothing_is_sent_before_the_first_statement(account: session.Account, wire: Wire) -> None:
    assert wire.requests == []


def test_each_role_logs_in_once_however_it_is_spelled(account: session.Account, wire: Wire) -> None:
    for role in ("TRAINER", "trainer", None, "TRAINER"):
        account.run(READ, role=role, warehouse="WH")
    assert [(r.params.get("roleName"), r.params.get("warehouse")) for r in wire.logins] == [
        ("TRAINER", "WH"),
        (None, "WH"),
    ]


def test_the_login_carries_the_sessions_parameters(account: session.Account, wire: Wire) -> None:
    account.run(READ)
    told = wire.logins[0].body["data"]
    assert told["SECONDARY_ROLES"] == "NONE"
    parameters = told["SESSION_PARAMETERS"]
    assert parameters["QUERY_TAG"] == "cortex-resources"
    for name in ("CLIENT_TELEMETRY_ENABLED", "QUOTED_IDENTIFIERS_IGNORE_CASE"):
        assert str(parameters[name]).lower() == "false"


def test_every_statement_carries_its_tag_and_costs_no_other(
    account: session.Account, wire: Wire
) -> None:
    account.run(READ, tag="stack/a")
    account.run(GRANT, tag="stack/b")
    account.read(READ, tag="stack/c")
    assert [(q.sql, q.tag) for q in wire.queries] == [
        (READ.text, "stack/a"),
        (GRANT.text, "stack/b"),
        (READ.text, "stack/c"),
    ]


def test_the_current_role_costs_no_statement(account: session.Account, wire: Wire) -> None:
    assert account.current_role() == "LOGIN_ROLE"
    assert account.current_role("trainer") == "TRAINER"
    assert wire.queries == []


def test_describing_a_query_executes_nothing(account: session.Account, wire: Wire) -> None:
    assert account.describe("SELECT 1", tag="t") == ["status"]
    assert [q.body["describeOnly"] for q in wire.queries] == [True]


# -- refused and unreachable logins ---------------------------------------------------------


def test_a_wrong_password_is_tried_once_for_any_number_of_callers(
    account: session.Account, wire: Wire
) -> None:
    wire.rule = always(LOGIN, failure("390100"))  # type: ignore[assignment]

    def ask(number: int) -> str:
        with pytest.raises(ConnectError) as caught:
            account.run(READ, role=f"R{number % 2}")
        assert SECRET not in str(caught.value)
        return str(caught.value)

    with ThreadPoolExecutor(8) as pool:
        told = set(pool.map(ask, range(8)))
    assert len(told) == 1
    assert "the user name or the password is wrong (error 390100)" in told.pop()
    ask(0)
    assert len(wire.logins) == 1


def test_a_role_that_is_refused_leaves_the_other_roles_alone(
    account: session.Account, wire: Wire
) -> None:
    wire.rule = lambda r: failure("390189") if r.params.get("roleName") == "NO" else None
    for _ in range(3):
        with pytest.raises(ConnectError, match="role NO does not exist or is not granted") as got:
            account.run(READ, role="no")
        assert got.value.hint == "GRANT ROLE NO TO USER U"
    account.run(READ, role="YES")
    assert [r.params.get("roleName") for r in wire.logins] == ["NO", "YES"]


@pytest.mark.parametrize("answer", [503, DROP])
def test_a_login_without_an_answer_is_tried_again(
    account: session.Account, wire: Wire, answer: Answer
) -> None:
    wire.rule = answering(LOGIN, answer, answer)  # type: ignore[assignment]
    account.run(READ)
    assert len(wire.logins) == 3


def test_an_unreachable_account_is_asked_again_only_after_a_while(
    account: session.Account, wire: Wire, clock: Clock
) -> None:
    wire.rule = always(LOGIN, 503)  # type: ignore[assignment]
    for _ in range(3):
        with pytest.raises(ConnectError, match="no login to account local"):
            account.run(READ)
    assert len(wire.logins) == 4
    wire.rule = lambda _: None
    clock.sleep(60)
    account.run(READ)


def test_a_local_account_that_does_not_run_is_told_at_once(clock: Clock, wire: Wire) -> None:
    with serving() as gone:
        port = gone.port
    account = account_at(port, clock, is_local=True)
    begun = time.monotonic()
    with pytest.raises(ConnectError) as caught:
        account.run(READ)
    assert time.monotonic() - begun < 1
    assert caught.value.what == f"the local account does not answer at 127.0.0.1:{port}"
    assert caught.value.hint == "start it: cortex-resources account start"


# -- lost replies ---------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [DROP, 400, 403, 408, 429, 500, 502, 503, 504])
def test_a_read_whose_reply_is_lost_is_sent_again(
    account: session.Account, wire: Wire, answer: Answer
) -> None:
    wire.rule = answering(QUERY, answer, answer)  # type: ignore[assignment]
    assert account.run(READ) == [{"status": "done"}]
    assert len({q.params["requestId"] for q in wire.queries}) == len(wire.queries) == 3


def test_a_read_is_not_sent_again_for_ever(account: session.Account, wire: Wire) -> None:
    wire.rule = always(QUERY, DROP)  # type: ignore[assignment]
    with pytest.raises(ConnectError, match="no reply came"):
        account.run(READ)
    assert len(wire.queries) == 4


@pytest.mark.parametrize("answer", [DROP, 400, 403, 408, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("statement", UNREPEATABLE, ids=lambda s: s.effect)
def test_anything_else_whose_reply_is_lost_was_sent_once(
    account: session.Account, wire: Wire, statement: Statement, answer: Answer
) -> None:
    wire.rule = always(QUERY, answer)  # type: ignore[assignment]
    with pytest.raises(ReplyLostError, match="sent once and is not sent again"):
        account.run(statement)
    assert len(wire.queries) == 1


def test_the_session_survives_a_lost_reply(account: session.Account, wire: Wire) -> None:
    wire.rule = answering(QUERY, DROP)  # type: ignore[assignment]
    with pytest.raises(ReplyLostError):
        account.run(SUBMIT)
    assert account.run(READ) == [{"status": "done"}]
    assert len(wire.logins) == 1


def test_an_idle_connection_that_was_closed_costs_nothing(
    account: session.Account, wire: Wire
) -> None:
    wire.hangs_up = True
    account.current_role()
    for _ in range(20):
        assert wire.closings.acquire(timeout=5)
        account.run(SUBMIT)
    assert (len(wire.queries), len(wire.logins)) == (20, 1)


@pytest.mark.parametrize("statement", [READ, *UNREPEATABLE], ids=lambda s: s.effect)
def test_a_refused_statement_is_never_sent_again(
    account: session.Account, wire: Wire, statement: Statement
) -> None:
    wire.rule = always(QUERY, refused(2003, "Object 'D' does not exist or not authorized."))  # type: ignore[assignment]
    with pytest.raises(ObjectMissingError):
        account.run(statement)
    assert len(wire.queries) == 1


def test_an_expired_token_is_renewed_without_anybody_noticing(
    account: session.Account, wire: Wire
) -> None:
    wire.rule = answering(QUERY, failure("390112"))  # type: ignore[assignment]
    assert account.run(SUBMIT) == [{"status": "done"}]
    assert len(wire.logins) == 1
    assert len({q.params["requestId"] for q in wire.queries}) == 1


@pytest.mark.parametrize("code", ["390111", "390114"])
@pytest.mark.parametrize("statement", [READ, SUBMIT], ids=lambda s: s.effect)
def test_a_session_that_is_over_is_replaced_once(
    account: session.Account, wire: Wire, statement: Statement, code: str
) -> None:
    account.run(READ)
    wire.rule = answering(QUERY, failure(code))  # type: ignore[assignment]
    assert account.run(statement) == [{"status": "done"}]
    assert len(wire.logins) == 2


def test_an_account_that_ends_every_session_is_not_asked_for_ever(
    account: session.Account, wire: Wire
) -> None:
    wire.rule = always(QUERY, failure("390111"))  # type: ignore[assignment]
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


# -- shared reads ---------------------------------------------------------------------------


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
    wire.rule = answering(QUERY, DROP)  # type: ignore[assignment]
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


# -- around it ------------------------------------------------------------------------------


def test_an_observer_sees_every_statement_and_how_it_ended(
    account: session.Account, wire: Wire
) -> None:
    seen: list[recording.Sent] = []
    account.recorder.observe(seen.append)
    account.run(READ, tag="t", role="A")
    wire.rule = always(QUERY, DROP)  # type: ignore[assignment]
    with pytest.raises(ReplyLostError):
        account.run(SUBMIT)
    assert seen == [
        recording.Sent(READ, "t", "A", "done"),
        recording.Sent(SUBMIT, "", "LOGIN_ROLE", "ReplyLostError"),
    ]


def test_closing_logs_out(account: session.Account, wire: Wire) -> None:
    account.run(READ)
    account.run(READ, role="A")
    account.close()
    assert len(wire.at("/session")) == 2


def test_a_program_that_forgets_to_close_logs_out_and_says_nothing(wire: Wire) -> None:
    program = """
import sys
from cortex_resources.gateway.session import Account
from cortex_resources.gateway.settings import Settings
from cortex_resources.model.effects import Effect, Statement
account = Account(Settings("t", "a test", "local", user="U", password="p", host="127.0.0.1",
                           port=int(sys.argv[1]), protocol="http"))
account.run(Statement("SELECT 1", Effect.READ))
account.run(Statement("SELECT 1", Effect.READ), role="A")
"""
    assert in_a_new_process(program, str(wire.port)) == "0\n"
    assert len(wire.at("/session")) == 2


def test_a_process_has_one_account_for_one_connection(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in [name for name in os.environ if name.startswith("SNOWFLAKE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CORTEX_RESOURCES_LOCAL_PORT", str(wire.port))
    try:
        with ThreadPoolExecutor(4) as pool:
            accounts = list(pool.map(lambda _: session.account_for("local"), range(8)))
        assert len({id(account) for account in accounts}) == 1
        accounts[0].run(READ)
    finally:
        session.close_all()
    assert len(wire.at("/session")) == 1


def in_a_new_process(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    return f"{done.returncode}\n{done.stdout}{done.stderr}"


def test_importing_the_gateway_does_not_import_the_connector() -> None:
    program = (
        "import sys, cortex_resources.gateway.session\n"
        "print([m for m in sys.modules if m.startswith('snowflake')])"
    )
    assert in_a_new_process(program) == "0\n[]\n"


def test_no_log_shows_a_statement_or_a_secret_unless_asked_for(wire: Wire) -> None:
    program = f"""
import logging, sys
logging.basicConfig(level=logging.DEBUG)
from cortex_resources.errors import AccountError
from cortex_resources.gateway.repetition import Repeater
from cortex_resources.gateway.session import Account
from cortex_resources.gateway.settings import Settings
from cortex_resources.model.effects import Effect, Statement
settings = Settings("t", "a test", "local", user="U", password="{SECRET}", host="127.0.0.1",
                    port=int(sys.argv[1]), protocol="http")
account = Account(settings, repeater=Repeater(sleep=lambda s: None))
for effect in Effect:
    try:
        account.run(Statement("SELECT 'planted row'", effect))
    except AccountError as error:
        print("failed:", error)
"""
    wire.rule = answering(QUERY, *[DROP] * 4, 503, refused(1003, "near 'planted row'"))  # type: ignore[assignment]
    told = in_a_new_process(program, str(wire.port))
    assert told.startswith("0\n")
    assert told.count("failed:") == 3
    assert "planted" not in told
