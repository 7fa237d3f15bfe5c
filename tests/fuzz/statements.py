"""Mutated statements against a running account: no crash, no hang, no inner error, memory flat.

`python -m tests.fuzz.statements --count 50000 --seed 1` starts an account of its own; the same seed
sends the same statements.
"""

from __future__ import annotations

import http.client
import json
import re
import sys
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.fuzz import watch
from tests.fuzz.mutations import DATABASE, Mutator, corpus, tables
from tests.fuzz.watch import Where

SLOWEST_S = 30.0
TIMEOUT_S = 10
PREPARATIONS = (
    "USE ROLE ACCOUNTADMIN",
    f"CREATE OR REPLACE DATABASE {DATABASE}",
    f"CREATE OR REPLACE TABLE {DATABASE}.PUBLIC.T (ID NUMBER, NAME VARCHAR, V VARIANT, D DATE)",
    f"INSERT INTO {DATABASE}.PUBLIC.T SELECT 1, 'a', PARSE_JSON('{{\"k\": [1, 2]}}'), '2024-01-05'",
    f"USE SCHEMA {DATABASE}.PUBLIC",
    f"ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = {TIMEOUT_S}",
)
AFRESH = 400  # statements after which the account is put in order again
LEAKS = re.compile(
    r"duckdb|sqlglot|traceback|python|\bsf_|Binder Error|Catalog Error|Parser Error|INTERNAL Error|"
    r"Conversion Error|Invalid Input Error|TypeError|AttributeError|KeyError|0x[0-9a-f]{8}|"
    r"Candidate|@@SF|the local account failed|\bt[0-9a-f]{16,}\b",
    re.IGNORECASE,
)
REPEATED = re.compile(r"'[^']*'|\"[^\"]*\"|unexpected .*", re.DOTALL)


@dataclass
class Tally:
    """What came back."""

    codes: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")


class Fuzzer:
    """Sends mutated statements over one connection after the other."""

    def __init__(self, account: Where, seed: int) -> None:
        self.account = account
        self.mutator = Mutator(corpus(), seed)
        self.tally = Tally()
        self._token = ""
        self._tables = list(tables())
        self._line = self._connected()

    def _connected(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(
            self.account.host, self.account.port, timeout=SLOWEST_S + TIMEOUT_S
        )

    def run(self, count: int) -> Tally:
        """Send so many statements; now and then a new session puts things in order."""
        for number in range(count):
            if number % AFRESH == 0:
                self._afresh()
            self._one(self.mutator.statement())
        return self.tally

    def alive(self) -> bool:
        """Whether the account still answers rightly."""
        self._afresh()
        reply = self._sent("SELECT 6 * 7")
        return bool(reply["data"]["rowset"] == [["42"]])

    def broken(self) -> list[str]:
        """What came back otherwise than from an account."""
        return self.tally.broken

    def told(self) -> str:
        """The commonest replies, and the slowest one."""
        told = ", ".join(f"{count} of {code}" for code, count in self.tally.codes.most_common(12))
        seconds, sql = self.tally.slowest
        return f"replies: {told}\nslowest {seconds:.2f} s: {sql!r}"

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _afresh(self) -> None:
        self._leave()
        body = {"data": {"LOGIN_NAME": self.account.user, "PASSWORD": self.account.password}}
        self._token = self._posted("/session/v1/login-request", body)["data"]["token"]
        for sql in (*PREPARATIONS, *self._tables):
            reply = self._sent(sql)
            if not reply["success"]:
                self.tally.broken.append(f"{sql}: {reply['message']}")

    def _leave(self) -> None:
        """Log out as drivers do, which ends a transaction that is still open."""
        self._line.close()
        self._line = self._connected()
        if self._token:
            self._posted("/session?delete=true", {})
            self._token = ""

    def _posted(self, path: str, body: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f'Snowflake Token="{self._token}"'
        raw = json.dumps(body).encode("utf-8", "replace")
        self._line.request("POST", path, raw, headers)
        reply = self._line.getresponse()
        content = reply.read()
        if reply.status != http.client.OK:
            raise ValueError(f"HTTP {reply.status}: {content[:200]!r}")
        return json.loads(content)

    def _sent(self, sql: str) -> Any:
        path = f"/queries/v1/query-request?requestId={uuid.uuid4()}"
        body = {"sqlText": sql, "parameters": {"MULTI_STATEMENT_COUNT": 0}}
        return self._posted(path, body)

    def _one(self, sql: str) -> None:
        started = time.monotonic()
        try:
            reply = self._sent(sql)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.tally.broken.append(f"{error!r} after {sql!r}")
            self._afresh()
            return
        taken = time.monotonic() - started
        self.tally.slowest = max(self.tally.slowest, (taken, sql[:300]))
        wrong = problem(reply)
        if taken > SLOWEST_S:
            wrong = f"took {taken:.1f} s"
        self.tally.codes["ok" if reply.get("success") else str(reply.get("code"))] += 1
        if wrong:
            self.tally.broken.append(f"{wrong}: {sql!r}")


def problem(reply: Any) -> str:
    """What is not as an account answers; nothing when all is."""
    if not isinstance(reply, dict) or not isinstance(reply.get("data"), dict):
        return f"no reply of an account: {str(reply)[:200]}"
    if reply.get("success"):
        return "" if "queryId" in reply["data"] else "a success without a query"
    code, message = str(reply.get("code")), str(reply.get("message"))
    if not re.fullmatch(r"\d{6}", code) or not re.fullmatch(
        r"\w{5}", str(reply["data"].get("sqlState"))
    ):
        return f"no error of an account: {code} {reply['data'].get('sqlState')} {message[:200]}"
    leak = LEAKS.search(REPEATED.sub("", message))
    return f"{leak[0]!r} in an error: {message[:200]}" if leak else ""


if __name__ == "__main__":
    sys.exit(watch.main(__doc__, 50_000, Fuzzer))
