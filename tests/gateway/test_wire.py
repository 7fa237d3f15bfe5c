"""What goes over the wire: over real sockets, with the connector that is installed (5.x or 4.x)."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cortex_resources.errors import (
    ConnectError,
    ReplyLostError,
)
from cortex_resources.gateway import recording, session
from tests.gateway.accounts import (
    GRANT,
    LOGIN,
    QUERY,
    READ,
    SECRET,
    SUBMIT,
    Clock,
    account_at,
    always,
    answering,
    failure,
)
from tests.gateway.wire import DROP, Answer, Request, Wire, refused, serving


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


def test_a_wrong_password_is_tried_once_for_any_number_of_callers(
    account: session.Account, wire: Wire
) -> None:
    wire.rule = always(LOGIN, failure("390100"))

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
    wire.rule = answering(LOGIN, answer, answer)
    account.run(READ)
    assert len(wire.logins) == 3


def test_an_unreachable_account_is_asked_again_only_after_a_while(
    account: session.Account, wire: Wire, clock: Clock
) -> None:
    wire.rule = always(LOGIN, 503)
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


def test_an_observer_sees_every_statement_and_how_it_ended(
    account: session.Account, wire: Wire
) -> None:
    seen: list[recording.Sent] = []
    account.recorder.observe(seen.append)
    account.run(READ, tag="t", role="A")
    wire.rule = always(QUERY, DROP)
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
    wire.rule = answering(QUERY, *[DROP] * 4, 503, refused(1003, "near 'planted row'"))
    told = in_a_new_process(program, str(wire.port))
    assert told.startswith("0\n")
    assert told.count("failed:") == 3
    assert "planted" not in told
