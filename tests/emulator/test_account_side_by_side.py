"""A long statement of one client stops nobody else, and nothing happens twice beside it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
import snowflake.connector

from cortex_resources.emulator.executor import Executor
from cortex_resources.emulator.request import Request
from cortex_resources.emulator.server import LocalAccount

_LONG = "SELECT COUNT(*) FROM D.PUBLIC.MANY A, D.PUBLIC.MANY B WHERE SQRT(A.N * B.N) > 1e9"

_COUNTED = _LONG.replace("COUNT(*)", "COUNT(*) AS C")


@pytest.fixture
def many(sql: Any) -> None:
    """A table whose square takes long."""
    sql(
        "CREATE DATABASE D",
        "CREATE TABLE D.PUBLIC.MANY AS SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 60000))",
        "CREATE TABLE D.PUBLIC.T (N NUMBER)",
    )


def _until(came: Callable[[], object], what: str) -> None:
    """Wait for another thread: there is no clock of ours to move."""
    deadline = time.monotonic() + 20
    while not came():
        assert time.monotonic() < deadline, f"{what} did not happen in time"
        time.sleep(0.005)


def _began(account: LocalAccount, text: str) -> None:
    """Wait until the engine works on a statement."""
    tickets = account.account.watchdog._tickets
    _until(lambda: any(ticket.connection for ticket in list(tickets)), f"the start of {text}")


@pytest.fixture
def long(account: LocalAccount, connect: Any, many: None) -> Any:
    """Starts a long statement, waits until it runs, and has it cancelled in the end."""
    pool = ThreadPoolExecutor(2)
    futures: list[Future[Any]] = []

    def start(statement: str) -> Future[Any]:
        cursor = connect().cursor()
        futures.append(pool.submit(cursor.execute, statement))
        _began(account, statement)
        return futures[-1]

    yield start
    for ticket in list(account.account.watchdog._tickets):
        for one in ticket.ids:
            account.account.watchdog.cancel(one)
    for future in futures:
        future.exception(timeout=20)
    pool.shutdown()


@pytest.mark.parametrize(
    "statement",
    [
        _LONG,
        f"INSERT INTO D.PUBLIC.T {_LONG}",
        f"DELETE FROM D.PUBLIC.T WHERE N = ({_LONG})",
        f"UPDATE D.PUBLIC.MANY SET N = L.C FROM ({_COUNTED}) L WHERE N = L.C",
        f"CREATE TABLE D.PUBLIC.C AS {_COUNTED}",
        f"SET X = ({_LONG})",
    ],
)
def test_others_read_grant_and_create_beside_a_long_statement(
    long: Any, sql: Any, statement: str
) -> None:
    running = long(statement)
    assert sql("SELECT COUNT(*) AS N FROM D.PUBLIC.T") == [{"N": 0}]
    sql("CREATE ROLE R", "GRANT USAGE ON DATABASE D TO ROLE R", "SHOW GRANTS TO ROLE R")
    assert not running.done(), "the others did not wait for it"


_RUNNING = (
    "SELECT QUERY_TEXT, EXECUTION_STATUS FROM TABLE(D.INFORMATION_SCHEMA.QUERY_HISTORY({}))"
    " WHERE EXECUTION_STATUS = 'RUNNING'"
)


def test_query_history_tells_what_runs_and_not_who_asks(long: Any, sql: Any) -> None:
    running = long(_LONG)
    told = sql(_RUNNING.format(""))
    ended = sql(_RUNNING.format("END_TIME_RANGE_END => CURRENT_TIMESTAMP()"))
    view = sql("SELECT QUERY_TEXT FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY")
    assert not running.done()
    assert told == [{"QUERY_TEXT": _LONG, "EXECUTION_STATUS": "RUNNING"}]
    assert ended == []
    assert {"QUERY_TEXT": _LONG} not in view


def test_a_secret_of_a_statement_that_still_runs_is_not_told(
    account: LocalAccount, connect: Any, sql: Any
) -> None:
    sql("CREATE DATABASE D")
    account.account.faults.set([{"match": "hidden", "action": "latency_ms", "latency_ms": 60_000}])
    statement = "CREATE USER U PASSWORD = 'hidden-words-1'"
    cursor = connect().cursor()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(cursor.execute, statement)
        deadline = time.monotonic() + 20
        while not (told := sql(_RUNNING.format(""))):
            assert time.monotonic() < deadline, "it did not begin"
        for ticket in list(account.account.watchdog._tickets):
            for one in ticket.ids:
                account.account.watchdog.cancel(one)
        running.exception(timeout=20)
    assert "CREATE USER" in str(told)
    assert "hidden" not in str(told)


def test_changes_of_rows_take_turns_and_none_is_lost(account: LocalAccount, connect: Any) -> None:
    first = connect().cursor()
    first.execute("CREATE DATABASE D")
    first.execute("CREATE TABLE D.PUBLIC.T (N NUMBER)")
    first.execute("INSERT INTO D.PUBLIC.T VALUES (0)")

    def count(cursor: Any) -> None:
        for _ in range(10):
            cursor.execute("UPDATE D.PUBLIC.T SET N = N + 1")

    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(count, connect().cursor()) for _ in range(4)]
        for one in done:
            one.result(timeout=60)
    assert first.execute("SELECT N FROM D.PUBLIC.T").fetchall() == [(40,)]


def test_a_repeat_that_comes_while_the_first_runs_waits_for_its_reply(
    account: LocalAccount,
    many: None,
) -> None:
    session = account.account.sessions.all()[0]
    statement = (
        "INSERT INTO D.PUBLIC.T SELECT COUNT(*) FROM D.PUBLIC.MANY A, D.PUBLIC.MANY B"
        " WHERE A.N < 600 AND SQRT(A.N * B.N) > 1e9"
    )
    replies: list[dict[str, Any]] = []

    def send(query_id: str) -> None:
        request = Request(sql=statement, request_id="the-same", query_id=query_id)
        replies.append(Executor(account.account).run(session, request))

    threads = [threading.Thread(target=send, args=(f"q{n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len({reply["data"]["queryId"] for reply in replies}) == 1
    with account.account.store.connection.cursor() as cursor:
        table = next(o for o in account.account.catalog.everything() if o.name == "T")
        assert cursor.execute(f"SELECT count(*) FROM {table.relation}").fetchall() == [(1,)]  # type: ignore[attr-defined]


def test_a_long_statement_is_cancelled_and_its_neighbours_are_not(
    account: LocalAccount, long: Any, sql: Any
) -> None:
    running = long(f"INSERT INTO D.PUBLIC.T {_LONG}")
    ticket = next(t for t in list(account.account.watchdog._tickets) if t.connection)
    assert account.account.watchdog.cancel(next(iter(ticket.ids)))
    with pytest.raises(snowflake.connector.errors.ProgrammingError) as raised:
        running.result(timeout=20)
    assert (raised.value.errno, raised.value.sqlstate) == (604, "57014")
    assert sql("SELECT COUNT(*) AS N FROM D.PUBLIC.T") == [{"N": 0}]


def test_a_statement_that_waits_for_its_turn_ends_when_its_client_gives_up(
    account: LocalAccount, long: Any, connect: Any
) -> None:
    long(f"INSERT INTO D.PUBLIC.T {_LONG}")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(connect().cursor().execute, "INSERT INTO D.PUBLIC.T VALUES (1)")
        tickets = account.account.watchdog._tickets
        _until(lambda: len(tickets) == 2, "the second statement's arrival")
        second = next(t for t in list(tickets) if t.connection is None)
        account.account.watchdog.cancel(next(iter(second.ids)))
        with pytest.raises(snowflake.connector.errors.ProgrammingError, match="canceled"):
            waiting.result(timeout=20)


def test_a_job_that_a_long_statement_started_is_not_taken_back_by_another_one(
    account: LocalAccount, connect: Any, sql: Any, many: None
) -> None:
    sql(
        "CREATE TABLE D.PUBLIC.QA (PROMPT VARCHAR, COMPLETION VARCHAR)",
        "INSERT INTO D.PUBLIC.QA VALUES ('a', 'b')",
    )
    create = "SNOWFLAKE.CORTEX.FINETUNE('CREATE', 'D.PUBLIC.M', 'llama3.1-8b', 'TABLE D.PUBLIC.QA')"
    create = create.replace("TABLE D", "SELECT PROMPT, COMPLETION FROM D")
    many_rows = "D.PUBLIC.MANY A, D.PUBLIC.MANY B WHERE A.N < 3000 AND B.N < 20000"
    submitted = f"(SELECT {create} AS JOB) F"
    query = f"SELECT MIN(F.JOB) FROM {submitted}, {many_rows} AND LENGTH(F.JOB) > A.N - B.N"
    with ThreadPoolExecutor(1) as pool:
        cursor = connect().cursor()
        started = pool.submit(cursor.execute, query)
        beside = connect().cursor()
        ends = time.monotonic() + 60
        while not started.done() and time.monotonic() < ends:
            with contextlib.suppress(snowflake.connector.errors.ProgrammingError):
                beside.execute("CREATE TABLE D.PUBLIC.T (N NUMBER)")
        ((job,),) = started.result(timeout=20).fetchall()
    assert [one.id for one in account.account.fine_tuning.jobs.all()] == [job]


_RELATIONS = "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'main'"


def _relations(account: LocalAccount) -> int:
    with account.account.store.connection.cursor() as cursor:
        ((count,),) = cursor.execute(_RELATIONS).fetchall()
    return int(count)


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    ("form", "told"), [("CREATE TABLE", "already exists"), ("CREATE TABLE IF NOT EXISTS", None)]
)
def test_a_name_that_is_taken_while_the_rows_are_made_stays_with_who_took_it(
    account: LocalAccount, connect: Any, sql: Any, form: str, told: str | None
) -> None:
    shorter = _COUNTED.replace("WHERE", "WHERE A.N < 1000 AND")
    before = _relations(account)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(connect().cursor().execute, f"{form} D.PUBLIC.C AS {shorter}")
        _began(account, form)
        sql("CREATE TABLE D.PUBLIC.C (MINE NUMBER)")
        assert not running.done()
        if told is None:
            assert "statement succeeded" in running.result(timeout=60).fetchall()[0][0]
        else:
            with pytest.raises(snowflake.connector.errors.ProgrammingError, match=told):
                running.result(timeout=60)
    assert [row["name"] for row in sql("DESCRIBE TABLE D.PUBLIC.C")] == ["MINE"]
    assert _relations(account) == before + 1, "nothing is left of the other rows"


def test_a_table_that_is_replaced_while_its_rows_are_read_gets_the_rows_it_had(
    account: LocalAccount, connect: Any, sql: Any, many: None
) -> None:
    sql("INSERT INTO D.PUBLIC.T VALUES (1)")
    query = (
        "SELECT MAX(T.N) AS N FROM D.PUBLIC.T T, D.PUBLIC.MANY A, D.PUBLIC.MANY B"
        " WHERE A.N < 1500 AND SQRT(A.N * B.N) > T.N"
    )
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(
            connect().cursor().execute, f"CREATE OR REPLACE TABLE D.PUBLIC.T AS {query}"
        )
        _began(account, query)
        sql("INSERT INTO D.PUBLIC.T VALUES (5)")
        assert not running.done()
        running.result(timeout=60)
    assert sql("SELECT N FROM D.PUBLIC.T") == [{"N": 1}]
    sql("DROP TABLE D.PUBLIC.T", "UNDROP TABLE D.PUBLIC.T")


def test_select_1_is_answered_at_once_beside_heavy_work(
    account: LocalAccount, connect: Any, sql: Any, long: Any
) -> None:
    long(f"CREATE TABLE D.PUBLIC.C AS {_COUNTED}")
    cursor = connect().cursor()
    taken = []
    for _ in range(20):
        started = time.monotonic()
        cursor.execute("SELECT 1")
        taken.append(time.monotonic() - started)
    assert sorted(taken)[10] < 1, "the median; it would wait for minutes"


def test_others_run_while_a_long_text_is_read(account: LocalAccount, connect: Any) -> None:
    values = ", ".join(f"({n}, 'text number {n}')" for n in range(3_000))
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(connect().cursor().execute, f"SELECT * FROM VALUES {values}")
        beside = connect().cursor()
        answered, ends = 0, time.monotonic() + 60
        while not running.done() and time.monotonic() < ends:
            beside.execute("SELECT 1")
            answered += not running.done()
        assert len(running.result(timeout=20).fetchall()) == 3_000
    assert answered > 2
