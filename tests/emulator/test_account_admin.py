"""The admin interface: what it shows, what it changes, whom it refuses."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest

from cortex_resources.emulator.server import LocalAccount


@pytest.fixture
def call(account: LocalAccount) -> Any:
    """One admin request; status and JSON."""

    def send(
        method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", account.port, timeout=10)
        raw = None if body is None else json.dumps(body)
        connection.request(method, f"/admin/{path}", raw, headers or {})
        reply = connection.getresponse()
        answer = json.loads(reply.read())
        connection.close()
        return reply.status, answer

    return send


def test_health_says_who_answers(call: Any) -> None:
    status, health = call("GET", "health")
    assert (status, health["status"]) == (200, "ok")


def test_statements_come_in_order_from_a_number_on(call: Any, sql: Any) -> None:
    sql("CREATE ROLE A", "CREATE ROLE B")
    _, everything = call("GET", "statements")
    seen = [row["sql"] for row in everything["statements"]]
    assert seen[-2:] == ["CREATE ROLE A", "CREATE ROLE B"]
    last = everything["last"]
    _, newer = call("GET", f"statements?since={last - 1}")
    assert [row["sql"] for row in newer["statements"]] == ["CREATE ROLE B"]
    wanted = {
        *("seq", "at", "session", "role", "sql", "query_tag"),
        *("request_id", "outcome", "errno", "effect"),
    }
    assert wanted <= set(newer["statements"][0])


def test_the_state_shows_grants_objects_and_logins_but_no_password(call: Any, sql: Any) -> None:
    sql("CREATE DATABASE D", "CREATE ROLE R", "GRANT USAGE ON DATABASE D TO ROLE R")
    _, state = call("GET", "state")
    granted = [g for g in state["grants"] if g["on"] == "DATABASE D" and g["to"] == "ROLE R"]
    assert granted[0]["privilege"] == "USAGE"
    assert state["logins"] == 1
    assert "scrypt" not in json.dumps(state)


def test_the_clock_can_be_scaled_frozen_and_moved(call: Any) -> None:
    _, before = call("GET", "clock")
    _, after = call("POST", "clock", {"mode": "frozen", "advance_s": 600})
    assert after["epoch_s"] - before["epoch_s"] == pytest.approx(600, abs=1e-6)
    _, scaled = call("POST", "clock", {"mode": "scaled", "factor": 60})
    assert (scaled["mode"], scaled["factor"]) == ("scaled", 60)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("clock", {"mode": "backwards"}),
        ("clock", {"advance_s": -1}),
        ("clock", {"speed": 2}),
        ("faults", {"match": "("}),
        ("faults", {"match": "x", "action": "explode"}),
        ("faults", {"match": "x", "latency_ms": 1, "times": "many"}),
        ("faults", {"match": "x", "latency_ms": 1, "after_n": -1}),
        ("faults", {"match": "x", "http_status": 200}),
        ("faults", {"match": "x", "action": "error", "sqlstate": "no"}),
        ("faults", {"match": "x", "action": "fail_job", "progress": 2}),
        ("settings", {"unheard_of": 1}),
    ],
)
def test_a_wrong_request_is_refused_with_a_reason(call: Any, path: str, body: Any) -> None:
    status, answer = call("POST", path, body)
    assert status == 400
    assert answer["error"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
    ],
)
def test_foreign_hosts_and_origins_are_refused(call: Any, headers: dict[str, str]) -> None:
    assert call("GET", "health", headers=headers)[0] == 403
    assert call("POST", "reset", headers=headers)[0] == 403


def test_faults_can_be_set_as_one_or_many_and_cleared(call: Any) -> None:
    call("POST", "faults", {"match": "A", "latency_ms": 1})
    _, rules = call("POST", "faults", [{"match": "B", "action": "drop", "times": 2}])
    assert [rule["match"] for rule in rules] == ["A", "B"]
    assert [rule["action"] for rule in rules] == ["latency_ms", "drop"]
    assert call("DELETE", "faults") == (200, [])
    assert call("GET", "faults") == (200, [])


def test_a_reset_account_is_as_new(call: Any, sql: Any, account: LocalAccount) -> None:
    sql("CREATE DATABASE D", "CREATE TABLE D.PUBLIC.T (N NUMBER)")
    assert call("POST", "reset")[0] == 200
    _, state = call("GET", "state")
    assert not [o for o in state["objects"] if o["name"] == "D"]
    assert call("GET", "statements")[1] == {"statements": [], "last": 0, "more": False}


def test_an_unknown_path_is_404(call: Any) -> None:
    assert call("GET", "nothing")[0] == 404
