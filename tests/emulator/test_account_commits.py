"""What reaches the state file, and in how many pieces."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import snowflake.connector

from cortex_resources.emulator.server import LocalAccount
from cortex_resources.emulator.store import Store


@pytest.fixture
def account(tmp_path: Path) -> Iterator[LocalAccount]:
    with LocalAccount(tmp_path / "account.duckdb") as local:
        yield local


@pytest.fixture
def cursor(account: LocalAccount) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the connector announces its own future defaults
        connection = snowflake.connector.connect(**account.connection())
    yield connection.cursor()
    connection.close()


def _rows(account: LocalAccount, table: str) -> int:
    with account.account.lock, account.account.store.connection.cursor() as looking:
        return int(looking.execute(f"SELECT count(*) FROM control.{table}").fetchall()[0][0])


def _bytes(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_a_read_writes_nothing_to_the_state_file(tmp_path: Path, cursor: Any) -> None:
    before = _bytes(tmp_path)
    for _ in range(20):
        cursor.execute("SELECT 1").fetchall()
        cursor.execute("SHOW ROLES").fetchall()
        cursor.execute("SELECT COUNT(*) FROM SNOWFLAKE.INFORMATION_SCHEMA.SCHEMATA").fetchall()
    assert _bytes(tmp_path) == before


def test_effect_reply_and_log_of_a_statement_are_one_insertion(
    account: LocalAccount, cursor: Any
) -> None:
    cursor.execute("CREATE ROLE R")
    lines, logged = _rows(account, "journal"), _rows(account, "statements")
    cursor.execute("GRANT ROLE R TO ROLE SYSADMIN")
    grant_reply_and_log = 3
    assert _rows(account, "journal") == lines + grant_reply_and_log
    assert _rows(account, "statements") == logged


def test_log_lines_are_moved_together_and_none_is_lost_or_doubled(tmp_path: Path) -> None:
    path = tmp_path / "state.duckdb"
    store = Store(path)
    for seq in range(1, 2_501):
        store.log(seq, {"seq": seq})
        if seq % 7 == 0:
            store.write("entity", "a", {"n": seq})
            store.commit()
    store.commit()
    waiting = "SELECT count(*) FROM control.journal WHERE kind = 'statement'"
    assert 0 < store.connection.execute(waiting).fetchall()[0][0] < 1_100
    assert [line["seq"] for line in store.logged()] == list(range(1, 2_501))
    store.close()
    again = Store(path)
    assert [line["seq"] for line in again.logged()] == list(range(1, 2_501))
    assert again.last_logged() == {"seq": 2_500}
    assert list(again.load("entity")) == [("a", {"n": 2_499})]
    assert again.keys("statement") == []
    again.close()
