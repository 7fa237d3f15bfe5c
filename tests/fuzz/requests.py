"""Mutated requests against a running account: no crash, no hang, no 5xx, memory flat.

`python -m tests.fuzz.requests --count 20000 --seed 1` starts an account of its own; the same seed
sends the same requests.
"""

from __future__ import annotations

import gzip
import json
import random
import socket
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fuzz import watch
from tests.fuzz.watch import Where

SLOWEST_S = 20.0
STATEMENTS = (
    "SELECT 1", "SELECT ?", "SELECT :1, :2", "SHOW ROLES", "SELECT 1; SELECT 2", "BEGIN", "COMMIT",
    "CREATE OR REPLACE DATABASE FUZZ",
    "CREATE OR REPLACE TABLE FUZZ.PUBLIC.T (N NUMBER, S VARCHAR)",
    "INSERT INTO FUZZ.PUBLIC.T VALUES (?, ?)", "SELECT * FROM FUZZ.PUBLIC.T", "DESCRIBE USER X",
    "ALTER SESSION SET QUERY_TAG = 'x'", "USE ROLE PUBLIC", "USE ROLE ACCOUNTADMIN", "",
    "SELECT SNOWFLAKE.CORTEX.FINETUNE('SHOW')", "SHOW GRANTS", "SELECT PARSE_JSON(?)", "ROLLBACK",
)  # fmt: skip
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**30, "", "x", "\x00", "\ud800", "é☕", "'", '"', "a" * 5000,
    [], [None], [[]], {}, {"a": 1}, {"type": 1}, ["1", "2"], "true", "NaN", "../..", "%00", "null",
)  # fmt: skip
PATHS = (
    "/queries/v1/query-request", "//queries//v1/query-request", "/session/v1/login-request",
    "/session/token-request", "/session/heartbeat", "/session", "/queries/v1/abort-request",
    "/queries/{id}/abort-request", "/queries/{id}/result", "/monitoring/queries/{id}",
    "/telemetry/send", "/admin/health", "/admin/statements", "/admin/state", "/admin/clock",
    "/admin/settings", "/admin/collect", "/admin/nothing", "/", "//", "/%ff%fe", "/[", "*",
)  # fmt: skip
METHODS = ("POST", "POST", "POST", "GET", "DELETE", "PUT", "HEAD", "OPTIONS", "TRACE", "P\x01ST")


@dataclass
class Tally:
    """What came back."""

    statuses: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    slowest: float = 0.0


class Fuzzer:
    """Makes requests from a seed and sends them, one connection each."""

    def __init__(self, account: Where, seed: int) -> None:
        self.account = account
        self.random = random.Random(seed)
        self.tally = Tally()
        self._token = self._master = ""
        self._mutations: tuple[Callable[[dict[str, Any]], object], ...] = (
            self._odd_field, self._odd_field, self._odd_field, self._no_field, self._nested,
        )  # fmt: skip

    def login(self) -> None:
        """A session for the requests that need one."""
        body = {"data": {"LOGIN_NAME": self.account.user, "PASSWORD": self.account.password}}
        reply = self._exchange(self._http("POST", "/session/v1/login-request", json_of(body), {}))
        data = json.loads(reply.partition(b"\r\n\r\n")[2])["data"]
        self._token, self._master = data["token"], data["masterToken"]

    def alive(self) -> bool:
        """Whether the account still answers a statement rightly."""
        self.login()
        path = f"/queries/v1/query-request?requestId={self._id()}"
        session = {"Authorization": f'Snowflake Token="{self._token}"'}
        raw = self._http("POST", path, json_of({"sqlText": "SELECT 6 * 7"}), session)
        reply = json.loads(self._exchange(raw).partition(b"\r\n\r\n")[2])
        return bool(reply["data"]["rowset"] == [["42"]])

    def run(self, count: int) -> Tally:
        """Send so many requests; every thousandth time see whether the account is well."""
        self.login()
        for number in range(count):
            self._one(number)
            if number % 1000 == 999 and not self.alive():
                self.tally.broken.append(f"request {number}: the account no longer answers")
        return self.tally

    def broken(self) -> list[str]:
        """What came back otherwise than from an account."""
        return self.tally.broken

    def told(self) -> str:
        """The statuses, and the slowest reply."""
        statuses = self.tally.statuses.most_common()
        told = ", ".join(f"{count} of {status}" for status, count in statuses)
        return f"replies: {told}; slowest {self.tally.slowest:.2f} s"

    def _one(self, number: int) -> None:
        raw = self.request()
        started = time.monotonic()
        try:
            reply = self._exchange(raw)
        except OSError as error:
            self.tally.broken.append(f"request {number}: {error!r} after {raw[:300]!r}")
            return
        self.tally.slowest = max(self.tally.slowest, time.monotonic() - started)
        status = reply[9:12].decode(errors="replace") if reply else "closed"
        self.tally.statuses[status] += 1
        internal = b'"code":"000603"' in reply
        if status.startswith("5") or (internal and b"the local account failed" in reply):
            self.tally.broken.append(f"request {number}: {reply[:200]!r} after {raw[:600]!r}")

    def _id(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128)))

    def _headers(self) -> dict[str, str]:
        token = self._master if self.random.random() < 0.05 else self._token
        return {"Authorization": f'Snowflake Token="{token}"'}

    def request(self) -> bytes:
        pick = self.random
        path = pick.choice(PATHS[:2]) if pick.random() < 0.6 else pick.choice(PATHS)
        path = path.replace("{id}", self._id())
        if pick.random() < 0.8:
            path += f"?requestId={self._id()}"
        body = self._body(path)
        for _ in range(pick.choice((0, 1, 1, 2, 3))):
            pick.choice(self._mutations)(body)
        raw, headers = self._damaged(json_of(body), self._headers())
        method = "POST" if pick.random() < 0.85 else pick.choice(METHODS)
        return self._cut(self._http(method, path, raw, headers))

    def _body(self, path: str) -> dict[str, Any]:
        pick = self.random
        if "login-request" in path:
            data = {
                "LOGIN_NAME": self.account.user,
                "PASSWORD": pick.choice((self.account.password, "x")),
                "AUTHENTICATOR": pick.choice(("SNOWFLAKE", "SNOWFLAKE_JWT", "OAUTH", "X")),
                "TOKEN": "a.b.c", "SESSION_PARAMETERS": {"QUERY_TAG": "x", "AUTOCOMMIT": "false"},
            }  # fmt: skip
            return {"data": data}
        if "token-request" in path:
            return {"oldSessionToken": self._token, "requestType": "RENEW"}
        if "admin/clock" in path:
            return {"advance_s": 1}
        if "abort" in path:
            return {"requestId": self._id(), "sqlText": "SELECT 1"}
        return {
            "sqlText": pick.choice(STATEMENTS), "asyncExec": pick.random() < 0.05,
            "describeOnly": pick.random() < 0.2, "sequenceId": 1,
            "parameters": {"MULTI_STATEMENT_COUNT": pick.choice((0, 1, 2))},
            "bindings": {
                "1": {"type": "FIXED", "value": pick.choice(("1", "x", ["1", "2"], None))},
                "2": {"type": pick.choice(("TEXT", "DATE", "BINARY", "REAL", "?")), "value": "1"},
            },
        }  # fmt: skip

    def _holders(self, body: Any) -> list[dict[str, Any]]:
        """Every object in the body that has fields."""
        if not isinstance(body, dict):
            return []
        inner = [found for value in body.values() for found in self._holders(value)]
        return ([body] if body else []) + inner

    def _odd_field(self, body: dict[str, Any]) -> None:
        holders = self._holders(body)
        if holders:
            holder = self.random.choice(holders)
            holder[self.random.choice(sorted(holder))] = self.random.choice(ODD)

    def _no_field(self, body: dict[str, Any]) -> None:
        holders = self._holders(body)
        if holders:
            holder = self.random.choice(holders)
            del holder[self.random.choice(sorted(holder))]

    def _nested(self, body: dict[str, Any]) -> None:
        deep: Any = 1
        for _ in range(self.random.choice((3, 60, 400))):
            deep = [deep] if self.random.random() < 0.5 else {"a": deep}
        body[self.random.choice(("sqlText", "bindings", "parameters", "data", "z"))] = deep

    def _damaged(self, raw: bytes, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
        pick, chance = self.random, self.random.random()
        if chance < 0.08:
            changed = bytearray(raw)
            for _ in range(pick.randint(1, 6)):
                changed[pick.randrange(len(changed))] = pick.randrange(256)
            return bytes(changed), headers
        if chance < 0.12:
            return raw.decode().encode(
                pick.choice(("utf-16", "utf-32", "cp1252")), "replace"
            ), headers
        if chance < 0.20:
            packed = gzip.compress(raw)
            if pick.random() < 0.4:
                packed = packed[: pick.randrange(len(packed))] + bytes(pick.randrange(9))
            return packed, {**headers, "Content-Encoding": "gzip"}
        if chance < 0.26:
            name = pick.choice(("Content-Length", "Transfer-Encoding", "Host", "Origin", "Expect",
                                "Authorization", "Content-Encoding", "X" * 300))  # fmt: skip
            value = pick.choice(("-1", "9" * 30, "chunked", "evil.example", "null", "100-continue",
                                 'Snowflake Token="', "gzip", "x" * 9000, "1"))  # fmt: skip
            return raw, {**headers, name: value}
        return raw, headers

    def _http(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> bytes:
        lines = {"Host": f"{self.account.host}:{self.account.port}",
                 "Content-Length": str(len(body)), "Connection": "close", **headers}  # fmt: skip
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1", "replace") + body

    def _cut(self, raw: bytes) -> bytes:
        chance = self.random.random()
        if chance < 0.02:
            return raw[: self.random.randrange(len(raw))]
        if chance < 0.03:
            return self.random.randbytes(self.random.randint(1, 200)) + b"\r\n\r\n"
        return raw

    def _exchange(self, raw: bytes) -> bytes:
        """Send the bytes, say that no more will come, read to the end."""
        where = (self.account.host, self.account.port)
        with socket.create_connection(where, timeout=SLOWEST_S) as connection:
            try:
                connection.sendall(raw)
                connection.shutdown(socket.SHUT_WR)
                received = bytearray()
                while chunk := connection.recv(65_536):
                    received += chunk
            except (ConnectionResetError, BrokenPipeError):
                return b""  # refused before everything was sent
            return bytes(received)


def json_of(body: Any) -> bytes:
    """A body as drivers write it."""
    return json.dumps(body).encode()


if __name__ == "__main__":
    sys.exit(watch.main(__doc__, 20_000, Fuzzer))
