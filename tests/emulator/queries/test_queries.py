"""Whole queries: clauses, names, order, windows, semi-structured rows."""

from __future__ import annotations

import pytest

from cortex_resources.emulator.errors import SnowflakeError
from tests.emulator.queries.account import Account

ROWS = "FROM VALUES (3, 'c'), (1, 'a'), (NULL, 'B'), (2, NULL) v(x, s)"


def test_nulls_sort_last_ascending_and_first_descending(account: Account) -> None:
    assert [row[0] for row in account.rows(f"SELECT x {ROWS} ORDER BY x")] == [1, 2, 3, None]
    assert [row[0] for row in account.rows(f"SELECT x {ROWS} ORDER BY x DESC")] == [None, 3, 2, 1]
    assert [row[0] for row in account.rows(f"SELECT s {ROWS} ORDER BY s")] == ["B", "a", "c", None]


def test_qualify_sees_aliases_of_window_functions(account: Account) -> None:
    sql = f"SELECT x, ROW_NUMBER() OVER (ORDER BY x DESC NULLS LAST) AS n {ROWS} QUALIFY n = 1"
    assert account.rows(sql) == [(3, 1)]


def test_a_column_wins_over_an_alias_in_where_and_group_by(account: Account) -> None:
    assert account.rows(f"SELECT 9 AS x {ROWS} WHERE x = 1") == [(9,)]
    assert len(account.rows(f"SELECT 1 AS x, COUNT(*) {ROWS} GROUP BY x")) == 4


def test_an_alias_may_be_used_beside_itself_and_in_having(account: Account) -> None:
    sql = f"SELECT COUNT(*) AS n, n + 1 AS m {ROWS} HAVING m > 4"
    assert account.rows(sql) == [(4, 5)]


def test_the_first_and_last_value_see_the_whole_partition(account: Account) -> None:
    sql = f"SELECT x, LAST_VALUE(x) OVER (ORDER BY x), SUM(x) OVER (ORDER BY x) {ROWS} ORDER BY x"
    assert account.rows(sql) == [(1, None, 1), (2, None, 3), (3, None, 6), (None, None, 6)]


def test_an_explicit_frame_is_kept(account: Account) -> None:
    frame = "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
    sql = f"SELECT LAST_VALUE(x) OVER (ORDER BY x {frame}) {ROWS} ORDER BY x"
    assert account.rows(sql) == [(1,), (2,), (3,), (None,)]


def test_listagg_skips_nulls_and_orders_distinct_values(account: Account) -> None:
    rows = "FROM VALUES ('b'), ('a'), (NULL), ('b') v(s)"
    sql = f"SELECT LISTAGG(DISTINCT s, ',') WITHIN GROUP (ORDER BY s DESC), LISTAGG(s) {rows}"
    assert account.rows(sql) == [("b,a", "bab")]
    assert account.value(f"SELECT LISTAGG(s) {rows} WHERE s = 'z'") == ""


def test_array_agg_orders_numbers_as_numbers(account: Account) -> None:
    rows = "FROM VALUES (10), (9), (NULL), (10) v(x)"
    sql = f"SELECT ARRAY_AGG(DISTINCT x) WITHIN GROUP (ORDER BY x) {rows}"
    assert account.value(sql) == "[9,10]"


def test_flatten_walks_nested_values(account: Account) -> None:
    sql = (
        "SELECT f.path, f.key, f.index, f.value::VARCHAR FROM T,"
        " LATERAL FLATTEN(INPUT => V, RECURSIVE => TRUE) f WHERE T.ID = 1"
    )
    assert account.rows(sql) == [
        ("k", "k", None, '[1,2,{"z":"q"}]'),
        ("k[0]", None, 0, "1"),
        ("k[1]", None, 1, "2"),
        ("k[2]", None, 2, '{"z":"q"}'),
        ("k[2].z", "z", None, "q"),
        ("s", "s", None, "x"),
    ]


def test_a_left_join_to_flatten_keeps_rows_without_items(account: Account) -> None:
    sql = "SELECT ID, COUNT(f.value) FROM T LEFT JOIN LATERAL FLATTEN(V:k) f GROUP BY ID ORDER BY 1"
    assert account.rows(sql) == [(1, 3), (2, 0), (3, 0), (4, 0)]


def test_union_takes_the_type_that_holds_both_sides(account: Account) -> None:
    sql = "SELECT 1 AS A UNION ALL SELECT 2.5 ORDER BY A DESC"
    assert [str(row[0]) for row in account.rows(sql)] == ["2.5", "1.0"]


def test_intersect_binds_closer_than_union(account: Account) -> None:
    assert account.rows("SELECT 1 AS A UNION SELECT 2 INTERSECT SELECT 3") == [(1,)]


def test_columns_of_using_appear_once(account: Account) -> None:
    left, right = "(SELECT 1 AS k, 2 AS a)", "(SELECT 5 AS k, 3 AS b)"
    assert account.names(f"SELECT * FROM {left} JOIN {right} USING (k)") == ["K", "A", "B"]
    sql = f"SELECT k, a, b FROM {left} FULL JOIN {right} USING (k) ORDER BY k"
    assert account.rows(sql) == [(1, 2, None), (5, None, 3)]


def test_pivot_names_columns_after_its_values(account: Account) -> None:
    sql = (
        "SELECT * FROM (SELECT 'p' AS who, 'x' AS m, 1 AS n UNION ALL SELECT 'p', 'y', 2)"
        " PIVOT (SUM(n) FOR m IN ('x', 'y'))"
    )
    assert account.names(sql) == ["WHO", "'x'", "'y'"]
    assert account.rows(sql) == [("p", 1, 2)]


def test_unpivot_leaves_out_nulls(account: Account) -> None:
    sql = "SELECT * FROM (SELECT 1 AS id, 5 AS a, NULL::INT AS b) UNPIVOT (n FOR m IN (a, b))"
    assert account.rows(sql) == [(1, "A", 5)]


def test_a_recursive_table_counts(account: Account) -> None:
    sql = (
        "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 5)"
        " SELECT SUM(n) FROM c"
    )
    assert account.value(sql) == 15


def test_names_in_double_quotes_are_exact(account: Account) -> None:
    account.run('CREATE TABLE "t" ("x" NUMBER, X NUMBER)')
    account.run('INSERT INTO "t" ("x", X) VALUES (1, 2)')
    assert account.rows('SELECT "x", x, "t"."x" AS "a ""b""" FROM "t"') == [(1, 2, 1)]
    assert account.names('SELECT "x", x, 1 AS "a ""b""" FROM "t"') == ["x", "X", 'a "b"']


def test_a_column_without_alias_is_named_after_its_text(account: Account) -> None:
    sql = "SELECT count(*), 1+1, 'a', max(t.id)::varchar FROM t"
    assert account.names(sql) == ["COUNT(*)", "1+1", "'A'", "MAX(T.ID)::VARCHAR"]


def test_a_seeded_sample_repeats_itself(account: Account) -> None:
    account.run("CREATE TABLE MANY AS SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 1000))")
    first = account.rows("SELECT N FROM MANY SAMPLE BERNOULLI (20) SEED (7)")
    assert first == account.rows("SELECT N FROM MANY SAMPLE BERNOULLI (20) REPEATABLE (7)")
    assert first != account.rows("SELECT N FROM MANY SAMPLE BERNOULLI (20) SEED (8)")
    assert 120 < len(first) < 280
    assert account.value("SELECT COUNT(*) FROM MANY SAMPLE (10 ROWS)") == 10


def test_a_seeded_random_order_repeats_itself(account: Account) -> None:
    sql = "SELECT N FROM MANY ORDER BY RANDOM(42) LIMIT 20"
    assert account.rows(sql) == account.rows(sql)


def test_hash_agg_ignores_order_and_counts_duplicates(account: Account) -> None:
    one = account.value("SELECT HASH_AGG(*) FROM VALUES (1, 'a'), (2, NULL)")
    assert one == account.value("SELECT HASH_AGG(*) FROM VALUES (2, NULL), (1, 'a')")
    assert one != account.value("SELECT HASH_AGG(*) FROM VALUES (2, NULL), (1, 'a'), (1, 'a')")
    assert account.value("SELECT HASH_AGG(*) FROM T WHERE FALSE") == 0


def test_bindings_keep_their_values_wherever_they_stand(account: Account) -> None:
    account.bindings = {"1": ("TEXT", "it's ?"), "2": ("FIXED", "2"), "3": ("TEXT", None)}
    try:
        sql = "SELECT ? || '?', ?::VARCHAR, '-- ?', ? IS NULL -- ?"
        assert account.rows(sql) == [("it's ??", "2", "-- ?", True)]
    finally:
        account.bindings = {}


def test_session_variables_stand_for_values_and_names(account: Account) -> None:
    account.variables = {"N": 2, "TBL": "T"}
    try:
        assert account.value("SELECT NAME FROM IDENTIFIER($tbl) WHERE ID = $n") == "b"
    finally:
        account.variables = {}


def test_group_by_all_takes_what_is_not_aggregated(account: Account) -> None:
    sql = "SELECT UPPER(NAME) AS U, COUNT(*) FROM T GROUP BY ALL ORDER BY U"
    assert account.rows(sql) == [("A", 1), ("B", 2), (None, 1)]


def test_the_session_time_zone_decides_local_times(account: Account) -> None:
    account.timezone = "Europe/Paris"
    try:
        assert account.value("SELECT TO_CHAR(CURRENT_TIMESTAMP(), 'HH24:MI TZH')") == "13:00 +01"
    finally:
        account.timezone = "America/Los_Angeles"


@pytest.mark.parametrize("repeated", [300])
def test_long_chains_of_operators_are_read(account: Account, repeated: int) -> None:
    assert account.value("SELECT " + " + ".join(["1"] * repeated)) == repeated
    assert account.value("SELECT " + " || ".join(["'x'"] * repeated)) == "x" * repeated
    assert account.value("SELECT " + " OR ".join(["FALSE"] * repeated)) is False


def test_nesting_without_end_is_refused_by_name(account: Account) -> None:
    with pytest.raises(SnowflakeError) as caught:
        account.run("SELECT " + "(" * 3000 + "1" + ")" * 3000)
    assert caught.value.errno in (603, 1003)
