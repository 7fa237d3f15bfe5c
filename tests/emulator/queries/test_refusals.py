"""What is not supported or not right is refused by number, in Snowflake's words."""

from __future__ import annotations

import re

import pytest

from cortex_resources.emulator.errors import SnowflakeError
from cortex_resources.emulator.queries.callbacks.budget import Budget
from cortex_resources.emulator.queries.faults import Fault
from tests.emulator.queries.account import Account

CASES = [
    ("SELECT nope FROM T", 904, "42000", "invalid identifier 'NOPE'"),
    ("SELECT x.ID FROM T", 904, "42000", "invalid identifier 'X.ID'"),
    ("SELECT * FROM NOPE", 2003, "42S02", "does not exist or not authorized"),
    ("SELEC 1", 1003, "42000", "syntax error"),
    ("SELECT 1 +", 1003, "42000", "syntax error"),
    ("SELECT 'abc", 1003, "42000", "syntax error"),
    ("SELECT 1; SELECT 2", 8, "0A000", "Actual statement count 2"),
    ("SELECT NOPE(1)", 2140, "42601", "Unknown function NOPE"),
    ("SELECT read_text('/etc/passwd')", 2140, "42601", "Unknown function"),
    ("SELECT * FROM read_csv('/etc/passwd')", 2140, "42601", "Unknown function"),
    ("SELECT * FROM '/etc/passwd'", 2003, "42S02", "does not exist"),
    ("SELECT getenv('HOME')", 2140, "42601", "Unknown function"),
    ("SELECT current_setting('threads')", 2140, "42601", "Unknown function"),
    ("SELECT sf_get('{}', '[]')", 2140, "42601", "Unknown function"),
    ("SELECT * FROM duckdb_tables()", 2140, "42601", "Unknown function"),
    ("SELECT LEFT('a')", 938, "22023", "not enough arguments"),
    ("SELECT LEFT('a', 1, 2)", 939, "22023", "too many arguments"),
    ("SELECT 1 / 0", 100051, "22012", "Division by zero"),
    ("SELECT MOD(1.5, 0)", 100051, "22012", "Division by zero"),
    ("SELECT 'abc'::INT", 100038, "22018", "Numeric value 'abc' is not recognized"),
    ("SELECT 'abc'::DATE", 100040, "22007", "Date 'abc' is not recognized"),
    ("SELECT 'abc'::TIMESTAMP", 100035, "22007", "Timestamp 'abc' is not recognized"),
    ("SELECT 'abc'::BOOLEAN", 100037, "22018", "Boolean value 'abc' is not recognized"),
    ("SELECT 1234::NUMBER(3,0)", 100046, "22003", "out of representable range"),
    ("SELECT PARSE_JSON('{')", 100069, "22P02", "Error parsing JSON"),
    (
        "SELECT PARSE_JSON('\"x\"')::INT",
        100071,
        "22000",
        'Failed to cast variant value "x" to FIXED',
    ),
    ("SELECT (SELECT ID FROM T)", 90150, "22000", "more than one row"),
    ("SELECT ID, COUNT(*) FROM T", 979, "42601", "not a valid group by expression"),
    ("SELECT ID FROM T WHERE COUNT(*) > 1", 2035, "42601", "Invalid aggregate function"),
    ("SELECT a.ID FROM T a, T b WHERE ID = 1", 2028, "42601", "ambiguous column name 'ID'"),
    ("SELECT 1 UNION SELECT 1, 2", 1789, "42601", "invalid number of result columns"),
    ("SELECT ROW_NUMBER() FROM T", 2303, "42601", "requires an OVER clause"),
    ("SELECT $nope", 2211, "42S22", "Session variable '$NOPE' does not exist"),
    ("SELECT DATEADD(week, 2, DATE '9999-12-31')", 100046, "22003", "out of range"),
    ("SELECT DATEADD(week, 2, '9999-12-31 00:00:00'::TIMESTAMP)", 100046, "22003", "out of range"),
    ("SELECT 1::GEOGRAPHY", 2, "0A000", "data type GEOGRAPHY"),
    ("SELECT 'a' COLLATE 'en-ci'", 2, "0A000", "COLLATE"),
    ("SELECT TRANSFORM([1], 2)", 1044, "42P13", "Invalid lambda expression"),
    ("SELECT * FROM T AT(OFFSET => -60)", 2, "0A000", "time travel"),
    ("SELECT ID FROM T START WITH ID = 1 CONNECT BY PRIOR ID = ID", 2, "0A000", "CONNECT BY"),
    ("SELECT ID FROM T SAMPLE (3 ROWS) SEED (1)", 2093, "42601", "fixed-size sampling"),
    ("SELECT MAX(ID) FILTER (WHERE TRUE) FROM T", 2, "0A000", "FILTER"),
    ("SELECT SUM(ID) WITHIN GROUP (ORDER BY ID) FROM T", 1003, "42000", "WITHIN GROUP"),
    ("SELECT MAX(ID IGNORE NULLS) FROM T", 1003, "42000", "IGNORE NULLS"),
    ("SELECT REGEXP_LIKE('a', '(')", 100048, "2201B", "Invalid regular expression"),
    ("SELECT REPEAT('x', 100000000)", 100078, "22000", "too long"),
]


@pytest.mark.parametrize(
    ("sql", "errno", "sqlstate", "words"), CASES, ids=[case[0][:60] for case in CASES]
)
def test_a_statement_is_refused_by_number(
    account: Account, sql: str, errno: int, sqlstate: str, words: str
) -> None:
    with pytest.raises(SnowflakeError, match=re.escape(words)) as caught:
        account.run(sql)
    assert (caught.value.errno, caught.value.sqlstate) == (errno, sqlstate)
    assert not re.search(r"DuckDB|duckdb|Binder|Catalog|sqlglot|LINE 1", caught.value.message)


def test_a_message_names_the_value_of_the_row_and_nothing_of_the_engine(account: Account) -> None:
    with pytest.raises(SnowflakeError) as caught:
        account.run("SELECT (NAME || '-x')::NUMBER FROM T")
    assert caught.value.message == "Numeric value 'a-x' is not recognized"


def test_a_statement_that_produces_too_much_is_stopped() -> None:
    budget = Budget(most=200_000)
    assert budget.charged("x" * 100_000) == "x" * 100_000
    assert budget.charged("small" * 1000) == "small" * 1000
    with pytest.raises(Fault, match="more memory"):
        budget.charged("x" * 150_000)
    budget.restart()
    assert len(budget.charged([0] * 500)) == 500
