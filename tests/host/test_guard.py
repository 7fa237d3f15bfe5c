"""The cost guard in front of the one statement that pays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cortex_resources.plan import adoption
from tests.host.conftest import Ear
from tests.host.place import Place, Row
from tests.host.process import Host, RefusedError

MANY = adoption.CANDIDATES + 1
RATE = "1000 credits per million tokens (2026-11-01)"


def _refused(place: Place, match: str, **more: Any) -> None:
    with pytest.raises(RefusedError, match=match):
        Row(place).up(place.job(**more))
    assert place.spent == 0


def test_tokens_credits_and_rows_above_the_budget_are_told_at_once(place: Place) -> None:
    limits: dict[str, Any] = {
        "max_trained_tokens": 1,
        "max_credits": 0.001,
        "max_rows": 1,
        "rate": RATE,
    }
    with pytest.raises(RefusedError) as caught:
        Row(place).up(place.job(**limits))
    text = str(caught.value)
    assert all(f"budget.{name}" in text for name in ("max_trained_tokens", "max_credits"))
    assert "budget.max_rows is 1" in text
    assert "Nothing was submitted" in text
    assert place.spent == 0


def test_rows_that_the_role_cannot_read_are_a_missing_grant_not_a_budget(place: Place) -> None:
    query = f"SELECT PROMPT, COMPLETION FROM {place.db}.ML.NOT_THERE"
    with pytest.raises(RefusedError) as caught:
        Row(place).up(place.job(training_query=query, max_trained_tokens=1_000_000))
    assert "grant SELECT on it" in str(caught.value)
    assert "take out the budget" not in str(caught.value)
    assert place.spent == 0


def test_rows_with_a_null_are_refused_without_any_budget(place: Place) -> None:
    place.sql(f"INSERT INTO {place.db}.ML.PAIRS VALUES (NULL, 'x')")
    _refused(place, "hold a NULL: filter them")


def test_a_training_query_without_rows_is_refused(place: Place) -> None:
    query = f"SELECT Q AS prompt, A AS completion FROM {place.db}.ML.PAIRS WHERE FALSE"
    _refused(place, "gives no rows", training_query=query)


def test_one_running_job_is_enough_where_the_policy_says_so(place: Place) -> None:
    place.made(place.job())
    with pytest.raises(RefusedError, match=r"policy\.max_concurrent_jobs is 1"):
        Row(place).up(place.job("other", model=f"{place.db}.ML.OTHER", max_concurrent_jobs=1))
    place.advance()
    place.made(place.job("other", model=f"{place.db}.ML.OTHER", max_concurrent_jobs=1))
    assert place.spent == 2


def test_a_retrain_waits_for_its_interval_by_the_clock_of_the_account(place: Place) -> None:
    limits: dict[str, Any] = {"min_retrain_interval": 7 * 86_400}
    job, _ = place.trained(**limits)
    with pytest.raises(RefusedError, match="run it again in"):
        job.up(place.job(retrain_token="again", **limits))
    assert place.spent == 1


def test_trainings_of_thirty_days_are_counted(place: Place) -> None:
    job, _ = place.trained(max_retrains_30d=1)
    with pytest.raises(RefusedError, match="in 30 days: 1, policy"):
        job.up(place.job(retrain_token="again", max_retrains_30d=1))
    place.admin.call("clock", {"advance_s": 31 * 86_400})
    assert Row(place).up(place.job(retrain_token="again", max_retrains_30d=1)) == "create"
    assert place.spent == 2


def test_a_cancelled_training_was_paid_and_counts(place: Place) -> None:
    row = place.made(place.job(max_retrains_30d=1))
    place.sql(f"SELECT SNOWFLAKE.CORTEX.FINETUNE('CANCEL', '{row.outs['job_id']}')")
    with pytest.raises(RefusedError, match="in 30 days: 1, policy"):
        row.up(place.job(retrain_token="again", max_retrains_30d=1))
    assert place.spent == 1


def test_trainings_count_however_many_jobs_of_others_came_after_them(place: Place) -> None:
    row, _ = place.trained(max_retrains_30d=1)
    place.sql(f"DROP MODEL {row.outs['model_name']}")
    query = f"SELECT Q AS prompt, A AS completion FROM {place.db}.ML.PAIRS"
    for number in range(MANY):
        name = f"{place.db}.ML.OTHER_{number}"
        place.sql(f"SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', '{name}', 'llama3.1-8b', '{query}')")
    place.advance()
    with pytest.raises(RefusedError, match="in 30 days: 1, policy"):
        row.up(
            place.job(
                retrain_token="again",
                base_model="llama3.1-70b",
                allow_legacy=True,
                max_retrains_30d=1,
            )
        )
    assert place.spent == 1


def test_pairs_longer_than_the_window_are_told_and_trained(
    place: Place, new_host: Callable[..., Host], ear: Ear
) -> None:
    place.sql(f"INSERT INTO {place.db}.ML.PAIRS VALUES (REPEAT('word ', 30000), 'x')")
    Row(place, host=new_host(ear.address)).up(place.job())
    assert place.spent == 1
    assert any("longer than the window of llama3.1-8b" in line for line in ear.lines)
