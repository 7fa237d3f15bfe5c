"""A job is submitted once, whatever other statements and a kill do while its statement runs."""

from __future__ import annotations

import shutil
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import snowflake.connector

from cortex_resources.emulator.errors import SnowflakeError
from cortex_resources.emulator.executor import Executor
from cortex_resources.emulator.request import Request
from cortex_resources.emulator.server import LocalAccount

_CREATE = (
    "SNOWFLAKE.CORTEX.FINETUNE('CREATE', 'D.PUBLIC.M', 'llama3.1-8b',"
    " 'SELECT PROMPT, COMPLETION FROM D.PUBLIC.QA')"
)
# The job is there at once; the statement that submitted it goes on for minutes.
_LONG = (
    f"SELECT MAX(F.JOB) FROM D.PUBLIC.MANY A, D.PUBLIC.MANY B, (SELECT {_CREATE} AS JOB) F"
    " WHERE SQRT(A.N * B.N) > LENGTH(F.JOB)"
)


@pytest.fixture
def local(tmp_path: Path) -> Iterator[LocalAccount]:
    with LocalAccount(tmp_path / "account.duckdb") as account:
        account.account.clock.set_mode("frozen")
        yield account


@pytest.fixture
def cursor(local: LocalAccount) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the connector announces its own future defaults
        connection = snowflake.connector.connect(**local.connection())
    cursor = connection.cursor()
    for statement in (
        "CREATE DATABASE D",
        "CREATE TABLE D.PUBLIC.MANY AS SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 90000))",
        "CREATE TABLE D.PUBLIC.QA (PROMPT VARCHAR, COMPLETION VARCHAR)",
        "INSERT INTO D.PUBLIC.QA VALUES ('a', 'b')",
    ):
        cursor.execute(statement)
    yield cursor
    connection.close()


class _Running:
    """A statement that has submitted its job and goes on."""

    def __init__(self, local: LocalAccount, sql: str) -> None:
        self._account = local.account
        self.request = Request(sql=sql, request_id="the-same", query_id="q1")
        self.session = self._account.sessions.all()[0]
        self._pool = ThreadPoolExecutor(1)
        self.reply: Future[Any] = self._pool.submit(
            Executor(self._account).run, self.session, self.request
        )
        deadline = time.monotonic() + 20
        while not self._account.fine_tuning.jobs.all():
            assert time.monotonic() < deadline, "no job was submitted"
            assert not self.reply.done(), self.reply.exception()
            time.sleep(0.005)

    def end(self) -> None:
        self._account.watchdog.cancel("the-same")
        self.reply.exception(timeout=20)
        self._pool.shutdown()


@pytest.fixture
def running(local: LocalAccount, cursor: Any) -> Iterator[_Running]:
    started = _Running(local, _LONG)
    yield started
    started.end()


def _jobs(local: LocalAccount) -> list[str]:
    return [job.id for job in local.account.fine_tuning.jobs.ever()]


def test_a_neighbour_that_fails_does_not_take_the_job_back(
    local: LocalAccount, cursor: Any, running: _Running
) -> None:
    (job,) = _jobs(local)
    with pytest.raises(snowflake.connector.errors.ProgrammingError, match="already exists"):
        cursor.execute("CREATE TABLE D.PUBLIC.QA (N NUMBER)")
    assert not running.reply.done()
    assert _jobs(local) == [job]
    cursor.execute("SELECT SNOWFLAKE.CORTEX.FINETUNE('DESCRIBE', %s)", [job])


@pytest.mark.parametrize("beside", ["CREATE ROLE R", "SELECT 1"])
def test_a_repeat_after_a_kill_in_the_middle_finds_the_job_and_submits_no_second(
    local: LocalAccount, cursor: Any, running: _Running, tmp_path: Path, beside: str
) -> None:
    (job,) = _jobs(local)
    cursor.execute(beside)
    assert not running.reply.done()
    left = tmp_path / "left.duckdb"
    for ending in ("", ".wal"):  # what a kill would leave
        shutil.copy(tmp_path / f"account.duckdb{ending}", f"{left}{ending}")
    with LocalAccount(left) as again:
        assert _repeated(again, running) == job
        assert _jobs(again) == [job]


def test_a_repeat_after_a_failure_and_a_restart_submits_no_second_job(
    local: LocalAccount, cursor: Any, tmp_path: Path
) -> None:
    running = _Running(local, _LONG)
    (job,) = _jobs(local)
    running.end()
    assert isinstance(running.reply.exception(), SnowflakeError), "the statement was given up"
    local.stop()
    with LocalAccount(tmp_path / "account.duckdb") as again:
        assert _repeated(again, running) == job
        assert _jobs(again) == [job]


def _repeated(again: LocalAccount, running: _Running) -> str:
    """What the same request gets, its long way made short."""
    session = again.account.sessions.get(running.session.id)
    assert session is not None
    executor = Executor(again.account)
    shorter = Request("DELETE FROM D.PUBLIC.MANY WHERE N > 99", "another", "q2")
    executor.run(session, shorter)
    ((found,),) = executor.run(session, replace(running.request, query_id="q3"))["data"]["rowset"]
    return str(found)
