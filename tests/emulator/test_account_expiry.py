"""What ends by itself: tokens by the account's clock, transactions that nobody comes back to."""

from __future__ import annotations

import http.client
import json
from dataclasses import replace
from typing import Any

import pytest
import snowflake.connector

from cortex_resources.emulator import sessions
from cortex_resources.emulator.server import LocalAccount
from cortex_resources.emulator.sessions import MASTER_SECONDS, TOKEN_SECONDS, Live


@pytest.fixture
def by_its_clock(account: LocalAccount) -> LocalAccount:
    account.account.settings = replace(account.account.settings, session_clock="account")
    return account


def _post(local: LocalAccount, path: str, token: str, body: Any) -> Any:
    line = http.client.HTTPConnection(local.host, local.port, timeout=10)
    try:
        headers = {"Authorization": f'Snowflake Token="{token}"'} if token else {}
        line.request("POST", path, json.dumps(body), headers)
        return json.loads(line.getresponse().read())
    finally:
        line.close()


def _login(local: LocalAccount) -> Any:
    body = {"data": {"LOGIN_NAME": local.user, "PASSWORD": local.password}}
    return _post(local, "/session/v1/login-request", "", body)["data"]


def _code(local: LocalAccount, token: str) -> str | None:
    reply = _post(local, "/queries/v1/query-request", token, {"sqlText": "SELECT 1"})
    return None if reply["success"] else str(reply["code"])


def test_a_driver_renews_a_token_that_expired_by_the_clock_of_the_account(
    by_its_clock: LocalAccount, connect: Any, run: Any
) -> None:
    connection = connect()
    (session,) = by_its_clock.account.sessions.all()
    before = session.token
    by_its_clock.account.clock.advance(TOKEN_SECONDS - 1)
    assert run(connection, "SELECT 1 AS N") == [{"N": 1}]
    assert session.token == before
    by_its_clock.account.clock.advance(2)
    assert run(connection, "SELECT 2 AS N") == [{"N": 2}]
    assert session.token != before


def test_a_token_and_then_the_master_token_expire_by_the_clock_of_the_account(
    by_its_clock: LocalAccount,
) -> None:
    clock, found = by_its_clock.account.clock, _login(by_its_clock)
    clock.advance(TOKEN_SECONDS + 1)
    assert _code(by_its_clock, found["token"]) == "390112"
    clock.advance(MASTER_SECONDS - TOKEN_SECONDS)
    wanted = {"oldSessionToken": found["token"], "requestType": "RENEW"}
    renewed = _post(by_its_clock, "/session/token-request", found["masterToken"], wanted)
    assert (renewed["success"], str(renewed["code"])) == (False, "390114")


def test_a_clock_that_jumps_expires_no_token_unless_the_settings_ask_for_it(
    account: LocalAccount,
) -> None:
    found = _login(account)
    account.account.clock.advance(10 * MASTER_SECONDS)
    assert _code(account, found["token"]) is None


def _left_open(account: LocalAccount) -> Live:
    """The transaction that a session has left open."""
    lives = [account.account.sessions.live(one) for one in account.account.sessions.all()]
    (live,) = [live for live in lives if live.transaction is not None]
    return live


def _open(live: Live) -> bool:
    return live.transaction is not None


def _look(account: LocalAccount) -> None:
    account.account._looks_again = 0.0
    with account.account.lock:
        account.account.settle()


@pytest.mark.parametrize("end", ["COMMIT", "INSERT INTO D.PUBLIC.T VALUES (2)"])
def test_a_transaction_left_open_in_the_way_of_others_is_rolled_back_and_its_session_told(
    account: LocalAccount, connect: Any, run: Any, end: str
) -> None:
    connection, other = connect(), connect()
    for sql in ("CREATE DATABASE D", "CREATE TABLE D.PUBLIC.T (N NUMBER)", "BEGIN"):
        run(connection, sql)
    run(connection, "INSERT INTO D.PUBLIC.T VALUES (1)")
    live = _left_open(account)
    live.used_on -= sessions.IDLE_IN_THE_WAY_S + 1
    _look(account)
    assert _open(live), "it is in nobody's way"
    live.used_at -= sessions.IN_THE_WAY + 1
    _look(account)
    assert not _open(live)
    assert run(other, "SELECT COUNT(*) AS N FROM D.PUBLIC.T") == [{"N": 0}]
    with pytest.raises(snowflake.connector.errors.ProgrammingError, match="idle for too long"):
        run(connection, end)
    run(connection, "ROLLBACK")
    assert run(connection, "SELECT COUNT(*) AS N FROM D.PUBLIC.T") == [{"N": 0}]


def test_a_transaction_left_open_for_four_hours_is_rolled_back(
    account: LocalAccount, connect: Any, run: Any
) -> None:
    run(connect(), "BEGIN")
    live = _left_open(account)
    live.used_on -= sessions.IDLE_S - 60
    _look(account)
    assert _open(live)
    live.used_on -= 120
    _look(account)
    assert not _open(live)
