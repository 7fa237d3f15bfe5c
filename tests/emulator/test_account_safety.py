"""What clients cannot do to the account: reach it from elsewhere, exhaust it, hold it up."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from cortex_resources.emulator.server import LocalAccount
from cortex_resources.emulator.wire import body, pace
from cortex_resources.emulator.wire.body import Allowance, RequestError
from cortex_resources.emulator.wire.connections import Connections
from cortex_resources.emulator.wire.origin import is_local

QUERY = "/queries/v1/query-request"


def _ask(
    local: LocalAccount, path: str, raw: bytes = b"", method: str = "POST", **headers: str
) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", local.port, timeout=10)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, raw, named)
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read() or b"null")
    finally:
        connection.close()


@contextmanager
def _raw(local: LocalAccount) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", local.port), timeout=10) as connection:
        yield connection


@pytest.mark.parametrize("path", ["/session/v1/login-request", QUERY, "/admin/health"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:8765"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "[::1"},
    ],
)
def test_a_page_from_elsewhere_reaches_nothing(
    account: LocalAccount, path: str, headers: dict[str, str]
) -> None:
    status, _ = _ask(account, path, b"{}", **headers)
    assert status == 403


def test_this_machine_is_known_by_its_names() -> None:
    for name in ("localhost", "127.0.0.1:80", "[::1]:8765", "127.0.0.5", "acme.localhost:1"):
        assert is_local(name, "127.0.0.1")
    for name in ("localhost.evil.example", "10.0.0.1", "", "evil.example"):
        assert not is_local(name, "127.0.0.1")
    assert is_local("10.0.0.1", "0.0.0.0")
    assert not is_local("evil.example", "0.0.0.0")


@pytest.mark.parametrize(
    ("raw", "headers"),
    [
        (b"{", {}),
        (b"\xff\xfe\x00", {}),
        (b"[" * 100_000, {}),
        (b"{}", {"Content-Encoding": "gzip"}),
        (gzip.compress(b"{}", mtime=0)[:-3], {"Content-Encoding": "gzip"}),
        (b"9" * 6_000, {}),
    ],
)
def test_what_is_no_json_is_a_400(
    account: LocalAccount, raw: bytes, headers: dict[str, str]
) -> None:
    assert _ask(account, "/session/v1/login-request", raw, **headers)[0] == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"sqlText": 5},
        {"sqlText": "SELECT 1", "bindings": [1]},
        {"sqlText": "SELECT ?", "bindings": {"1": "x"}},
        {"sqlText": "SELECT ?", "bindings": {"1": {"type": 1, "value": "1"}}},
        {"sqlText": "SELECT ?", "bindings": {"1": {"type": "TEXT", "value": {"a": 1}}}},
        {"sqlText": "SELECT 1", "parameters": "x"},
        {"sqlText": "SELECT 1", "parameters": {"QUERY_TAG": []}},
        {"sqlText": "SELECT 1", "describeOnly": "maybe"},
    ],
)
def test_a_field_of_the_wrong_type_is_refused_by_its_name(
    account: LocalAccount, connect: Any, wrong: dict[str, Any]
) -> None:
    login = {"data": {"LOGIN_NAME": account.user, "PASSWORD": account.password}}
    token = _ask(account, "/session/v1/login-request", json.dumps(login).encode())[1]["data"]
    authorization = f'Snowflake Token="{token["token"]}"'
    status, reply = _ask(account, QUERY, json.dumps(wrong).encode(), Authorization=authorization)
    assert (status, reply["code"], reply["success"]) == (200, "390142", False)
    assert any(name in reply["message"] for name in wrong)


def test_what_a_client_adds_to_the_parameters_of_a_statement_may_have_any_shape(
    account: LocalAccount, connect: Any
) -> None:
    login = {"data": {"LOGIN_NAME": account.user, "PASSWORD": account.password}}
    token = _ask(account, "/session/v1/login-request", json.dumps(login).encode())[1]["data"]
    authorization = f'Snowflake Token="{token["token"]}"'
    measured = {"sqlText": "SELECT 1", "parameters": {"api_calls": [{"name": "Session.sql"}]}}
    reply = _ask(account, QUERY, json.dumps(measured).encode(), Authorization=authorization)[1]
    assert reply["success"], reply


def test_a_small_body_that_unpacks_to_gigabytes_is_refused(account: LocalAccount) -> None:
    bomb = gzip.compress(b"[" + b"0," * 40_000_000 + b"0]", 9)
    assert len(bomb) < body.LARGEST_STRANGER
    status, reply = _ask(account, "/session/v1/login-request", bomb, Content_Encoding="gzip")
    assert status == 413
    assert str(body.LARGEST) in reply["message"]


def test_who_has_no_session_sends_no_large_body(account: LocalAccount) -> None:
    length = f"Content-Length: {body.LARGEST_STRANGER + 1}\r\n\r\n".encode()
    with _raw(account) as connection:
        connection.sendall(b"POST /session HTTP/1.1\r\nHost: localhost\r\n" + length)
        assert connection.recv(100).split()[1] == b"413"


@pytest.mark.parametrize(
    "head",
    [
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Length: 2\r\nContent-Length: 5\r\n",
        b"Content-Length: -5\r\n",
        b"Content-Length: 99999999999999999999\r\n",
    ],
)
def test_a_length_that_cannot_be_trusted_is_refused(account: LocalAccount, head: bytes) -> None:
    with _raw(account) as connection:
        connection.sendall(b"POST /session HTTP/1.1\r\nHost: localhost\r\n" + head + b"\r\n{}")
        assert connection.recv(100).split()[1] in (b"400", b"411", b"413")


@pytest.mark.parametrize(
    "start",
    [b"PUT /session HTTP/1.1", b"NONSENSE", b"GET / HTTP/3.0", b"GET /" + b"x" * 70_000],
)
def test_a_request_line_that_makes_no_sense_is_never_a_5xx(
    account: LocalAccount, start: bytes
) -> None:
    with _raw(account) as connection:
        connection.sendall(start + b"\r\nHost: localhost\r\n\r\n")
        assert connection.recv(100).split()[1].startswith(b"4")


@pytest.mark.parametrize(
    "fields",
    [
        b"Host: localhost\r\nX-Folded: a\r\n b",
        b"Host: localhost\r\nContent-Length : 2",
        b"Host: localhost\r\nno field",
        b"Host: localhost" + b"\r\nX: y" * 200,
        b"Host: localhost\r\nX: " + b"y" * 70_000,
    ],
)
def test_a_head_that_two_readers_may_read_differently_is_refused(
    account: LocalAccount, fields: bytes
) -> None:
    with _raw(account) as connection:
        connection.sendall(b"GET /admin/health HTTP/1.1\r\n" + fields + b"\r\n\r\n")
        assert connection.recv(100).split()[1] in (b"400", b"431")


@pytest.mark.parametrize(
    ("version", "word", "kept"),
    [("1.1", "", True), ("1.1", "close", False), ("1.0", "", False), ("1.0", "keep-alive", True)],
)
def test_a_connection_lasts_as_long_as_the_client_says(
    account: LocalAccount, version: str, word: str, kept: bool
) -> None:
    asked = f"GET http://localhost/admin/health HTTP/{version}\r\nHost: localhost\r\n"
    asked += f"Connection: {word}\r\n\r\n" if word else "\r\n"
    with _raw(account) as connection, connection.makefile("rb") as answers:
        connection.sendall(asked.encode() * 2)
        connection.shutdown(socket.SHUT_WR)
        assert answers.read().count(b"HTTP/1.1 200 OK") == (2 if kept else 1)


def test_a_client_that_waits_is_told_to_send_its_body(account: LocalAccount) -> None:
    with _raw(account) as connection, connection.makefile("rb") as answers:
        connection.sendall(
            b"POST /session/v1/login-request HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        )
        assert answers.readline() == b"HTTP/1.1 100 Continue\r\n"
        connection.sendall(b"{}")
        assert b"HTTP/1.1 200 OK" in answers.read()


def test_bodies_together_have_a_limit() -> None:
    allowance = Allowance(100)
    allowance.take(60)
    with pytest.raises(RequestError) as refused:
        allowance.take(60)
    assert refused.value.status == 429
    allowance.give(60)
    allowance.take(60)


def test_a_client_that_sends_a_byte_at_a_time_is_cut_off() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        reader = pace.PacedReader(ours, lambda: None, idle_s=5, message_s=0.2)
        theirs.sendall(b"POST")
        started = time.monotonic()

        def trickle() -> None:
            for _ in range(100):
                reader.read(1)
                theirs.sendall(b"x")
                time.sleep(0.02)

        with pytest.raises(TimeoutError):
            trickle()
        assert time.monotonic() - started < 2


def test_slow_and_silent_clients_do_not_starve_others(
    account: LocalAccount, connect: Any, run: Any
) -> None:
    slow = []
    for number in range(40):
        slow.append(socket.create_connection(("127.0.0.1", account.port), timeout=10))
        if number % 2:
            slow[-1].sendall(
                b"POST /session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"
            )
    try:
        assert run(connect(), "SELECT 1 AS n") == [{"N": 1}]
    finally:
        for connection in slow:
            connection.close()


def test_the_idlest_connection_makes_room_and_a_busy_one_does_not() -> None:
    pairs = [socket.socketpair() for _ in range(4)]
    (first, its_client), (second, _), (third, _), (fourth, refused) = pairs
    connections = Connections(most=2)
    assert connections.admit(first)
    assert connections.admit(second)
    connections.busy(second)
    assert connections.admit(third)  # in place of the first
    assert its_client.recv(1) == b""
    connections.busy(third)
    assert not connections.admit(fourth)
    assert b"503" in refused.recv(100)
    connections.ended(third)
    assert connections.admit(fourth)
    for ours, theirs in pairs:
        ours.close()
        theirs.close()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1; SELECT 2 " + "/*a " * 20_000,
        "SHOW ROLES " + "/*a " * 20_000,
        "SELECT 1 AS A0" + "".join(f", A{n - 1} + A{n - 1} AS A{n}" for n in range(1, 60)),
        "WITH C0 AS (SELECT 1 AS X)"
        + "".join(f", C{n} AS (SELECT A.X FROM C{n - 1} A, C{n - 1} B)" for n in range(1, 40))
        + " SELECT * FROM C39",
    ],
    ids=["comments in a script", "comments", "aliases that double", "tables that double"],
)
def test_a_text_that_would_take_for_ever_to_read_is_refused_at_once(
    error: Any, statement: str
) -> None:
    started = time.monotonic()
    assert error(statement)[0] in (2, 8, 603, 1003)
    assert time.monotonic() - started < 20
