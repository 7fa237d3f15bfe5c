"""Views: owner's schema, frozen columns, breakage, nesting."""

from __future__ import annotations

import pytest

from cortex_resources.emulator.errors import SnowflakeError
from tests.emulator.queries.account import Account, new_account


@pytest.fixture
def fresh() -> Account:
    account = new_account()
    account.run("CREATE TABLE BASE (ID NUMBER, NAME VARCHAR(10))")
    account.run("INSERT INTO BASE VALUES (1, 'a')")
    return account


def refused(account: Account, sql: str) -> SnowflakeError:
    with pytest.raises(SnowflakeError) as caught:
        account.run(sql)
    return caught.value


def test_a_view_of_a_view_gives_the_rows(fresh: Account) -> None:
    fresh.run("CREATE VIEW V1 (A, B) AS SELECT * FROM BASE")
    fresh.run("CREATE VIEW V2 AS SELECT B || '!' AS C FROM V1")
    assert fresh.rows("SELECT * FROM V2") == [("a!",)]


def test_the_types_of_a_view_stay_as_they_were_at_creation(fresh: Account) -> None:
    fresh.run("CREATE VIEW V AS SELECT * FROM BASE")
    fresh.run("CREATE TABLE OTHER (ID NUMBER, NAME VARCHAR(20))")
    del fresh.relations["DB", "PUBLIC", "BASE"]
    fresh.relations["DB", "PUBLIC", "BASE"] = fresh.relations.pop(("DB", "PUBLIC", "OTHER"))
    assert str(fresh.run("SELECT NAME FROM V").columns[0].type) == "VARCHAR(10)"


def test_a_view_that_selects_all_breaks_when_columns_are_added(fresh: Account) -> None:
    fresh.run("CREATE VIEW V AS SELECT * FROM BASE")
    fresh.run("CREATE TABLE OTHER (ID NUMBER, NAME VARCHAR, MORE DATE)")
    fresh.relations["DB", "PUBLIC", "BASE"] = fresh.relations.pop(("DB", "PUBLIC", "OTHER"))
    error = refused(fresh, "SELECT * FROM V")
    assert error.errno == 2057
    assert "declared 2 column(s), but view query produces 3" in error.message


def test_a_view_over_a_missing_table_says_that_it_cannot_be_expanded(fresh: Account) -> None:
    fresh.run("CREATE VIEW V AS SELECT ID FROM BASE")
    del fresh.relations["DB", "PUBLIC", "BASE"]
    error = refused(fresh, "SELECT * FROM V")
    assert error.errno == 2037
    assert "view 'DB.PUBLIC.V': SQL compilation error:" in error.message


def test_a_cycle_of_views_is_refused(fresh: Account) -> None:
    fresh.run("CREATE VIEW V AS SELECT ID FROM BASE")
    fresh.run("CREATE VIEW W AS SELECT ID FROM V")
    fresh.run("CREATE OR REPLACE VIEW X AS SELECT ID FROM W")
    fresh.relations["DB", "PUBLIC", "V"] = fresh.relations["DB", "PUBLIC", "X"]
    assert refused(fresh, "SELECT * FROM W").errno in (2037, 1998)


def test_views_nest_twenty_levels_and_not_more(fresh: Account) -> None:
    fresh.run("CREATE VIEW N1 AS SELECT ID FROM BASE")
    for level in range(2, 21):
        fresh.run(f"CREATE VIEW N{level} AS SELECT ID FROM N{level - 1}")
    assert fresh.rows("SELECT * FROM N20") == [(1,)]
    fresh.run("CREATE VIEW N21 AS SELECT ID FROM N20")
    assert refused(fresh, "SELECT * FROM N21").errno == 1998


def test_two_columns_of_one_name_make_no_view(fresh: Account) -> None:
    assert refused(fresh, "CREATE VIEW V AS SELECT ID, ID FROM BASE").errno == 2025


def test_an_expression_without_alias_makes_no_view(fresh: Account) -> None:
    assert refused(fresh, "CREATE VIEW V AS SELECT COUNT(*) FROM BASE").errno == 2022


def test_creating_a_view_reads_no_rows(fresh: Account) -> None:
    fresh.run("CREATE VIEW V AS SELECT NAME::INT AS N FROM BASE")
    assert refused(fresh, "SELECT * FROM V").errno == 100038
