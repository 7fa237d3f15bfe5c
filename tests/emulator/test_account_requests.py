"""Requests: once per requestId, on record, async, several at a time, with faults."""

from __future__ import annotations

import json
import urllib.request
import uuid
from typing import Any

import pytest
import snowflake.connector

from cortex_resources.emulator.server import LocalAccount


def _post(account: LocalAccount, path: str, body: Any, token: str = "") -> Any:
    request = urllib.request.Request(
        f"http://127.0.0.1:{account.port}{path}",
        json.dumps(body).encode(),
        {"Authorization": f'Snowflake Token="{token}"'},
    )
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.loads(reply.read())


def _token(account: LocalAccount) -> str:
    data = {"LOGIN_NAME": account.user, "PASSWORD": account.password}
    return str(_post(account, "/session/v1/login-request", {"data": data})["data"]["token"])


def test_a_repeated_request_changes_nothing(account: LocalAccount, sql: Any) -> None:
    sql("CREATE DATABASE D", "CREATE TABLE D.PUBLIC.T (N NUMBER)")
    token, request_id = _token(account), uuid.uuid4()
    replies = [
        _post(
            account,
            f"//queries/v1/query-request?requestId={request_id}&retryCount={attempt}",
            {"sqlText": "INSERT INTO D.PUBLIC.T VALUES (1)"},
            token,
        )
        for attempt in range(3)
    ]
    assert replies[0]["success"]
    assert replies[0] == replies[1] == replies[2]
    assert sql("SELECT COUNT(*) AS n FROM D.PUBLIC.T") == [{"N": 1}]


def test_a_lost_reply_to_a_paid_statement_starts_one_job(
    account: LocalAccount, sql: Any, finetune: Any, lab: None
) -> None:
    account.account.faults.set([{"match": "'?CREATE", "when": "after", "action": "drop"}])
    finetune("CREATE", "LAB.ML.ONCE", "llama3.1-8b", "SELECT PROMPT, COMPLETION FROM LAB.ML.TRAIN")
    assert len(finetune("SHOW")) == 1
    assert len([e for e in account.account.log if e.effect == "SPEND"]) == 1


def test_a_statement_tag_beats_the_session_tag(account: LocalAccount, admin: Any) -> None:
    admin.cursor().execute("ALTER SESSION SET QUERY_TAG = 'session'")
    admin.cursor().execute("CREATE ROLE A")
    admin.cursor().execute("CREATE ROLE B", _statement_params={"QUERY_TAG": "statement"})
    tags = {entry.sql: entry.query_tag for entry in account.account.log}
    assert tags["CREATE ROLE A"] == "session"
    assert tags["CREATE ROLE B"] == "statement"


def test_every_statement_is_on_record_and_logins_are_counted_apart(
    account: LocalAccount, connect: Any, run: Any
) -> None:
    connection = connect()
    run(connection, "CREATE ROLE A")
    with pytest.raises(snowflake.connector.errors.ProgrammingError):
        run(connection, "CREATE ROLE A")
    run(connection, "SHOW ROLES")
    shown = [(e.sql, e.outcome, e.errno, e.effect) for e in account.account.log]
    assert shown == [
        ("CREATE ROLE A", "ok", None, "CHANGE"),
        ("CREATE ROLE A", "error", 2002, "READ"),
        ("SHOW ROLES", "ok", None, "READ"),
    ]
    assert account.account.sessions.logins == 1


def test_an_asynchronous_statement_is_found_by_its_id(connect: Any) -> None:
    connection = connect()
    cursor = connection.cursor()
    cursor.execute_async("SELECT 1 AS one")
    query_id = cursor.sfqid
    cursor.get_results_from_sfqid(query_id)
    assert cursor.fetchall() == [(1,)]
    assert connection.get_query_status(query_id).name == "SUCCESS"


def test_several_statements_need_their_number(connect: Any, error: Any) -> None:
    assert error("SELECT 1; SELECT 2") == (8, "0A000")
    cursor = connect().cursor()
    cursor.execute("SELECT 1; SELECT 2", num_statements=2)
    assert cursor.fetchall() == [(1,)]
    cursor.nextset()
    assert cursor.fetchall() == [(2,)]


def test_describe_only_does_not_train(admin: Any, finetune: Any, lab: None) -> None:
    query = "SELECT PROMPT, COMPLETION FROM LAB.ML.TRAIN"
    described = admin.cursor().describe(
        f"SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', 'LAB.ML.M', 'llama3.1-8b', '{query}')"
    )
    assert len(described) == 1
    assert finetune("SHOW") == []


@pytest.mark.parametrize("action", [{"http_status": 503}, {"latency_ms": 20}, {"action": "drop"}])
def test_a_passing_fault_is_hidden_by_the_client(
    account: LocalAccount, sql: Any, action: dict[str, Any]
) -> None:
    account.account.faults.set([{"match": "CREATE ROLE", **action}])
    sql("CREATE ROLE ONCE")
    assert len(sql("SHOW ROLES LIKE 'ONCE'")) == 1


def test_an_error_fault_has_the_number_it_was_given(account: LocalAccount, error: Any) -> None:
    fault = {"match": "SHOW", "action": "error", "errno": 604, "sqlstate": "57014", "after_n": 1}
    account.account.faults.set([{**fault, "times": 2}])
    rows = [error("SHOW ROLES IN") for _ in range(1)]
    assert rows == [(1003, "42000")]
    assert error("SHOW ROLES") == (604, "57014")
    assert error("SHOW ROLES") == (604, "57014")


def test_unknown_statements_are_refused_by_name(error: Any) -> None:
    assert error("CALL SOMETHING()") == (2, "0A000")
    assert error("CREATE STREAM S ON TABLE T") == (2, "0A000")
    assert error("FLURB 1") == (1003, "42000")
    assert error("SELECT 'unfinished") == (1003, "42000")


def test_a_statement_that_runs_too_long_is_stopped_and_the_next_one_runs(
    sql: Any, error: Any
) -> None:
    sql("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 1")
    long = " CROSS JOIN ".join(
        f"(SELECT SEQ4() AS n{k} FROM TABLE(GENERATOR(ROWCOUNT => 20000))) t{k}" for k in range(4)
    )
    assert error(f"SELECT COUNT(*), SUM(n0 * n3) FROM {long}") == (630, "57014")
    assert sql("SELECT 1 AS n") == [{"N": 1}]


def test_many_rows_of_binds_travel_in_one_statement(
    account: LocalAccount, connect: Any, sql: Any
) -> None:
    sql("CREATE DATABASE D", "CREATE TABLE D.PUBLIC.T (N NUMBER, S VARCHAR)")
    cursor = connect(paramstyle="qmark").cursor()
    before = account.account.log.last
    rows = [(n, f"it's row {n} ☕") for n in range(300)]
    cursor.executemany("INSERT INTO D.PUBLIC.T VALUES (?, ?)", rows)
    assert cursor.rowcount == 300
    assert account.account.log.last == before + 1
    found = sql("SELECT N, S FROM D.PUBLIC.T ORDER BY N")
    assert [(row["N"], row["S"]) for row in found] == rows


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("1704060000000000000 1560", "2024-01-01 00:00:00.000 +0200"),
        ("1704060000000000000 1080", "2023-12-31 16:00:00.000 -0600"),
        ("1704060000000000000", "2023-12-31 14:00:00.000 -0800"),
    ],
)
def test_a_bound_timestamp_with_an_offset_keeps_it(
    account: LocalAccount, sent: str, told: str
) -> None:
    body = {
        "sqlText": "SELECT TO_VARCHAR(?)",
        "bindings": {"1": {"type": "TIMESTAMP_TZ", "value": sent}},
    }
    path = f"/queries/v1/query-request?requestId={uuid.uuid4()}"
    assert _post(account, path, body, _token(account))["data"]["rowset"] == [[told]]
