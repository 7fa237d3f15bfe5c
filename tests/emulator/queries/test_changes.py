"""INSERT, UPDATE, DELETE, MERGE, TRUNCATE and CREATE TABLE AS."""

from __future__ import annotations

import pytest

from cortex_resources.emulator.errors import SnowflakeError
from tests.emulator.queries.account import Account, new_account


@pytest.fixture
def fresh() -> Account:
    account = new_account()
    account.run("CREATE TABLE W (ID NUMBER NOT NULL, N VARCHAR(5) DEFAULT 'dflt', R NUMBER(5,2))")
    account.run("INSERT INTO W (ID, N) VALUES (1, 'a'), (2, DEFAULT), (3, NULL)")
    return account


ALL = "SELECT ID, N FROM W ORDER BY ID"


def refused(account: Account, sql: str) -> SnowflakeError:
    with pytest.raises(SnowflakeError) as caught:
        account.run(sql)
    return caught.value


def test_defaults_fill_what_is_not_given(fresh: Account) -> None:
    fresh.run("INSERT INTO W (ID) SELECT 4")
    assert fresh.rows(ALL) == [(1, "a"), (2, "dflt"), (3, None), (4, "dflt")]


@pytest.mark.parametrize(
    ("sql", "errno"),
    [
        ("INSERT INTO W (N) VALUES ('x')", 100072),
        ("INSERT INTO W VALUES (1, 'toolong', 1)", 100078),
        ("INSERT INTO W VALUES (1, 'x', 12345)", 100046),
        ("INSERT INTO W (ID, R) VALUES (1, 'zz')", 100038),
        ("INSERT INTO W VALUES (1, 'x')", 2020),
        ("INSERT INTO W (NOPE) VALUES (1)", 904),
        ("INSERT INTO NOPE VALUES (1)", 2003),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_stored(
    fresh: Account, sql: str, errno: int
) -> None:
    assert refused(fresh, sql).errno == errno
    assert len(fresh.rows(ALL)) == 3


def test_an_insert_reads_its_own_table_as_it_was(fresh: Account) -> None:
    assert fresh.rows("INSERT INTO W SELECT ID + 10, N, R FROM W") == [(3,)]
    assert len(fresh.rows(ALL)) == 6


def test_insert_overwrite_replaces_the_rows(fresh: Account) -> None:
    fresh.run("INSERT OVERWRITE INTO W SELECT 9, 'z', 1")
    assert fresh.rows(ALL) == [(9, "z")]


def test_array_bindings_insert_one_row_each(fresh: Account) -> None:
    fresh.bindings = {"1": ("FIXED", ["7", "8"]), "2": ("TEXT", ["it's", None])}
    assert fresh.rows("INSERT INTO W (ID, N) VALUES (?, ?)") == [(2,)]
    assert fresh.rows(ALL)[3:] == [(7, "it's"), (8, None)]


def test_update_counts_rows_and_rows_joined_more_than_once(fresh: Account) -> None:
    pair = "(SELECT 1 AS I, 'p' AS V UNION ALL SELECT 1, 'q')"
    assert fresh.rows(f"UPDATE W SET N = s.V FROM {pair} s WHERE W.ID = s.I") == [(1, 1)]
    assert fresh.rows("UPDATE W SET R = ID / 3, N = DEFAULT WHERE ID > 1") == [(2, 0)]
    assert [str(row[0]) for row in fresh.rows("SELECT R FROM W WHERE ID = 2")] == ["0.67"]


def test_update_of_a_missing_column_is_an_invalid_identifier(fresh: Account) -> None:
    assert refused(fresh, "UPDATE W SET NOPE = 1").errno == 904


def test_delete_using_another_source(fresh: Account) -> None:
    assert fresh.rows("DELETE FROM W USING (SELECT 1 AS I) s WHERE W.ID = s.I") == [(1,)]
    assert fresh.rows("DELETE FROM W AS x WHERE x.ID = 2") == [(1,)]
    assert fresh.rows(ALL) == [(3, None)]


def test_merge_takes_the_first_clause_that_fits(fresh: Account) -> None:
    sql = (
        "MERGE INTO W USING (SELECT column1 AS I, column2 AS V FROM VALUES"
        " (1, 'up'), (2, 'del'), (9, 'new'), (10, 'no')) s ON W.ID = s.I"
        " WHEN MATCHED AND s.V = 'del' THEN DELETE"
        " WHEN MATCHED THEN UPDATE SET N = s.V"
        " WHEN NOT MATCHED AND s.V = 'new' THEN INSERT (ID, N) VALUES (s.I, s.V)"
    )
    assert fresh.rows(sql) == [(1, 1, 1)]
    assert fresh.rows(ALL) == [(1, "up"), (3, None), (9, "new")]


def test_merge_refuses_two_changes_of_one_row(fresh: Account) -> None:
    sql = (
        "MERGE INTO W USING (SELECT 1 AS I UNION ALL SELECT 1) s ON W.ID = s.I"
        " WHEN MATCHED THEN UPDATE SET N = 'x'"
    )
    assert refused(fresh, sql).errno == 100090


def test_truncate_removes_all_rows(fresh: Account) -> None:
    fresh.run("TRUNCATE TABLE W")
    fresh.run("TRUNCATE TABLE IF EXISTS NOPE")
    assert fresh.rows(ALL) == []


def test_a_table_takes_columns_and_rows_of_a_query(fresh: Account) -> None:
    fresh.run("CREATE TABLE C AS SELECT ID, N || '!' AS M, 1.50 AS D, NULL AS X FROM W")
    types = [str(column.type) for column in fresh.run("SELECT * FROM C").columns]
    assert types == ["NUMBER(38,0)", "VARCHAR(6)", "NUMBER(3,2)", "VARCHAR(16777216)"]
    assert len(fresh.rows("SELECT * FROM C")) == 3


def test_variants_keep_their_values_in_tables(fresh: Account) -> None:
    fresh.run("CREATE TABLE J (V VARIANT, O OBJECT, A ARRAY)")
    fresh.run("INSERT INTO J SELECT PARSE_JSON('1.10'), {'b': 'x', 'a': NULL}, [1, 'it''s']")
    assert fresh.rows("SELECT * FROM J") == [("1.1", '{"b":"x"}', '[1,"it\'s"]')]
