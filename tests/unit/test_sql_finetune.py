"""FINETUNE: what is sent, and every shape of reply that was seen."""

from __future__ import annotations

import json

import pytest

from cortex_resources.errors import ReplyLostError
from cortex_resources.model.effects import Effect
from cortex_resources.model.jobs import JobRecord, Status, TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.sql import finetune

WISH = QualifiedName.parse("DB.ML.M")


def test_only_create_spends_and_only_cancel_destroys() -> None:
    job = TrainingJob(WISH, "llama3.1-8b", "SELECT 1")
    statements = [
        finetune.create(job, "k"),
        finetune.cancel("ft_1"),
        finetune.describe("ft_1"),
        finetune.show(),
    ]
    expected = [Effect.SPEND, Effect.DESTROY, Effect.READ, Effect.READ]
    assert [statement.effect for statement in statements] == expected
    assert [statement.text for statement in statements[1:]] == [
        "SELECT SNOWFLAKE.CORTEX.FINETUNE('CANCEL', 'ft_1') AS REPLY",
        "SELECT SNOWFLAKE.CORTEX.FINETUNE('DESCRIBE', 'ft_1') AS REPLY",
        "SELECT SNOWFLAKE.CORTEX.FINETUNE('SHOW') AS REPLY",
    ]


def test_the_reply_is_the_one_text() -> None:
    assert finetune.reply([{"REPLY": "ft_1"}]) == "ft_1"
    assert finetune.reply([]) == ""


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("PENDING", Status.PENDING),
        ("in_progress", Status.IN_PROGRESS),
        ("RUNNING", Status.IN_PROGRESS),
        ("FAILED", Status.ERROR),
        ("CANCELED", Status.CANCELLED),
        ("WARMING", Status.UNKNOWN),
        ("", Status.UNKNOWN),
    ],
)
def test_spellings_fold_and_an_unknown_word_is_not_terminal(word: str, status: Status) -> None:
    assert finetune.status_of(word) is status


def test_a_list_of_jobs() -> None:
    text = '[{"id": "ft_1", "status": "FAILED", "base_model": "b", "created_on": 5.0}]'
    assert finetune.parse_jobs(text) == [
        JobRecord("ft_1", Status.ERROR, "FAILED", base_model="b", created_on=5)
    ]
    assert finetune.parse_jobs("[]") == []


def test_a_finished_job_with_everything() -> None:
    reply = {
        "id": "ft_1",
        "status": "SUCCESS",
        "progress": 1,
        "base_model": "b",
        "created_on": 1,
        "finished_on": 2,
        "model": "db.ml.m__1",
        "trained_tokens": 10,
        "training_result": {"validation_loss": 1.5, "training_loss": 0.5},
        "training_data": "SELECT 1",
        "validation_data": "",
        "options": {"max_epochs": 3},
        "new_key": {},
    }
    assert finetune.parse_job(json.dumps(reply)) == JobRecord(
        id="ft_1",
        status=Status.SUCCESS,
        word="SUCCESS",
        base_model="b",
        progress=1.0,
        model=QualifiedName.parse("DB.ML.M__1"),
        trained_tokens=10,
        training_loss=0.5,
        validation_loss=1.5,
        training_data="SELECT 1",
        created_on=1,
        finished_on=2,
    )


@pytest.mark.parametrize(
    "result", [[{"training_loss": 9}, {"training_loss": 0.5}], [], "odd", None]
)
def test_losses_may_be_a_list_or_missing(result: object) -> None:
    text = json.dumps({"id": "ft_1", "training_result": result})
    expected = 0.5 if isinstance(result, list) and result else None
    assert finetune.parse_job(text).training_loss == expected


def test_an_error_keeps_code_and_message() -> None:
    text = json.dumps({"id": "ft_1", "status": "ERROR", "error": {"code": "C", "message": "m"}})
    record = finetune.parse_job(text)
    assert (record.error_code, record.error_message) == ("C", "m")


@pytest.mark.parametrize(
    ("echo", "name"),
    [
        ("m__1", "DB.ML.M__1"),
        ("ml.m__1", "DB.ML.M__1"),
        ("other.ml.m__1", "OTHER.ML.M__1"),
        ('"m__1"', 'DB.ML."m__1"'),
    ],
)
def test_an_echo_that_leaves_parts_away_is_beside_the_wish(echo: str, name: str) -> None:
    text = json.dumps({"id": "ft_1", "status": "SUCCESS", "model": echo})
    assert str(finetune.parse_job(text, beside=WISH).model) == name


def test_an_echo_without_a_wish_is_taken_as_it_is() -> None:
    text = json.dumps({"id": "ft_1", "status": "SUCCESS", "model": "m__1"})
    assert str(finetune.parse_job(text).model) == "M__1"


def test_the_reply_of_create_is_the_id() -> None:
    assert finetune.job_id([{"REPLY": "ft_1"}]) == "ft_1"


@pytest.mark.parametrize("rows", [[], [{"REPLY": None}], [{"REPLY": ""}]])
def test_a_create_without_an_id_may_have_started_a_job(rows: list[dict[str, object]]) -> None:
    with pytest.raises(ReplyLostError, match="may have been started"):
        finetune.job_id(rows)
