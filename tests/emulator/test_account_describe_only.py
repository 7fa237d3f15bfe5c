"""A statement that is only described tells its columns and does nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
import snowflake.connector

from cortex_resources.emulator.server import LocalAccount

QUERY = "SELECT PROMPT, COMPLETION FROM LAB.ML.TRAIN"
STATEMENTS = {
    "CREATE DATABASE D": ["status"],
    "CREATE SCHEMA LAB.S": ["status"],
    "CREATE OR REPLACE TABLE LAB.ML.PAIRS (X NUMBER)": ["status"],
    "CREATE TABLE LAB.ML.COPY AS SELECT * FROM LAB.ML.PAIRS": ["status"],
    "CREATE VIEW LAB.ML.V AS SELECT 1 AS N": ["status"],
    "CREATE ROLE R": ["status"],
    "CREATE USER U PASSWORD = 'Abcdefg1'": ["status"],
    "GRANT USAGE ON DATABASE LAB TO ROLE PUBLIC": ["status"],
    "REVOKE USAGE ON DATABASE LAB FROM ROLE PUBLIC": ["status"],
    "ALTER DATABASE LAB RENAME TO OTHER": ["status"],
    "ALTER VIEW LAB.ML.TRAIN SET COMMENT = 'x'": ["status"],
    "ALTER SESSION SET QUERY_TAG = 'x'": ["status"],
    "ALTER USER ADD PROGRAMMATIC ACCESS TOKEN CI": ["token_name", "token_secret"],
    "COMMENT ON DATABASE LAB IS 'x'": ["status"],
    "DROP DATABASE LAB": ["status"],
    "USE ROLE PUBLIC": ["status"],
    "SET X = 1": ["status"],
    "INSERT INTO LAB.ML.PAIRS VALUES (1, 'a', 'b')": ["number of rows inserted"],
    "DELETE FROM LAB.ML.PAIRS": ["number of rows deleted"],
    "TRUNCATE TABLE LAB.ML.PAIRS": ["status"],
    "SHOW ROLES": ["created_on", "name", "is_default", "is_current", "is_inherited"],
    "DESCRIBE VIEW LAB.ML.TRAIN": ["name", "type", "kind", "null?", "default"],
    "SELECT QUESTION, ID + 1 AS N FROM LAB.ML.PAIRS": ["QUESTION", "N"],
    f"SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', 'LAB.ML.M', 'llama3.1-8b', '{QUERY}') AS J": ["J"],
    "BEGIN": ["status"],
}


def _everything(local: LocalAccount) -> str:
    """The account and its sessions, as the admin interface shows them."""
    account = local.account
    tables = account.store.connection.execute(
        "SELECT table_name, estimated_size FROM duckdb_tables() ORDER BY 1"
    ).fetchall()
    sessions = [session.snapshot() for session in account.sessions.all()]
    shown = [
        sorted(str(entity) for entity in account.catalog.everything()),
        sorted(str(grant) for grant in account.grants.all()),
        [str(job) for job in account.fine_tuning.jobs.all()],
        sessions,
        tables,
        str(account.settings),
    ]
    return json.dumps(shown)


def test_it_changes_nothing_and_has_the_right_columns(
    account: LocalAccount, admin: Any, lab: None
) -> None:
    before = _everything(account)
    for statement, wanted in STATEMENTS.items():
        described = [column.name for column in admin.cursor().describe(statement)]
        assert described[: len(wanted)] == wanted, statement
        assert _everything(account) == before, statement
    assert admin.cursor().execute("SELECT COUNT(*) FROM LAB.ML.PAIRS").fetchone() == (40,)


def test_it_fails_as_the_statement_would(admin: Any, lab: None) -> None:
    for statement, errno in {
        "DROP DATABASE NOTHING": 2003,
        "CREATE DATABASE LAB": 2002,
        "SELECT NOTHING FROM LAB.ML.PAIRS": 904,
        "INSERT INTO LAB.ML.NOTHING VALUES (1)": 2003,
    }.items():
        with pytest.raises(snowflake.connector.errors.ProgrammingError) as raised:
            admin.cursor().describe(statement)
        assert raised.value.errno == errno


def test_an_open_transaction_goes_on(sql: Any, admin: Any, lab: None) -> None:
    sql("BEGIN", "INSERT INTO LAB.ML.PAIRS VALUES (99, 'q', 'a')")
    for statement in ("CREATE ROLE R", "COMMIT", "SELECT 1", "DELETE FROM LAB.ML.PAIRS"):
        admin.cursor().describe(statement)
    sql("ROLLBACK")
    assert sql("SELECT COUNT(*) AS n FROM LAB.ML.PAIRS") == [{"N": 40}]
