"""Who gets in, as what, and for how long."""

from __future__ import annotations

from typing import Any

import pytest
import snowflake.connector

from cortex_resources.emulator.server import LocalAccount


def test_the_first_user_logs_in_as_accountadmin(connect: Any, run: Any) -> None:
    rows = run(
        connect(), "SELECT CURRENT_ROLE() AS r, CURRENT_USER() AS u, CURRENT_WAREHOUSE() AS w"
    )
    assert rows == [{"R": "ACCOUNTADMIN", "U": "LOCAL_ADMIN", "W": "COMPUTE_WH"}]


def test_a_wrong_password_is_refused(connect: Any) -> None:
    with pytest.raises(snowflake.connector.errors.DatabaseError, match="Incorrect username"):
        connect(password="wrong")


def test_a_role_that_is_not_granted_is_refused(connect: Any, sql: Any) -> None:
    sql("CREATE ROLE STRANGER")
    for role in ("STRANGER", "NOBODY"):
        with pytest.raises(snowflake.connector.errors.DatabaseError, match="not granted"):
            connect(role=role)


def test_a_new_user_logs_in_with_its_own_password_and_role(
    account: LocalAccount, connect: Any, sql: Any, run: Any
) -> None:
    sql(
        "CREATE ROLE TRAINER",
        "CREATE USER ANN PASSWORD = 's3cret' DEFAULT_ROLE = TRAINER",
        "GRANT ROLE TRAINER TO USER ANN",
    )
    assert run(connect(user="ann", password="s3cret"), "SELECT CURRENT_ROLE() AS r") == [
        {"R": "TRAINER"}
    ]
    assert "s3cret" not in str(account.account.store._live)


def test_session_parameters_arrive_as_text_and_false_is_false(connect: Any, run: Any) -> None:
    connection = connect(session_parameters={"AUTOCOMMIT": False, "QUERY_TAG": "nightly"})
    rows = run(connection, "SHOW PARAMETERS LIKE 'AUTOCOMMIT'")
    assert rows[0]["value"] == "false"
    assert run(connection, "SHOW PARAMETERS LIKE 'QUERY_TAG'")[0]["value"] == "nightly"


def test_an_expired_token_is_renewed_without_the_client_noticing(
    account: LocalAccount, connect: Any, run: Any
) -> None:
    connection = connect()
    account.account.faults.set([{"match": "SELECT 7", "action": "expire_token"}])
    assert run(connection, "SELECT 7 AS n") == [{"N": 7}]


def test_a_closed_session_is_gone(account: LocalAccount, connect: Any) -> None:
    before = len(account.account.sessions.all())
    connection = connect()
    assert len(account.account.sessions.all()) == before + 1
    connection.close()
    assert len(account.account.sessions.all()) == before
