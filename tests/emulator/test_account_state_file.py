"""The journal behind the control plane."""

from __future__ import annotations

from pathlib import Path

import duckdb

from cortex_resources.emulator.store import STATEMENT, Store


def _nothing(_connection: duckdb.DuckDBPyConnection) -> None:
    """No query engine is needed here."""


def test_superseded_lines_are_compacted_when_the_file_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "state.duckdb"
    store = Store(path, _nothing)
    store.append(STATEMENT, "1", {"seq": 1})
    for round_number in range(60):
        for key in range(100):
            store.write("entity", str(key), {"round": round_number})
        store.flush()
    store.write("entity", "0", None)
    store.flush()
    store.close()
    again = Store(path, _nothing)
    rows = again.connection.execute("SELECT count(*) FROM control.journal").fetchall()
    assert rows == [(100,)], "99 entities and one log line"
    assert dict(again.load("entity")) == {str(key): {"round": 59} for key in range(1, 100)}
    assert again.lines(STATEMENT) == [{"seq": 1}]
    again.close()


def test_a_rollback_undoes_memory_and_writes_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.duckdb", _nothing)
    undone: list[str] = []
    store.write("entity", "a", {"n": 1}, lambda: undone.append("first"))
    store.write("entity", "b", {"n": 2}, lambda: undone.append("second"))
    store.rollback()
    store.flush()
    assert undone == ["second", "first"]
    assert list(store.load("entity")) == []
    store.close()
