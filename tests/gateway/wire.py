"""A server that speaks just enough of the login and query calls to lose replies on purpose."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

DROP = "drop"
"""A rule's answer: close the connection without a reply."""


@dataclass(frozen=True)
class Request:
    """One call as it came over the wire."""

    path: str
    params: dict[str, str]
    body: dict[str, Any]

    @property
    def sql(self) -> str:
        return str(self.body.get("sqlText", ""))

    @property
    def tag(self) -> str:
        return str((self.body.get("parameters") or {}).get("QUERY_TAG", ""))


Answer = dict[str, Any] | int | str | None
"""A reply body, an HTTP status, DROP, or None for the usual answer."""


@dataclass
class Wire:
    """What the server saw, and the rules that change its answers."""

    port: int = 0
    requests: list[Request] = field(default_factory=list)
    rule: Callable[[Request], Answer] = lambda _: None
    hangs_up: bool = False
    """Whether a connection is closed after each reply, without a word."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    closings: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    """One more for every connection that was closed."""

    def at(self, path: str) -> list[Request]:
        with self.lock:
            return [r for r in self.requests if r.path == path]

    @property
    def logins(self) -> list[Request]:
        return self.at("/session/v1/login-request")

    @property
    def queries(self) -> list[Request]:
        return self.at("/queries/v1/query-request")


def refused(code: int, message: str, sqlstate: str = "42000") -> dict[str, Any]:
    """A refusal as Snowflake sends it."""
    data = {"queryId": str(uuid.uuid4()), "sqlState": sqlstate, "errorCode": f"{code:06d}"}
    return {"success": False, "code": f"{code:06d}", "message": message, "data": data}


def rows(**columns: list[str | None]) -> dict[str, Any]:
    """A result set of texts."""
    rowtype = [
        {
            "name": name,
            "type": "text",
            "nullable": True,
            "length": 99,
            "byteLength": 99,
            "precision": None,
            "scale": None,
            "database": "",
            "schema": "",
            "table": "",
            "collation": None,
        }
        for name in columns
    ]
    rowset = [list(row) for row in zip(*columns.values(), strict=True)]
    data = {
        "queryId": str(uuid.uuid4()),
        "sqlState": "00000",
        "rowtype": rowtype,
        "rowset": rowset,
        "total": len(rowset),
        "returned": len(rowset),
        "queryResultFormat": "json",
        "statementTypeId": 0x1000,
        "parameters": [],
        "finalDatabaseName": None,
        "finalSchemaName": None,
        "finalRoleName": "R",
        "finalWarehouseName": None,
    }
    return {"success": True, "code": None, "message": None, "data": data}


def _login(request: Request) -> dict[str, Any]:
    data = {
        "token": "session-token",
        "masterToken": "master-token",
        "sessionId": 42,
        "validityInSeconds": 3600,
        "masterValidityInSeconds": 14400,
        "parameters": [],
        "serverVersion": "9.0.0",
        "sessionInfo": {
            "databaseName": None,
            "schemaName": None,
            "warehouseName": request.params.get("warehouse"),
            "roleName": request.params.get("roleName", "LOGIN_ROLE"),
        },
    }
    return {"success": True, "code": None, "message": None, "data": data}


def _usual(request: Request) -> dict[str, Any]:
    if request.path == "/session/v1/login-request":
        return _login(request)
    if request.path == "/queries/v1/query-request":
        return rows(status=["done"])
    if request.path == "/session/token-request":
        data = {
            "sessionToken": "s2",
            "masterToken": "m2",
            "sessionId": 42,
            "validityInSecondsST": 3600,
            "validityInSecondsMT": 14400,
        }
        return {"success": True, "data": data}
    return {"success": True, "code": None, "message": None, "data": {}}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # one segment a reply, or each one waits 40 ms for an acknowledgement
    wire: Wire

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Content-Encoding") == "gzip":
            raw = gzip.decompress(raw)
        parts = urlsplit(self.path)
        params = {k: v[0] for k, v in parse_qs(parts.query).items()}
        request = Request(parts.path.replace("//", "/"), params, json.loads(raw or b"{}"))
        with self.wire.lock:
            self.wire.requests.append(request)
        answer = self.wire.rule(request)
        if answer == DROP:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        status, body = (answer, {}) if isinstance(answer, int) else (200, answer or _usual(request))
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        self.close_connection = self.wire.hangs_up

    do_GET = do_POST  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    wire: Wire

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        self.wire.closings.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        return


@contextmanager
def serving() -> Iterator[Wire]:
    """The server on a free loopback port."""
    wire = Wire()
    handler = type("Handler", (_Handler,), {"wire": wire})
    server = _Server(("127.0.0.1", 0), handler)
    server.wire = wire
    wire.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def slowly(seconds: float, answer: Answer = None) -> Answer:
    """An answer after a while, for the tests of timeouts."""
    time.sleep(seconds)
    return answer
