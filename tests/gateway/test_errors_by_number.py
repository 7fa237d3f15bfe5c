"""Errors are told apart by their numbers, and what they quote is safe to show."""

from __future__ import annotations

import pytest

from cortex_resources.errors import (
    AccountError,
    ConnectError,
    InvalidQueryError,
    ObjectExistsError,
    ObjectMissingError,
    PrivilegeMissingError,
    ReplyLostError,
    StatementRefusedError,
)
from cortex_resources.gateway import errnos, redaction, refusals, repetition
from cortex_resources.gateway.settings import Settings
from cortex_resources.model.effects import Effect, Statement

VIEW = Statement("CREATE VIEW D.S.V AS SELECT name FROM T WHERE x = 'row-value'", Effect.CHANGE)


class DriverError(Exception):
    """An error shaped like the connector's."""

    def __init__(self, errno: int, sqlstate: str | None = "42000", text: str = "no") -> None:
        super().__init__(f"{errno:06d} ({sqlstate}): {text} (request_id=1f, sfqid=2e)")
        self.errno = errno
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("errno", "made"),
    [
        (2002, ObjectExistsError),
        (2003, ObjectMissingError),
        (2043, ObjectMissingError),
        (3001, PrivilegeMissingError),
        (3003, PrivilegeMissingError),
        (3013, PrivilegeMissingError),
        (904, InvalidQueryError),
        (1003, InvalidQueryError),
        (1044, InvalidQueryError),
        (8, StatementRefusedError),
        (100351, StatementRefusedError),
        (390111, ConnectError),
        (390114, ConnectError),
        (250001, ConnectError),
        (14, ReplyLostError),
        (604, ReplyLostError),
        (630, ReplyLostError),
        (603, ReplyLostError),
        (300002, ReplyLostError),
        (251007, ReplyLostError),
        (290503, ReplyLostError),
        (-1, ReplyLostError),
    ],
)
def test_every_known_number_has_its_class(errno: int, made: type[AccountError]) -> None:
    found = refusals.of_statement(DriverError(errno), VIEW, "R")
    assert type(found) is made
    assert found.errno == errno
    assert found.hint
    assert "\n" not in found.what


def test_the_connectors_low_numbers_are_no_answer_of_the_account() -> None:
    for errno in (4, 6):
        assert type(refusals.of_statement(DriverError(errno, None), VIEW, "R")) is ReplyLostError


def test_a_read_without_an_answer_changed_nothing_and_says_so() -> None:
    read = Statement("SHOW ROLES", Effect.READ)
    assert type(refusals.of_statement(DriverError(4, None), read, "")) is ConnectError
    late = refusals.of_statement(DriverError(14, "HYT00"), read, "")
    assert type(late) is StatementRefusedError
    assert "CORTEX_RESOURCES_QUERY_TIMEOUT" in late.hint


def test_a_spend_without_an_answer_says_that_the_next_run_takes_the_job_over() -> None:
    spend = Statement("SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', 'M')", Effect.SPEND)
    found = refusals.of_statement(DriverError(4, None), spend, "R")
    assert "sent once and is not sent again" in found.what
    assert "takes over a job that did start" in found.hint


@pytest.mark.parametrize("errno", sorted(errnos.CREDENTIALS))
def test_every_refused_login_says_what_is_wrong(errno: int) -> None:
    settings = Settings("team", "connections.toml", "acc", user="ANN", password="hunter2-planted")
    found = refusals.of_login(DriverError(errno), settings, "R")
    assert 'connection "team"' in found.what
    assert found.hint
    assert "hunter2-planted" not in str(found)


def test_a_refused_role_prints_the_grant() -> None:
    settings = Settings("team", "connections.toml", "acc", user="ANN")
    found = refusals.of_login(DriverError(errnos.ROLE_REFUSED), settings, "TRAINER")
    assert found.hint == "GRANT ROLE TRAINER TO USER ANN"


@pytest.mark.parametrize("effect", [Effect.CHANGE, Effect.SPEND, Effect.DESTROY])
@pytest.mark.parametrize("errno", [4, 6, 14, 250001, 250003, 290503, 2003])
def test_only_a_read_is_ever_repeatable(effect: Effect, errno: int) -> None:
    assert not repetition.is_repeatable(DriverError(errno, None), effect)


@pytest.mark.parametrize(
    ("errno", "sqlstate", "repeatable"),
    [
        (4, None, True),
        (6, None, True),
        (errnos.REPETITION_REFUSED, None, True),
        (290503, "08001", True),
        (14, "HYT00", False),
        (8, "0A000", False),
        (2003, "02000", False),
        (390100, "28000", False),
    ],
)
def test_a_read_is_repeated_when_it_was_lost_not_when_it_was_refused(
    errno: int, sqlstate: str | None, repeatable: bool
) -> None:
    assert repetition.is_repeatable(DriverError(errno, sqlstate), Effect.READ) is repeatable


# -- what may be shown ----------------------------------------------------------------------


def shown(text: str, statement: str = VIEW.text, errno: int = 2003, sqlstate: str = "42S02") -> str:
    return redaction.message(text, statement, errno=errno, sqlstate=sqlstate)


def test_names_of_our_own_statement_stay() -> None:
    text = (
        "002003 (42S02): SQL compilation error:\nObject 'D.S.V' does not exist or not authorized."
    )
    assert shown(text) == "Object 'D.S.V' does not exist or not authorized."


def test_anything_else_in_quotes_goes() -> None:
    assert shown("Object 'PATIENT.Smith' already exists.") == "Object '…' already exists."


def test_a_literal_of_our_statement_is_not_a_name() -> None:
    assert shown("invalid value 'row-value' here") == "invalid value '…' here"


@pytest.mark.parametrize(
    "text",
    [
        "Numeric value 'planted' is not recognized",
        "Failed to cast variant value planted to FIXED",
        'Failed to cast variant value "planted" to FIXED',
        "Error parsing JSON: unknown keyword planted, pos 4",
        "Duplicate row detected during DML action Row Values: [planted, 4]",
        "Date 'planted' is not recognized",
        "String 'planted' is too long and would be truncated",
        "Numeric value 'planted",
    ],
)
def test_values_from_rows_never_get_out(text: str) -> None:
    assert "planted" not in shown(text, errno=100038, sqlstate="22018")
    assert "planted" not in shown(text, errno=100071, sqlstate="")


def test_ids_of_the_request_are_no_part_of_a_message() -> None:
    assert shown("000904 (42000): invalid identifier (request_id=1f, sfqid=2e)") == (
        "invalid identifier"
    )


def test_a_statement_is_shown_without_its_literals_and_comments() -> None:
    text = "SELECT FINETUNE('CREATE', $$SELECT secret$$) -- planted\n/* planted */ FROM T"
    assert redaction.statement(text) == "SELECT FINETUNE('…', $$…$$) FROM T"


def test_a_long_statement_is_cut() -> None:
    assert len(redaction.statement("SELECT " + "a, " * 1000)) < 310
