"""A statement is stopped by its id and a session by its number; nobody stops those of others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import snowflake.connector

from cortex_resources.emulator.server import LocalAccount

_LONG = "SELECT COUNT(*) FROM D.PUBLIC.MANY A, D.PUBLIC.MANY B WHERE SQRT(A.N * B.N) > 1e9"
Start = Callable[[Any], str]


@pytest.fixture
def start(account: LocalAccount, sql: Any) -> Iterator[Start]:
    """Starts a long statement on a connection and gives its id once the engine works on it."""
    sql(
        "CREATE DATABASE D",
        "CREATE TABLE D.PUBLIC.MANY AS SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 60000))",
    )
    watchdog = account.account.watchdog

    def begin(connection: Any) -> str:
        cursor = connection.cursor()
        cursor.execute_async(_LONG)
        deadline = time.monotonic() + 20
        while not any(ticket.connection for ticket in list(watchdog._tickets)):
            assert time.monotonic() < deadline, "the statement did not begin"
            time.sleep(0.005)
        return str(cursor.sfqid)

    yield begin
    watchdog.cancel()


def _value(connection: Any, statement: str) -> Any:
    return connection.cursor().execute(statement).fetchone()[0]


def _ended(connection: Any, query_id: str) -> Exception:
    """The error of a statement; the connector tells it when it is asked, or with the first row."""
    with pytest.raises(snowflake.connector.errors.Error) as failed:
        _fetch(connection.cursor(), query_id)
    return failed.value


def _fetch(cursor: Any, query_id: str) -> None:
    cursor.get_results_from_sfqid(query_id)
    cursor.fetchone()


def test_a_statement_is_cancelled_by_its_id_from_another_session(
    connect: Any, start: Start
) -> None:
    runs, other = connect(), connect()
    query = start(runs)

    answer = _value(other, f"SELECT SYSTEM$CANCEL_QUERY('{query}')")

    assert answer == f"query [{query}] terminated."
    assert "SQL execution canceled" in str(_ended(runs, query))
    again = _value(other, f"SELECT SYSTEM$CANCEL_QUERY('{query}')")
    assert again == "Identified SQL statement is not currently executing."


def test_a_described_cancellation_cancels_nothing(connect: Any, start: Start) -> None:
    runs, other = connect(), connect()
    query = start(runs)

    other.cursor().describe(f"SELECT SYSTEM$CANCEL_QUERY('{query}')")
    other.cursor().describe(f"SELECT SYSTEM$ABORT_SESSION({runs.session_id})")

    assert runs.is_still_running(runs.get_query_status(query))


def test_another_user_cancels_nothing(connect: Any, sql: Any, start: Start) -> None:
    sql("CREATE USER EVE PASSWORD = 'Long-enough-1'")
    runs, eve = connect(), connect(user="EVE", password="Long-enough-1", role=None)
    query = start(runs)

    answer = _value(eve, f"SELECT SYSTEM$CANCEL_QUERY('{query}')")

    assert answer == "Identified SQL statement is not currently executing."
    for call in ("CANCEL_ALL_QUERIES", "ABORT_SESSION"):
        with pytest.raises(snowflake.connector.errors.ProgrammingError) as refused:
            _value(eve, f"SELECT SYSTEM${call}({runs.session_id})")
        assert refused.value.errno == 3001
    assert runs.is_still_running(runs.get_query_status(query))


def test_all_statements_of_a_session_are_cancelled(connect: Any, start: Start) -> None:
    runs, other = connect(), connect()
    query = start(runs)

    answer = _value(other, f"SELECT SYSTEM$CANCEL_ALL_QUERIES({runs.session_id})")

    assert answer == "1 cancelled."
    assert "SQL execution canceled" in str(_ended(runs, query))
    assert _value(runs, "SELECT 1") == 1


def test_an_aborted_session_is_gone_with_its_transaction(
    connect: Any, sql: Any, start: Start
) -> None:
    ends, other = connect(), connect()
    sql("CREATE TABLE D.PUBLIC.T (N NUMBER)")
    ends.cursor().execute("BEGIN")
    ends.cursor().execute("INSERT INTO D.PUBLIC.T VALUES (1)")

    answer = _value(other, f"SELECT SYSTEM$ABORT_SESSION({ends.session_id})")

    assert answer == f"session [{ends.session_id}] terminated."
    with pytest.raises(snowflake.connector.errors.Error) as gone:
        _value(ends, "SELECT 1")
    assert "390111" in str(gone.value) or "Session no longer exists" in str(gone.value)
    assert _value(other, "SELECT COUNT(*) FROM D.PUBLIC.T") == 0
    with pytest.raises(snowflake.connector.errors.ProgrammingError):
        _value(other, f"SELECT SYSTEM$ABORT_SESSION({ends.session_id})")


def test_a_heartbeat_of_an_aborted_session_says_that_it_is_gone(
    account: LocalAccount, connect: Any
) -> None:
    ends, other = connect(), connect()
    assert ends.is_valid()

    _value(other, f"SELECT SYSTEM$ABORT_SESSION({ends.session_id})")

    assert not ends.is_valid()
    assert ends.session_id not in {one.id for one in account.account.sessions.all()}
