"""Mutated statements against a running account: no crash, no hang, no inner error, memory flat.

`python -m tests.fuzz.statements --count 50000 --seed 1` starts an account of its own; the same seed
sends the same statements.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fuzz.mutations import DATABASE, Mutator, corpus, tables
from tests.fuzz.requests import Account, memory_mb

SLOWEST_S = 30.0
TIMEOUT_S = 10
GROWTH_MB = 250
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

    def __init__(self, account: Account, seed: int) -> None:
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

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _afresh(self) -> None:
        self._line.close()
        self._line = self._connected()
        body = {"data": {"LOGIN_NAME": self.account.user, "PASSWORD": self.account.password}}
        self._token = self._posted("/session/v1/login-request", body)["data"]["token"]
        for sql in (*PREPARATIONS, *self._tables):
            reply = self._sent(sql)
            if not reply["success"]:
                self.tally.broken.append(f"{sql}: {reply['message']}")

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


def report(tally: Tally, grown: int) -> int:
    """Print what was found; the exit code."""
    told = ", ".join(f"{count} of {code}" for code, count in tally.codes.most_common(12))
    print(f"replies: {told}")
    print(f"slowest {tally.slowest[0]:.2f} s: {tally.slowest[1]!r}; memory grew by {grown} MB")
    print(f"{len(tally.broken)} broken")
    for line in tally.broken[:40]:
        print("-", line[:900])
    return 1 if tally.broken or grown > GROWTH_MB else 0


def main() -> int:
    """Start an account, send the statements, compare its memory."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=50_000)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        command = [
            *(sys.executable, "-m", "cortex_resources", "account", "start", "--foreground"),
            *("--port", "0", "--state", f"{folder}/state.duckdb", "--ready-file", str(ready)),
        ]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            try:
                for _ in range(1200):
                    if ready.exists() and ready.stat().st_size:
                        break
                    time.sleep(0.05)
                where = json.loads(ready.read_text(encoding="utf-8"))
                names = ("host", "port", "user", "password")
                fuzzer = Fuzzer(Account(*(where[name] for name in names)), asked.seed)
                fuzzer.run(asked.count // 4)  # buffers and caches fill
                before = memory_mb(where["pid"])
                tally = fuzzer.run(asked.count - asked.count // 4)
                if not fuzzer.alive():
                    tally.broken.append("the account no longer answers")
                return report(tally, memory_mb(where["pid"]) - before)
            finally:
                process.terminate()


if __name__ == "__main__":
    sys.exit(main())
