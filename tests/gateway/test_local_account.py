"""The gateway against the local account, over the connector that is installed (5.x or 4.x)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cortex_resources.emulator.server import LocalAccount
from cortex_resources.errors import (
    ConnectError,
    ObjectExistsError,
    ObjectMissingError,
    PrivilegeMissingError,
    ReplyLostError,
    StatementRefusedError,
)
from cortex_resources.gateway.repetition import Repeater
from cortex_resources.gateway.session import Account
from cortex_resources.gateway.settings import Settings
from cortex_resources.model.effects import Effect, Statement

SEED = """
CREATE DATABASE D;
CREATE SCHEMA D.ML;
CREATE TABLE D.ML.PAIRS (PROMPT TEXT, COMPLETION TEXT);
CREATE ROLE TRAINER;
CREATE ROLE STRANGER;
GRANT ROLE TRAINER TO USER LOCAL_ADMIN;
GRANT USAGE ON DATABASE D TO ROLE TRAINER;
"""
READ = Statement("SHOW GRANTS ON DATABASE D", Effect.READ)
SUBMIT = Statement(
    "SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', 'D.ML.TUNED', 'llama3.1-8b', "
    "'SELECT prompt, completion FROM D.ML.PAIRS') AS ID",
    Effect.SPEND,
)
JOBS = Statement("SELECT SNOWFLAKE.CORTEX.FINETUNE('SHOW') AS JOBS", Effect.READ)


class Admin:
    """The local account's own interface for breaking and counting things."""

    def __init__(self, port: int) -> None:
        self._root = f"http://127.0.0.1:{port}/admin/"

    def get(self, path: str) -> Any:
        return self._call(path, None)

    def fault(self, **rule: object) -> None:
        self._call("faults", rule)

    def statements(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("statements")["statements"]
        return found

    def _call(self, path: str, body: object) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self._root + path, data, headers)
        with urllib.request.urlopen(request, timeout=10) as reply:
            return json.load(reply)


@pytest.fixture(scope="module")
def running() -> Iterator[LocalAccount]:
    with LocalAccount() as local:
        yield local


@pytest.fixture
def local(running: LocalAccount) -> LocalAccount:
    """The account, empty but for the seed."""
    running.account.reset()
    running.seed(SEED)
    return running


@pytest.fixture
def admin(local: LocalAccount) -> Admin:
    return Admin(local.port)


def account_of(local: LocalAccount, **changes: object) -> Account:
    return account_at(local.host, local.port, **changes)


def account_at(host: str, port: int, **changes: object) -> Account:
    keys: dict[str, Any] = {
        "name": "local",
        "source": "a test",
        "account": "local",
        "user": LocalAccount.user,
        "password": LocalAccount.password,
        "role": "ACCOUNTADMIN",
        "host": host,
        "port": port,
        "protocol": "http",
        "is_local": True,
    }
    return Account(Settings(**{**keys, **changes}), repeater=Repeater(sleep=lambda _: None))


@pytest.fixture
def account(local: LocalAccount) -> Iterator[Account]:
    made = account_of(local)
    yield made
    made.close()


def test_eight_threads_make_one_login(account: Account, admin: Admin) -> None:
    before, start = admin.get("logins")["logins"], threading.Barrier(8)

    def ask(_: int) -> int:
        start.wait(5)
        return len(account.run(READ))

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(ask, range(8)))
    assert len(set(counts)) == 1
    assert admin.get("logins")["logins"] == before + 1


def test_rows_come_by_the_accounts_own_column_names(account: Account) -> None:
    rows = account.run(READ)
    assert {"privilege", "granted_on", "grantee_name", "grant_option"} <= set(rows[0])
    assert {(row["privilege"], row["grantee_name"]) for row in rows} == {
        ("OWNERSHIP", "ACCOUNTADMIN"),
        ("USAGE", "TRAINER"),
    }


def test_every_statement_is_tagged_in_the_accounts_log(account: Account, admin: Admin) -> None:
    account.run(READ, tag="stack=dev; resource=grants")
    account.run(Statement("CREATE SCHEMA D.MORE", Effect.CHANGE), tag="stack=dev; resource=s")
    account.run(READ)
    assert [(s["sql"], s["query_tag"]) for s in admin.statements()[-3:]] == [
        (READ.text, "stack=dev; resource=grants"),
        ("CREATE SCHEMA D.MORE", "stack=dev; resource=s"),
        (READ.text, "cortex-resources"),
    ]


def test_a_statement_runs_as_the_role_it_names(account: Account) -> None:
    current = Statement("SELECT CURRENT_ROLE() AS R", Effect.READ)
    assert account.run(current) == [{"R": "ACCOUNTADMIN"}]
    assert account.run(current, role="trainer") == [{"R": "TRAINER"}]
    assert account.current_role("TRAINER") == "TRAINER"


def test_secondary_roles_hide_no_missing_grant(account: Account) -> None:
    with pytest.raises(ObjectMissingError):
        account.run(Statement("SELECT * FROM D.ML.PAIRS", Effect.READ), role="TRAINER")


def test_describing_a_query_runs_nothing(account: Account, admin: Admin) -> None:
    assert account.describe("SELECT prompt, completion FROM D.ML.PAIRS") == ["PROMPT", "COMPLETION"]
    with pytest.raises(ObjectMissingError):
        account.describe("SELECT * FROM D.ML.NOTHING")


def test_errors_arrive_as_their_class_and_name_role_and_statement(account: Account) -> None:
    with pytest.raises(ObjectMissingError, match="as role ACCOUNTADMIN: DROP VIEW") as got:
        account.run(Statement("DROP VIEW D.ML.NO", Effect.DESTROY))
    assert got.value.errno == 2003
    with pytest.raises(ObjectExistsError):
        account.run(Statement("CREATE SCHEMA D.ML", Effect.CHANGE))
    with pytest.raises(PrivilegeMissingError):
        account.run(Statement("CREATE SCHEMA D.HERS", Effect.CHANGE), role="TRAINER")
    with pytest.raises(StatementRefusedError):
        account.run(Statement("SELEC 1", Effect.READ))


def test_a_wrong_password_is_one_attempt_for_eight_callers(local: LocalAccount) -> None:
    account = account_of(local, password="wrong")

    def ask(_: int) -> str:
        with pytest.raises(ConnectError) as caught:
            account.run(READ)
        return str(caught.value)

    with ThreadPoolExecutor(8) as pool:
        told = set(pool.map(ask, range(8)))
    assert len(told) == 1
    assert "user LOCAL_ADMIN: the user name or the password is wrong" in told.pop()


def test_a_role_that_is_not_granted_prints_the_grant(account: Account) -> None:
    for role in ("STRANGER", "NOBODY"):
        with pytest.raises(ConnectError) as caught:
            account.run(READ, role=role)
        assert caught.value.hint == f"GRANT ROLE {role} TO USER LOCAL_ADMIN"


def test_a_read_whose_reply_is_lost_is_repeated(account: Account, admin: Admin) -> None:
    account.current_role()
    admin.fault(match="SHOW GRANTS", when="after", times=2, action="drop")
    assert len(account.run(READ)) == 2


def test_a_submit_whose_reply_is_lost_starts_one_job_and_says_so(
    account: Account, admin: Admin
) -> None:
    account.current_role()
    admin.fault(match="FINETUNE", when="after", times=1, action="drop")
    with pytest.raises(ReplyLostError, match="sent once and is not sent again"):
        account.run(SUBMIT)
    assert len(admin.get("state")["jobs"]) == 1
    assert [s["effect"].lower() for s in admin.statements() if "CREATE'" in s["sql"]] == ["spend"]
    assert str(account.run(JOBS)[0]["JOBS"]).count("ft_") == 1


def test_a_submit_that_never_arrived_starts_none(account: Account, admin: Admin) -> None:
    account.current_role()
    admin.fault(match="FINETUNE", when="before", times=1, action="http_status", http_status=503)
    with pytest.raises(ReplyLostError):
        account.run(SUBMIT)
    assert admin.get("state")["jobs"] == []


def test_an_expired_token_is_renewed_even_for_a_submit(account: Account, admin: Admin) -> None:
    account.current_role()
    admin.fault(match="FINETUNE", when="before", times=1, action="expire_token")
    assert str(account.run(SUBMIT)[0]["ID"]).startswith("ft_")
    assert len(admin.get("state")["jobs"]) == 1


def test_a_slow_statement_is_stopped_in_time(local: LocalAccount, admin: Admin) -> None:
    account = account_of(local, query_timeout=1)
    account.current_role()
    admin.fault(match="SHOW GRANTS", when="before", times=1, action="latency_ms", latency_ms=4000)
    begun = time.monotonic()
    with pytest.raises(StatementRefusedError, match="took too long and was stopped"):
        account.run(READ)
    assert time.monotonic() - begun < 3
    account.close()


def test_an_account_that_was_killed_is_told_at_once() -> None:
    program = (
        "from cortex_resources.emulator.server import LocalAccount\n"
        "local = LocalAccount()\n"
        "print(local.port, flush=True)\n"
        "local.serve()\n"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        account = account_at("127.0.0.1", port)
        account.run(Statement("SHOW ROLES", Effect.READ))
    finally:
        server.kill()
        server.communicate(timeout=10)
    begun = time.monotonic()
    with pytest.raises(ConnectError, match=f"does not answer at 127.0.0.1:{port}") as caught:
        account.run(Statement("SHOW ROLES", Effect.READ))
    assert caught.value.hint == "start it: cortex-resources account start"
    with pytest.raises(ReplyLostError):
        account.run(SUBMIT)
    account.close()
    assert time.monotonic() - begun < 5
