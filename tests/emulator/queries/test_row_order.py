"""Rows of a product of relations come as the relations are written."""

from __future__ import annotations

import pytest

from tests.emulator.queries.account import Account, new_account

QUERIES = (
    "FROM N, LATERAL FLATTEN(N.V) F",
    "FROM N, TABLE(FLATTEN(N.V)) F WHERE F.INDEX > 0 AND N.ID % 3 = 1",
    "FROM N LEFT JOIN LATERAL FLATTEN(N.V) F",
    "FROM N CROSS JOIN TABLE(FLATTEN(PARSE_JSON('[7, 8, 9]'))) F",
    "FROM N JOIN M ON N.ID = M.ID, LATERAL FLATTEN(N.V) F",
    "FROM (SELECT * FROM N WHERE ID > 10) N, LATERAL FLATTEN(N.V) F JOIN M ON M.ID = N.ID",
    "FROM N, (SELECT SEQ4() AS INDEX FROM TABLE(GENERATOR(ROWCOUNT => 3))) F",
)


@pytest.fixture(scope="module")
def rows() -> Account:
    """Tables of more rows than the engine works on at once."""
    found = new_account()
    found.run("CREATE TABLE N (ID NUMBER, V VARIANT)")
    many = "FROM TABLE(GENERATOR(ROWCOUNT => 5000))"
    found.run(f"INSERT INTO N SELECT SEQ4(), PARSE_JSON('[4, 5, 6]') {many}")
    found.run("CREATE TABLE M (ID NUMBER)")
    found.run(f"INSERT INTO M SELECT SEQ4() {many}")
    return found


@pytest.mark.parametrize("source", QUERIES)
def test_the_left_row_comes_first_then_the_element(rows: Account, source: str) -> None:
    found = rows.rows(f"SELECT N.ID, F.INDEX {source}")
    assert len(found) > 3000
    assert found == sorted(found)


def test_a_limit_on_a_product_does_not_make_all_its_rows(rows: Account) -> None:
    """25 billion rows would take minutes."""
    found = rows.rows("SELECT N.ID, F.INDEX FROM N, LATERAL FLATTEN(N.V) F, M A, M B LIMIT 5")
    assert len(found) == 5
