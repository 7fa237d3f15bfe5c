"""What the account keeps is bounded, and enough for those who come back for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
import snowflake.connector

from cortex_resources.emulator.outcome import Outcome, columns
from cortex_resources.emulator.records import Results
from cortex_resources.emulator.server import LocalAccount


def test_a_script_of_500_statements_gives_500_results(connect: Any) -> None:
    script = "; ".join(f"SELECT {n} AS N" for n in range(500))
    cursor = connect().cursor()
    cursor.execute(script, num_statements=500)
    found = [cursor.fetchall()]
    while cursor.nextset():
        found.append(cursor.fetchall())
    assert found == [[(n,)] for n in range(500)]


def test_a_script_of_more_statements_than_results_are_kept_is_refused_by_name(
    account: LocalAccount, connect: Any
) -> None:
    account.account.settings = replace(account.account.settings, results_kept=10)
    with pytest.raises(snowflake.connector.errors.ProgrammingError, match="more than 9 statements"):
        connect().cursor().execute("; ".join(["CREATE ROLE R"] * 10), num_statements=10)
    assert account.account.catalog.role("R") is None, "none of them ran"


def _outcome(text: str, rows: int) -> Outcome:
    return Outcome(columns("c"), [(text,)] * rows)


def test_results_are_bounded_in_number_and_in_bytes_and_the_newest_stays() -> None:
    results = Results(lambda: (3, 1_000_000))
    for n in range(5):
        results.keep(f"q{n}", "U", _outcome("x", 1), {"n": n})
    assert [results.reply(f"q{n}", "U") for n in range(5)] == [
        None, None, {"n": 2}, {"n": 3}, {"n": 4},
    ]  # fmt: skip
    results.keep("large", "U", _outcome("x" * 10_000, 200), {})
    assert results.outcome("q4") is None
    assert results.outcome("large") is not None
    results.keep_reply("failed", "U", {"success": False})
    assert results.outcome("large") is None
    assert results.reply("failed", "U") == {"success": False}
    assert results.reply("failed", "V") is None, "of another user"


def test_the_oldest_dropped_objects_go_when_there_are_too_many_with_their_rows(
    account: LocalAccount, sql: Any, error: Any
) -> None:
    account.account.settings = replace(account.account.settings, dropped_kept=4)
    sql("CREATE DATABASE D")
    for n in range(6):
        sql(f"CREATE TABLE D.PUBLIC.T{n} AS SELECT {n} AS N", f"DROP TABLE D.PUBLIC.T{n}")
    assert error("UNDROP TABLE D.PUBLIC.T1")[0] == 2003
    assert sql("UNDROP TABLE D.PUBLIC.T5", "SELECT N FROM D.PUBLIC.T5") == [{"N": 5}]
    count = "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'main'"
    with account.account.store.connection.cursor() as cursor:
        assert cursor.execute(count).fetchall() == [(4,)], "T2 to T4 and what is back"


def test_a_dropped_database_is_brought_back_however_much_was_in_it(
    account: LocalAccount, sql: Any
) -> None:
    account.account.settings = replace(account.account.settings, dropped_kept=4)
    sql("CREATE DATABASE D", *(f"CREATE TABLE D.PUBLIC.T{n} (N NUMBER)" for n in range(8)))
    sql("DROP DATABASE D", "SHOW ROLES", "UNDROP DATABASE D")
    assert len(sql("SHOW TABLES IN DATABASE D")) == 8


def test_a_state_of_many_small_tables_is_small(tmp_path: Path) -> None:
    path = tmp_path / "account.duckdb"
    made = (f"CREATE TABLE D.PUBLIC.T{n} AS SELECT 1 AS A, 'x' AS B;" for n in range(40))
    with LocalAccount(path) as local:
        local.seed("CREATE DATABASE D;" + "".join(made))
    with duckdb.connect(str(path)) as file:
        file.execute("CHECKPOINT")
    assert path.stat().st_size < 3_000_000, "with the engine's own block size it is 10 MB"
