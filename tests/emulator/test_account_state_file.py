"""The journal behind the control plane."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path

import duckdb
import pytest
import snowflake.connector

from cortex_resources.emulator import formats
from cortex_resources.emulator.records import Requests
from cortex_resources.emulator.server import LocalAccount
from cortex_resources.emulator.state_file import StateFileError
from cortex_resources.emulator.store import Store


def test_superseded_lines_are_compacted_while_the_account_runs(tmp_path: Path) -> None:
    path = tmp_path / "state.duckdb"
    store = Store(path)
    store.log(1, {"seq": 1})
    for round_number in range(60):
        for key in range(100):
            store.write("entity", str(key), {"round": round_number})
        store.commit()
    store.write("entity", "0", None)
    store.commit()
    store.close()
    again = Store(path)
    rows = again.connection.execute("SELECT count(*) FROM control.journal").fetchall()
    assert rows[0][0] < 1_000, "of 6,001 that were written"
    assert dict(again.load("entity")) == {str(key): {"round": 59} for key in range(1, 100)}
    assert again.logged() == [{"seq": 1}]
    again.close()


def test_a_rollback_undoes_memory_and_writes_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.duckdb")
    undone: list[str] = []
    store.write("entity", "a", {"n": 1}, lambda: undone.append("first"))
    store.write("entity", "b", {"n": 2}, lambda: undone.append("second"))
    store.rollback()
    store.commit()
    assert undone == ["second", "first"]
    assert list(store.load("entity")) == []
    store.close()


def _format_1(path: Path) -> None:
    """A state file of the first format, from the statements its own code would have run."""
    recorded = Path(__file__).with_name("format1.sql").read_text(encoding="utf-8")
    with duckdb.connect(str(path)) as file:
        for statement in recorded.split(";\n"):
            file.execute(statement)


def test_a_file_of_the_first_format_is_read_with_everything_in_it(tmp_path: Path) -> None:
    path = tmp_path / "account.duckdb"
    _format_1(path)
    with LocalAccount(path) as account:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the connector announces its own future defaults
            connection = snowflake.connector.connect(**account.connection())
        cursor = connection.cursor()
        cursor.execute("SELECT COUNT(*), MAX(PROMPT) FROM LAB.ML.TRAIN")
        assert cursor.fetchall() == [(12, "What is 9?")]
        cursor.execute("SHOW MODELS IN SCHEMA LAB.ML")
        assert [row[1] for row in cursor.fetchall()] == ["MODEL_ONE"]
        cursor.execute("SHOW GRANTS TO ROLE TRAINER")
        assert ("USAGE", "true") in {(row[1], row[6]) for row in cursor.fetchall()}
        log = account.account.log.since(0)
        assert log[0].sql == "CREATE DATABASE LAB COMMENT = 'made by format 1'"
        assert [entry.seq for entry in log] == list(range(1, len(log) + 1))
        assert account.account.settings.describe_shape == "classic"
        assert account.account.faults.all()[0]["match"] == "NEVER"
        asked = next(entry for entry in log if "MODEL_ONE" in entry.sql)
        reply = account.account.requests.find(f"{asked.session}/{asked.request_id}")
        assert reply is not None
        assert reply["data"]["queryId"] == asked.query_id
        connection.close()
    with duckdb.connect(str(path)) as file:
        assert file.execute("SELECT version FROM control.format").fetchall() == [(formats.FORMAT,)]


def test_a_migration_that_fails_leaves_the_file_in_its_old_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "account.duckdb"
    _format_1(path)

    def broken(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("DROP TABLE control.pairs")
        connection.execute("SELECT * FROM control.nowhere")

    monkeypatch.setitem(formats._STEPS, 1, broken)
    with pytest.raises(StateFileError, match="Nothing was changed"):
        Store(path)
    with duckdb.connect(str(path)) as file:
        assert file.execute("SELECT version FROM control.format").fetchall() == [(1,)]
        assert file.execute("SELECT count(*) > 0 FROM control.pairs").fetchall() == [(True,)]


_LEFT_BEHIND = """
import duckdb, os, sys
file = duckdb.connect(sys.argv[1])
file.execute("CREATE VIEW mine AS SELECT 42 AS n")
os._exit(0)
"""


def test_a_foreign_database_keeps_its_unfinished_journal(tmp_path: Path) -> None:
    path = tmp_path / "other.duckdb"
    subprocess.run([sys.executable, "-c", _LEFT_BEHIND, str(path)], check=True, timeout=60)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert "other.duckdb.wal" in before
    with pytest.raises(StateFileError, match="another program"):
        Store(path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_journal_whose_file_is_missing_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "account.duckdb.wal").write_bytes(b"the last changes")
    with pytest.raises(StateFileError, match="missing"):
        Store(tmp_path / "account.duckdb")
    assert [file.name for file in tmp_path.iterdir()] == ["account.duckdb.wal"]


_KILLED = """
import os, sys
from pathlib import Path
from cortex_resources.emulator.store import Store
store = Store(Path(sys.argv[1]))
for number in range(40):
    store.connection.execute("CREATE TABLE main.t%d (a INT)" % number)
os._exit(0)
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """A state file and its journal as a kill leaves them."""
    path = tmp_path_factory.mktemp("killed") / "account.duckdb"
    subprocess.run([sys.executable, "-c", _KILLED, str(path)], check=True, timeout=60)
    return path.read_bytes(), path.with_name("account.duckdb.wal").read_bytes()


def _tables(folder: Path, state: bytes, journal: bytes) -> int:
    path = folder / "account.duckdb"
    path.write_bytes(state)
    path.with_name("account.duckdb.wal").write_bytes(journal)
    store = Store(path)
    found = store.connection.execute("FROM duckdb_tables() SELECT count(*) WHERE table_name ^@ 't'")
    count = int(found.fetchall()[0][0])
    store.close()
    return count


@pytest.mark.parametrize("at", [0.0, 0.001, 0.02, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9])
def test_a_damaged_journal_is_refused_and_left_as_it_is(
    tmp_path: Path, killed: tuple[bytes, bytes], at: float
) -> None:
    state, journal = killed
    for place in range(int(at * len(journal)), int(at * len(journal)) + 24):
        damaged = bytearray(journal)
        damaged[place] ^= 0x55
        with pytest.raises(StateFileError, match=r"account\.duckdb\.wal"):
            _tables(tmp_path, state, bytes(damaged))
        assert (tmp_path / "account.duckdb").read_bytes() == state
        assert (tmp_path / "account.duckdb.wal").read_bytes() == bytes(damaged)


def test_what_is_no_journal_is_refused(tmp_path: Path, killed: tuple[bytes, bytes]) -> None:
    with pytest.raises(StateFileError, match="no journal"):
        _tables(tmp_path, killed[0], bytes(range(256)) * 9)


def test_a_journal_torn_by_a_kill_gives_all_that_was_committed(
    tmp_path: Path, killed: tuple[bytes, bytes]
) -> None:
    state, journal = killed
    assert _tables(tmp_path, state, journal) == 40
    assert _tables(tmp_path, state, journal + journal[39:60]) == 40
    assert _tables(tmp_path, state, journal + bytes(64)) == 40
    assert _tables(tmp_path, state, journal[:-1]) == 39


@pytest.mark.parametrize("kept", [0.3, 0.7, 0.99])
def test_a_truncated_file_is_refused_and_left_as_it_is(tmp_path: Path, kept: float) -> None:
    path = tmp_path / "account.duckdb"
    store = Store(path)
    for number in range(3_000):
        store.write("entity", str(number), {"text": f"{number}" * 100})
    store.commit()
    store.close()
    os.truncate(path, int(path.stat().st_size * kept))
    before = path.read_bytes()
    with pytest.raises(StateFileError, match="Nothing was changed"):
        Store(path)
    assert path.read_bytes() == before


def test_a_second_account_on_the_same_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "account.duckdb"
    held = f"import duckdb; held = duckdb.connect({str(path)!r}); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", held], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(StateFileError, match="in use"):
            Store(path)
        holder.communicate(b"\n", timeout=10)


def test_the_newest_requests_of_each_session_are_kept_and_go_with_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.duckdb")
    requests = Requests(store)
    requests.keep("1/old#0", {"n": 0})
    requests.keep("1/old#1", {"n": 1})
    for number in range(200):
        requests.keep(f"2/{number}", {"n": number})
        store.commit()
    assert requests.find("1/old#1") == {"n": 1}, "another session's load takes nothing away"
    assert requests.find("2/199") == {"n": 199}
    assert requests.find("2/0") is None
    requests.forget(1)
    store.commit()
    store.close()
    again = Requests(Store(tmp_path / "state.duckdb"))
    assert again.find("1/old#0") is None
    assert again.find("2/199") == {"n": 199}
