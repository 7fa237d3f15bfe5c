"""A local account in this process, and the real connector to talk to it."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import snowflake.connector

from cortex_resources.emulator.server import LocalAccount

Connect = Callable[..., Any]
Sql = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def account() -> Iterator[LocalAccount]:
    """An account in memory whose clock stands still."""
    with LocalAccount() as local:
        local.account.clock.set_mode("frozen")
        yield local


@pytest.fixture
def connect(account: LocalAccount) -> Iterator[Connect]:
    """Opens connections of the real connector and closes them all afterwards."""
    opened: list[Any] = []

    def open_connection(**overrides: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the connector announces its own future defaults
            opened.append(snowflake.connector.connect(**account.connection(**overrides)))
        return opened[-1]

    yield open_connection
    for connection in opened:
        connection.close()


@pytest.fixture
def run() -> Callable[..., list[dict[str, Any]]]:
    """Runs one statement on a connection; rows as dictionaries."""
    return rows_of


def rows_of(connection: Any, statement: str, binds: Any = None, **options: Any) -> Any:
    """The rows of a statement by column name."""
    with connection.cursor() as cursor:
        cursor.execute(statement, binds, **options)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture
def admin(connect: Connect) -> Any:
    """A connection of the administrator without secondary roles."""
    connection = connect()
    rows_of(connection, "USE SECONDARY ROLES NONE")
    return connection


@pytest.fixture
def sql(admin: Any) -> Sql:
    """Runs statements as the administrator; the rows of the last one."""

    def run_all(*statements: str, **options: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for statement in statements:
            rows = rows_of(admin, statement, **options)
        return rows

    return run_all


@pytest.fixture
def error(admin: Any) -> Callable[[str], tuple[int, str | None]]:
    """The number and SQLSTATE with which a statement of the administrator fails."""

    def failing(statement: str) -> tuple[int, str | None]:
        with pytest.raises(snowflake.connector.errors.Error) as raised:
            rows_of(admin, statement)
        return raised.value.errno, raised.value.sqlstate

    return failing


@pytest.fixture
def finetune(sql: Sql) -> Callable[..., Any]:
    """Calls FINETUNE with literal arguments; JSON replies are parsed."""

    def call(*arguments: str | None) -> Any:
        literals = ", ".join(
            "NULL" if argument is None else f"$${argument}$$" for argument in arguments
        )
        rows = sql(f"SELECT SNOWFLAKE.CORTEX.FINETUNE({literals}) AS reply")
        text = str(rows[0]["REPLY"])
        return json.loads(text) if text[:1] in "[{" else text

    return call


@pytest.fixture
def lab(sql: Sql) -> None:
    """A database with two schemas and forty pairs to train on."""
    sql(
        "CREATE DATABASE LAB",
        "CREATE SCHEMA LAB.ML",
        "CREATE TABLE LAB.ML.PAIRS (ID NUMBER, QUESTION VARCHAR, ANSWER VARCHAR)",
        "INSERT INTO LAB.ML.PAIRS VALUES "
        + ", ".join(
            f"({n}, 'What does module number{n} do?', 'Module number{n} sorts list {n}.')"
            for n in range(40)
        ),
        "CREATE VIEW LAB.ML.TRAIN AS SELECT QUESTION AS PROMPT, ANSWER AS COMPLETION"
        " FROM LAB.ML.PAIRS",
    )
