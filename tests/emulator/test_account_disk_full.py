"""A disk that is full is called so, loses nothing that was acknowledged, and is no end.

A limit on the size of this process's files refuses a write as a full disk does, without a disk.
"""

from __future__ import annotations

import json
import resource
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import snowflake.connector
from snowflake.connector.errors import DatabaseError

from cortex_resources.emulator.server import LocalAccount
from cortex_resources.emulator.state_file import StateFileError

OURS = "cortex_resources"
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")


@contextmanager
def _full() -> Iterator[None]:
    """No file of this process grows; pipes and sockets do."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _refusal(cursor: Any, statement: str) -> str:
    with pytest.raises(DatabaseError) as refused:
        cursor.execute(statement)
    assert (refused.value.errno, refused.value.sqlstate) == (300001, "XX000"), statement
    return str(refused.value)


def _is_plain(message: str) -> bool:
    return "disk of the local account is full" in message and "Free space" in message


@pytest.mark.parametrize("is_restarted", [False, True])
def test_on_a_full_disk_whatever_writes_says_so_and_goes_on_when_there_is_room(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, is_restarted: bool
) -> None:
    state = tmp_path / "account.duckdb"
    with LocalAccount(state) as first:
        first.seed("CREATE DATABASE D; CREATE TABLE D.PUBLIC.T (A INT)")
        if not is_restarted:
            _fill(first)
    if is_restarted:
        with LocalAccount(state) as second:
            _fill(second)
    assert [record for record in caplog.records if record.name.startswith(OURS)] == []
    with LocalAccount(state) as again, snowflake.connector.connect(**again.connection()) as client:
        assert client.cursor().execute("SELECT A FROM D.PUBLIC.T").fetchall() == [(2,)]


def _fill(account: LocalAccount) -> None:
    with snowflake.connector.connect(**account.connection()) as client:
        cursor = client.cursor()
        with _full():
            for statement in (
                "SHOW TABLES IN DATABASE D",
                "INSERT INTO D.PUBLIC.T VALUES (1)",
                "CREATE ROLE R",
                "BEGIN",
                "CREATE TABLE D.PUBLIC.U AS SELECT 1 AS A",
            ):
                assert _is_plain(_refusal(cursor, statement)), statement
            assert _is_plain(_admin(account))
            with pytest.raises(DatabaseError, match="disk of the local account is full"):
                snowflake.connector.connect(**account.connection())
        cursor.execute("INSERT INTO D.PUBLIC.T VALUES (2)")


def _admin(account: LocalAccount) -> str:
    body = json.dumps({"mode": "frozen"}).encode()
    url = f"http://127.0.0.1:{account.port}/admin/clock"
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    assert refused.value.code == 507
    return str(json.load(refused.value)["error"])


def test_a_new_state_file_on_a_full_disk_is_refused_as_that(tmp_path: Path) -> None:
    with _full(), pytest.raises(StateFileError, match="the disk is full"):
        LocalAccount(tmp_path / "account.duckdb")
    assert list(tmp_path.glob("account*")) == []


def test_an_account_that_ends_on_a_full_disk_says_what_is_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    account = LocalAccount(tmp_path / "account.duckdb")
    account.seed("SELECT 1")
    with _full():
        account.close()
    (line,) = [r.getMessage() for r in caplog.records if r.name.startswith(OURS)]
    assert line.startswith("the end of the statement log is lost: The disk")
