"""What is acknowledged is kept, and a file that is not ours is left alone."""

from __future__ import annotations

import time
import warnings
from pathlib import Path
from typing import Any

import duckdb
import pytest
import snowflake.connector

from cortex_resources.emulator.server import LocalAccount
from cortex_resources.emulator.state_file import StateFileError


def _connect(account: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return snowflake.connector.connect(**account)


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
            "CREATE FUNCTION D.PUBLIC.NEXT(N NUMBER, U VARCHAR) RETURNS NUMBER AS 'N + 1'",
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
        cursor.execute("SELECT D.PUBLIC.NEXT(1, 'unused')")
        assert cursor.fetchall() == [(2,)]
        cursor.execute("SHOW GRANTS TO ROLE R")
        assert [(row[1], row[6]) for row in cursor.fetchall()] == [("USAGE", "true")]
        assert second.account.log.since(before)[0].query_tag == "kept"
        assert second.account.clock.describe()["mode"] == "frozen"
        connection.close()


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


def test_the_clock_of_a_restarted_account_goes_on_where_its_records_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "account.duckdb"
    with LocalAccount(state) as first:
        first.seed("CREATE ROLE R")
        recorded = next(iter(first.account.log)).ended
    monkeypatch.setattr(time, "time", lambda: recorded - 86_400)
    with LocalAccount(state) as second:
        assert recorded <= second.account.clock.seconds() < recorded + 60


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
