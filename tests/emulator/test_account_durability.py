"""What is acknowledged is kept, and a file that is not ours is left alone."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import snowflake.connector

from cortex_resources.emulator.entities import Kind
from cortex_resources.emulator.server import LocalAccount
from cortex_resources.emulator.state_file import StateFileError


def _connect(account: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return snowflake.connector.connect(**account)


def _address(where: dict[str, Any]) -> dict[str, Any]:
    kept = ("host", "port", "user", "password", "account")
    return {**{key: where[key] for key in kept}, "protocol": "http"}


class _Process:
    """An account in a process of its own that can be killed and started again on its port."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._ready = state.with_name("ready.json")
        self._port = "0"
        self.start()

    def start(self) -> None:
        self._ready.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "cortex_resources", "account", "start", "--foreground"),
                *("--port", self._port, "--state", str(self._state)),
                *("--ready-file", str(self._ready)),
            ],
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 20
        while not self._ready.exists():
            assert self._process.poll() is None, "the account ended at once"
            assert time.monotonic() < deadline, "the account did not start"
            time.sleep(0.01)
        self.where = json.loads(self._ready.read_text())
        self._port = str(self.where["port"])

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(timeout=10)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[_Process]:
    running = _Process(tmp_path / "account.duckdb")
    yield running
    running.kill()


def test_a_restart_loses_nothing(tmp_path: Path) -> None:
    state = tmp_path / "account.duckdb"
    with LocalAccount(state) as first:
        first.account.clock.set_mode("frozen")
        connection = _connect(first.connection())
        cursor = connection.cursor()
        for statement in (
            "CREATE DATABASE D COMMENT = 'kept'",
            'CREATE TABLE D.PUBLIC."t" (N NUMBER)',
            "CREATE TABLE D.PUBLIC.T (N NUMBER)",
            'INSERT INTO D.PUBLIC."t" VALUES (1)',
            "CREATE ROLE R",
            "GRANT USAGE ON DATABASE D TO ROLE R WITH GRANT OPTION",
            "ALTER SESSION SET QUERY_TAG = 'kept'",
        ):
            cursor.execute(statement)
        before = first.account.log.last
        port = first.port
    with LocalAccount(state, port) as second:
        cursor.execute("SELECT CURRENT_DATABASE()")  # the session outlives the restart
        assert cursor.fetchall() == [("D",)]
        cursor.execute('SELECT N FROM D.PUBLIC."t"')
        assert cursor.fetchall() == [(1,)]
        cursor.execute("SHOW GRANTS TO ROLE R")
        assert [(row[1], row[6]) for row in cursor.fetchall()] == [("USAGE", "true")]
        assert second.account.log.since(before)[0].query_tag == "kept"
        assert second.account.clock.describe()["mode"] == "frozen"
        connection.close()


class _Writers:
    """Four clients that create roles until they are told to stop."""

    def __init__(self, address: dict[str, Any]) -> None:
        self.acknowledged: list[str] = []
        self.failures: list[Exception] = []
        self._stop = threading.Event()
        self._connections = [_connect(address) for _ in range(4)]
        self._threads = [
            threading.Thread(target=self._write, args=(connection, writer))
            for writer, connection in enumerate(self._connections)
        ]
        for thread in self._threads:
            thread.start()

    def _write(self, connection: Any, writer: int) -> None:
        cursor = connection.cursor()
        for number in range(5_000):
            if self._stop.is_set():
                return
            name = f"R_{writer}_{number}"
            try:
                cursor.execute(f"CREATE ROLE {name}")
            except snowflake.connector.errors.Error as error:
                self.failures.append(error)
                return
            self.acknowledged.append(name)

    def wait_for(self, more: int) -> None:
        target = len(self.acknowledged) + more
        deadline = time.monotonic() + 20
        while len(self.acknowledged) < target and time.monotonic() < deadline:
            time.sleep(0.005)

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=60)
        for connection in self._connections:
            connection.close()


def test_kill_9_under_writers_loses_no_acknowledged_statement(
    process: _Process, tmp_path: Path
) -> None:
    writers = _Writers(_address(process.where))
    for _ in range(3):
        writers.wait_for(40)
        process.kill()
        process.start()
    writers.stop()
    process.kill()
    with LocalAccount(tmp_path / "account.duckdb") as last:
        found = {role.name for role in last.account.catalog.all(Kind.ROLE)}
    assert writers.failures == [], "a repeat hides the restart from the client"
    assert len(writers.acknowledged) >= 120
    assert set(writers.acknowledged) <= found


def test_a_transaction_that_was_open_is_not_silently_half_kept(tmp_path: Path) -> None:
    state = tmp_path / "account.duckdb"
    with LocalAccount(state) as first:
        connection = _connect(first.connection())
        cursor = connection.cursor()
        cursor.execute("CREATE DATABASE D")
        cursor.execute("CREATE TABLE D.PUBLIC.T (N NUMBER)")
        cursor.execute("BEGIN")
        cursor.execute("INSERT INTO D.PUBLIC.T VALUES (1)")
        port = first.port
    with LocalAccount(state, port):
        with pytest.raises(snowflake.connector.errors.Error, match="restarted"):
            cursor.execute("COMMIT")
        cursor.execute("SELECT COUNT(*) FROM D.PUBLIC.T")
        assert cursor.fetchall() == [(0,)]
        connection.close()


@pytest.mark.parametrize("content", [b"not a database", b"", b"\x00" * 5000])
def test_a_damaged_file_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    state = tmp_path / "account.duckdb"
    state.write_bytes(content)
    with pytest.raises(StateFileError, match="Nothing was changed"):
        LocalAccount(state)
    assert state.read_bytes() == content


def test_a_foreign_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    state = tmp_path / "other.duckdb"
    with duckdb.connect(str(state)) as foreign:
        foreign.execute("CREATE TABLE mine AS SELECT 42 AS n")
    with pytest.raises(StateFileError, match="another program"):
        LocalAccount(state)
    with duckdb.connect(str(state)) as foreign:
        assert foreign.execute("SELECT n FROM mine").fetchall() == [(42,)]
        assert foreign.execute("SELECT count(*) FROM duckdb_tables()").fetchall() == [(1,)]


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "account.duckdb"
    LocalAccount(state).close()
    with duckdb.connect(str(state)) as file:
        file.execute("UPDATE control.format SET version = 99")
    with pytest.raises(StateFileError, match="format 99"):
        LocalAccount(state)


def test_a_failed_statement_leaves_no_trace(tmp_path: Path) -> None:
    state = tmp_path / "account.duckdb"
    with LocalAccount(state) as account:
        connection = _connect(account.connection())
        cursor = connection.cursor()
        cursor.execute("CREATE DATABASE D")
        with pytest.raises(snowflake.connector.errors.ProgrammingError):
            cursor.execute("CREATE TABLE D.PUBLIC.T AS SELECT 1 / 0 AS n")
        cursor.execute("SHOW TABLES IN DATABASE D")
        assert cursor.fetchall() == []
        connection.close()
    with duckdb.connect(str(state)) as file:
        tables = file.execute("SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'main'")
        assert tables.fetchall() == [(0,)]
