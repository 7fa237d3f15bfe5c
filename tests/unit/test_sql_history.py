"""Query history and base models as SQL and back."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from cortex_resources.model.base_models import Lifecycle, Offer
from cortex_resources.model.effects import Effect
from cortex_resources.model.names import QualifiedName
from cortex_resources.sql import base_models, history
from cortex_resources.sql.history import Outcome, Trace

KEY = "0123456789abcdef0123456789abcdef"
MOMENT = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
MS = int(MOMENT.timestamp() * 1000)


def a_row(tag: str, status: str = "SUCCESS", **more: Any) -> dict[str, Any]:
    return {
        "QUERY_ID": "q1",
        "QUERY_TAG": tag,
        "EXECUTION_STATUS": status,
        "START_TIME": MOMENT,
        "END_TIME": None,
        **more,
    }


def test_history_is_searched_by_the_key_alone() -> None:
    statement = history.search(KEY, QualifiedName.parse("DB"))
    assert statement.effect is Effect.READ
    assert f"QUERY_TAG LIKE '%={KEY}%'" in statement.text
    assert "DB.INFORMATION_SCHEMA.QUERY_HISTORY" in statement.text
    assert history.result("q'1").text == "SELECT * FROM TABLE(RESULT_SCAN('q''1'))"


def test_traces_are_read_from_tags() -> None:
    rows = [
        a_row(f"cortex-resources p/s/k key={KEY}.2", END_TIME=MOMENT),
        a_row(f"x removed={KEY}"),
        a_row("somebody's"),
        a_row(f"key={KEY}", START_TIME=None),
    ]
    assert history.parse(rows) == [
        Trace("q1", Outcome.DONE, MS, attempt=2, ended=MS),
        Trace("q1", Outcome.DONE, MS, is_removal=True),
        Trace("q1", Outcome.DONE, 0),
    ]


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("SUCCESS", Outcome.DONE),
        ("FAIL", Outcome.FAILED),
        ("failed_with_error", Outcome.FAILED),
        ("FAILED_WITH_INCIDENT", Outcome.FAILED),
        ("INCIDENT", Outcome.FAILED),
        ("RUNNING", Outcome.RUNNING),
        ("", Outcome.RUNNING),
    ],
)
def test_what_is_no_end_still_runs(word: str, outcome: Outcome) -> None:
    (trace,) = history.parse([a_row(f"key={KEY}", word)])
    assert trace.outcome is outcome


@pytest.mark.parametrize(
    ("word", "lifecycle"),
    [
        ("GA", Lifecycle.GA),
        ("PUPR", Lifecycle.GA),
        ("LEGACY", Lifecycle.LEGACY),
        ("eol", Lifecycle.EOL),
        (None, Lifecycle.UNKNOWN),
        ("SUNSET", Lifecycle.UNKNOWN),
    ],
)
def test_the_lifecycle_of_a_base_model_is_read(word: str | None, lifecycle: Lifecycle) -> None:
    row = {"name": "LLAMA3.1-8B", "lifecycle_status": word, "legacy_date": "2026-08-12"}
    assert base_models.parse([{"name": "x"}, row], "llama3.1-8b") == Offer(
        "llama3.1-8b", lifecycle, "2026-08-12", ""
    )
    assert base_models.show().effect is Effect.READ


def test_a_model_that_is_not_listed_is_unknown_and_not_gone() -> None:
    assert base_models.parse([], "m") == Offer("m")


def test_every_submit_of_ours_is_asked_for_by_the_head_and_the_fields_of_its_tag() -> None:
    statement = history.submits(QualifiedName.parse("DB"))
    assert statement.effect is Effect.READ
    assert "DB.INFORMATION_SCHEMA.QUERY_HISTORY(" in statement.text
    assert "QUERY_TAG LIKE 'cortex-resources % spec=% key=%'" in statement.text
