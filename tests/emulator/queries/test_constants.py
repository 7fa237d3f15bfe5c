"""Queries whose result depends on their text alone."""

from __future__ import annotations

import duckdb
import pytest

from cortex_resources.emulator.errors import SnowflakeError
from cortex_resources.emulator.queries import constants
from tests.emulator.queries.account import new_account


@pytest.mark.parametrize("sql", ["SELECT 1", "SELECT -1.50 AS X, 'it''s', (1 + 2) * 3, NULL, TRUE"])
def test_a_constant_query_asks_the_engine_once(sql: str) -> None:
    account = new_account()
    first = account.run(sql)
    account.connection.close()
    again = account.run(sql)
    assert (again.columns, again.rows) == (first.columns, first.rows)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT CURRENT_TIMESTAMP()",
        "SELECT RANDOM()",
        "SELECT 1 WHERE FALSE",
        "SELECT DISTINCT 1",
        "SELECT 1 LIMIT 0",
        "SELECT '2026-01-01'::DATE",
        "SELECT 1 UNION ALL SELECT 1",
        "WITH A AS (SELECT 1) SELECT 1",
        "SELECT (SELECT 1)",
    ],
)
def test_every_other_query_is_worked_out_each_time(sql: str) -> None:
    account = new_account()
    account.run(sql)
    assert constants.find(sql) is None
    account.connection.close()
    with pytest.raises((SnowflakeError, duckdb.Error)):
        account.run(sql)
