"""`python -m benchmarks.local_account`: the local account's figures beside the bare floor.

The floor is a server that answers every statement at once with one stored reply, asked through the
same connector: what no account could be faster than. Exit code 1 when a figure is over its limit.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import snowflake.connector

STARTS = 5
ROUNDS = 200
CONNECTIONS = 16


class _Bare(BaseHTTPRequestHandler):
    """Answers logins and statements with what it was given, and does nothing."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    login: bytes
    reply: bytes

    def do_POST(self) -> None:
        """Any request."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        raw = self.login if "login-request" in self.path else self.reply
        self.send_response_only(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by the base class
        """Nothing."""


def _asked(where: dict[str, Any], path: str, body: Any, token: str = "") -> bytes:
    """The account's raw reply, for the floor to repeat."""
    from http.client import HTTPConnection  # noqa: PLC0415 - only here

    connection = HTTPConnection(where["host"], where["port"])
    headers = {"Authorization": f'Snowflake Token="{token}"', "Content-Type": "application/json"}
    connection.request("POST", path, json.dumps(body), headers)
    return connection.getresponse().read()


@contextmanager
def floor(where: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The bare server; how to connect to it."""
    who = {"data": {"LOGIN_NAME": where["user"], "PASSWORD": where["password"]}}
    login = _asked(where, "/session/v1/login-request", who)
    token = json.loads(login)["data"]["token"]
    path = "/queries/v1/query-request?requestId=8a7a6c1e-53c7-4a54-9a27-5f8f1ad5ad6e"
    reply = _asked(where, path, {"sqlText": "SELECT 1"}, token)
    bare = type("Bare", (_Bare,), {"login": login, "reply": reply})
    server = ThreadingHTTPServer(("127.0.0.1", 0), bare)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {**where, "port": server.server_address[1]}
    server.shutdown()
    server.server_close()


def connect(where: dict[str, Any]) -> Any:
    """A connection of the real connector."""
    kept = {key: where[key] for key in ("host", "port", "user", "password", "account")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the connector announces its own future defaults
        return snowflake.connector.connect(protocol="http", **kept)


@contextmanager
def account(folder: Path) -> Iterator[tuple[dict[str, Any], float]]:
    """An account in a process of its own: its address, and seconds to start."""
    ready = folder / "ready.json"
    began = time.perf_counter()
    command = [sys.executable, "-m", "cortex_resources", "account", "start", "--foreground"]
    where = ["--port", "0", "--state", str(folder / "a.duckdb"), "--ready-file", str(ready)]
    # Compiled modules are kept, as they are in ordinary use.
    environ = {key: os.environ[key] for key in os.environ if key != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(  # noqa: S603 - our own command
        [*command, *where], stdout=subprocess.DEVNULL, env=environ
    ) as process:
        try:
            while not ready.exists():
                if process.poll() is not None or time.perf_counter() - began > 60:
                    raise SystemExit("the account did not start")
                time.sleep(0.002)
            seconds = time.perf_counter() - began
            yield json.loads(ready.read_text()), seconds
        finally:
            process.terminate()
            ready.unlink(missing_ok=True)


def median(cursor: Any, statement: Callable[[int], str], rounds: int = ROUNDS) -> float:
    """Milliseconds of a statement."""
    return medians((cursor, statement), rounds=rounds)[0]


def medians(*asked: tuple[Any, Callable[[int], str]], rounds: int = ROUNDS) -> list[float]:
    """Milliseconds of several statements, asked in turn: what disturbs one disturbs all."""
    taken: list[list[float]] = [[] for _ in asked]
    for number in range(rounds):
        for (cursor, statement), times in zip(asked, taken, strict=True):
            began = time.perf_counter()
            cursor.execute(statement(number)).fetchall()
            times.append((time.perf_counter() - began) * 1000)
    return [statistics.median(times) for times in taken]


def rate(where: dict[str, Any]) -> float:
    """Statements a second over many connections."""
    connections = [connect(where) for _ in range(CONNECTIONS)]

    def ask(connection: Any) -> None:
        cursor = connection.cursor()
        for _ in range(ROUNDS // 4):
            cursor.execute("SELECT 1")

    began = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(ask, connections))
    return CONNECTIONS * (ROUNDS // 4) / (time.perf_counter() - began)


def _many(cursor: Any) -> tuple[float, float]:
    """Seconds of SHOW GRANTS with 10,000 rows, and of a job on a million rows."""
    cursor.execute("CREATE SCHEMA D.S")
    for start in range(0, 10_000, 100):
        names = range(start, start + 100)
        cursor.execute(";".join(f"CREATE ROLE M{n}" for n in names), num_statements=100)
        grants = ";".join(f"GRANT USAGE ON SCHEMA D.S TO ROLE M{n}" for n in names)
        cursor.execute(grants, num_statements=100)
    shown = median(cursor, lambda _: "SHOW GRANTS ON SCHEMA D.S", 3) / 1000
    cursor.execute(
        "CREATE TABLE D.PUBLIC.PAIRS AS SELECT 'What is ' || SEQ4() AS PROMPT,"
        " 'The answer is ' || SEQ4() AS COMPLETION FROM TABLE(GENERATOR(ROWCOUNT => 1000000))"
    )
    counted = (
        "SELECT SUM(AI_COUNT_TOKENS('ai_complete', 'llama3.1-8b', PROMPT))"
        " + SUM(AI_COUNT_TOKENS('ai_complete', 'llama3.1-8b', COMPLETION)) FROM D.PUBLIC.PAIRS"
    )
    return shown, median(cursor, lambda _: counted, 3) / 1000


def resident(where: dict[str, Any]) -> int:
    """Megabytes that an account holds."""
    status = Path(f"/proc/{where['pid']}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024


def start() -> tuple[float, float]:
    """Seconds from the launch of a new account to its first answer, and those of the bare engine.

    The first start of each fills caches and does not count.
    """
    taken, bare = [], []
    for _ in range(STARTS + 1):
        with tempfile.TemporaryDirectory(prefix="local-account-") as folder:
            with account(Path(folder)) as (_, seconds):
                taken.append(seconds)
            engine = "import _duckdb, sys; _duckdb.connect(sys.argv[1]).close()"
            began = time.perf_counter()
            command = [sys.executable, "-c", engine, f"{folder}/bare.duckdb"]
            subprocess.run(command, check=True, timeout=60)  # noqa: S603 - our own command
            bare.append(time.perf_counter() - began)
    return statistics.median(taken[1:]), statistics.median(bare[1:])


def measure(folder: Path) -> list[tuple[str, float, float | None, float, bool]]:
    """Figure, value, floor, limit, whether more is better."""
    seconds, engine = start()
    with account(folder) as (where, _), floor(where) as bare:
        one = connect(bare).cursor()
        cursor = connect(where).cursor()
        base, select = medians((one, lambda _: "SELECT 1"), (cursor, lambda _: "SELECT 1"))
        megabytes = resident(where)  # with all that the first statement has loaded
        cursor.execute("CREATE DATABASE D")
        for number in range(ROUNDS):
            cursor.execute(f"CREATE ROLE R{number}")
        beside, grant = medians(
            (one, lambda _: "SELECT 1"),
            (cursor, lambda n: f"GRANT USAGE ON DATABASE D TO ROLE R{n}"),
        )
        many, most = rate(where), rate(bare)
        shown, counted = _many(cursor)
        return [
            ("start, s", seconds, engine, 0.4, False),
            ("idle, MB", megabytes, None, 200, False),
            ("SELECT 1, ms", select, base, 1.5 * base, False),
            ("GRANT, ms", grant, beside, beside + 3, False),
            (f"{CONNECTIONS} connections, statements/s", many, most, 400, True),
            ("SHOW GRANTS of 10,000 rows, s", shown, None, 0.5, False),
            ("tokens of 1,000,000 rows, s", counted, None, 3, False),
        ]


def main() -> int:
    """Print the table."""
    over = False
    sys.stdout.write(f"{'figure':<34}{'value':>10}{'floor':>10}{'limit':>10}\n")
    with tempfile.TemporaryDirectory(prefix="local-account-") as folder:
        for name, value, base, limit, more in measure(Path(folder)):
            fine = value >= limit if more else value <= limit
            over = over or not fine
            shown = "" if base is None else f"{base:.2f}"
            word = "ok" if fine else "OVER"
            sys.stdout.write(f"{name:<34}{value:>10.2f}{shown:>10}{limit:>10.2f}  {word}\n")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
