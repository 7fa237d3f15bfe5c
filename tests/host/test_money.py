"""At most one paid job for one spec, whatever is lost, killed, stale or ambiguous."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from tests.host.conftest import Ear
from tests.host.place import Place, Row, until
from tests.host.process import Host, RefusedError


def _killed_while(place: Place, host: Host, came: Callable[[], bool]) -> None:
    """Create a job, and kill the host at a moment of its create."""

    def create() -> None:
        with pytest.raises(RefusedError):
            Row(place, host=host).up(place.job())

    thread = threading.Thread(target=create)
    thread.start()
    try:
        until(came)
    finally:
        host.kill()
        thread.join(timeout=30)
        place.admin.call("faults", method="DELETE")


def test_a_create_pays_last_looks_once_for_another_run_and_does_not_wait(place: Place) -> None:
    row = place.made(place.job())
    assert row.outs["status"] == "PENDING"
    *_, paid, listed, looked = place.statements()
    assert "FINETUNE('CREATE'" in paid
    assert "FINETUNE('SHOW')" in listed
    assert f"FINETUNE('DESCRIBE', '{row.outs['job_id']}')" in looked
    assert place.spent == 1


def test_a_job_whose_reply_was_lost_is_adopted_at_once(place: Place) -> None:
    place.fault(match=f"'CREATE', '{place.db}", when="after", action="drop")
    row = place.made(place.job())
    assert place.spent == 1
    assert [row.outs["job_id"]] == [job["id"] for job in place.jobs()]


def test_a_reply_lost_twice_is_one_job(place: Place) -> None:
    place.fault(match=f"'CREATE', '{place.db}", when="after", action="drop")
    place.fault(match=r"FINETUNE\('SHOW'\)", when="before", action="error", after_n=1)
    row = Row(place)
    with pytest.raises(RefusedError):
        row.up(place.job())
    assert row.up(place.job()) == "create"
    assert place.spent == 1
    assert row.outs["job_id"] == place.jobs()[0]["id"]


def test_a_host_killed_before_the_reply_leaves_one_job_for_the_next_create(
    place: Place, new_host: Callable[..., Host]
) -> None:
    place.fault(match=f"'CREATE', '{place.db}", when="after", latency_ms=3000)
    _killed_while(place, new_host(), lambda: len(place.jobs()) == 1)
    row = place.made(place.job())
    assert place.spent == 1
    assert row.outs["adopted"] is True


def test_a_host_killed_before_it_pays_leaves_the_payment_to_the_next_create(
    place: Place, new_host: Callable[..., Host]
) -> None:
    place.fault(match=r"FINETUNE\('SHOW'\)", when="after", latency_ms=3000)
    shown = r"FINETUNE('SHOW')"
    _killed_while(place, new_host(), lambda: len(place.statements(word=shown)) == 1)
    assert place.spent == 0
    place.made(place.job())
    assert place.spent == 1


def test_two_live_jobs_of_one_spec_are_named_and_nothing_is_paid(place: Place) -> None:
    row = place.made(place.job())
    place.account.seed(place.statements("SPEND")[0])
    _, failures = place.host.check(place.job())
    with pytest.raises(RefusedError) as refused:
        place.host.create(row.inputs)
    for job in place.jobs():
        assert job["id"] in failures[0][1]
        assert job["id"] in str(refused.value)
    assert place.spent == 1


def test_a_job_that_cannot_be_looked_into_stops_the_create_instead_of_paying_again(
    place: Place,
) -> None:
    row = place.made(place.job())
    row.lost()
    place.fault(match="'DESCRIBE'", action="error", errno=604, sqlstate="57014", times=0)
    with pytest.raises(RefusedError, match="took too long"):
        row.up(place.job())
    assert place.spent == 1


def test_our_live_job_is_found_behind_many_newer_ones(place: Place) -> None:
    row = place.made(place.job())
    query = f"SELECT Q AS prompt, A AS completion FROM {place.db}.ML.PAIRS"
    for number in range(21):
        place.advance(1)
        place.account.seed(
            f"SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', '{place.db}.ML.OTHER{number}',"
            f" 'llama3.1-8b', '{query}')"
        )
        job = place.jobs()[-1]["id"]
        place.account.seed(f"SELECT SNOWFLAKE.CORTEX.FINETUNE('CANCEL', '{job}')")
    for number in range(5):
        place.account.seed(
            f"SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', '{place.db}.ML.LIVE{number}',"
            f" 'llama3.1-8b', '{query}')"
        )
    row.lost()
    assert row.up(place.job()) == "create"
    assert place.spent == 1


def test_a_claimed_model_is_adopted_after_state_and_record_are_gone(place: Place) -> None:
    job, row = place.trained()
    place.admin.call("collect", {"job": job.outs["job_id"]})
    job.lost()
    row.lost()
    assert job.up(place.job()) == "create"
    assert job.outs["adopted"] is True
    assert row.up(place.artifact(job)) == "create"
    assert row.outs["phase"] == "READY"
    assert place.spent == 1


def test_a_status_read_before_the_wait_does_not_hide_the_model_after_it(place: Place) -> None:
    job = place.made(place.job())
    assert job.refresh()
    place.advance()
    row = place.made(place.artifact(job))
    assert row.outs["phase"] == "READY"
    assert row.outs["is_claimed"] is True


def test_a_job_that_ended_between_two_runs_is_claimed_by_the_next(place: Place) -> None:
    job = place.made(place.job())
    row = place.made(place.artifact(job))
    assert row.outs["phase"] == "TRAINING"
    place.advance()
    place.host.create(place.roles(f"ROLE {place.db}_TRAINER"))
    assert row.refresh()
    assert place.host.diff(row.id, row.outs, row.inputs)[0] == "some"
    assert row.up(place.artifact(job)) == "update"
    assert row.outs["phase"] == "READY"
    assert row.outs["is_claimed"] is True


def test_a_failed_job_is_not_repeated_by_itself(place: Place) -> None:
    place.fault(match=f"'CREATE', '{place.db}", action="fail_job", message="no luck")
    job = place.made(place.job())
    place.advance()
    for _ in range(2):
        with pytest.raises(RefusedError, match="new retrain_token"):
            place.host.create(Row(place).checked(place.artifact(job)))
    assert job.up(place.job()) == "same"
    assert place.spent == 1


@pytest.mark.parametrize("ending", ["failed", "cancelled", "lost"])
def test_a_job_that_ended_badly_after_an_asynchronous_run_is_named_by_the_next_refresh(
    place: Place, ear: Ear, new_host: Callable[..., Host], ending: str
) -> None:
    place = Place(place.account, new_host(engine=ear.address), place.db, place.start)
    if ending == "failed":
        place.fault(match=f"'CREATE', '{place.db}", action="fail_job", message="no luck")
    job = place.made(place.job())
    row = place.made(place.artifact(job))
    id_ = job.outs["job_id"]
    if ending == "cancelled":
        place.account.seed(f"SELECT SNOWFLAKE.CORTEX.FINETUNE('CANCEL', '{id_}')")
    place.advance()
    if ending == "lost":
        place.sql(f"DROP MODEL {job.inputs['model_name']}")
        place.admin.call("collect", {"job": id_})
    ear.lines.clear()
    assert row.refresh()
    assert any(id_ in line and "retrain_token" in line for line in ear.lines), ear.lines
    if ending == "lost":
        _, failures = place.host.check(place.artifact(job), row.inputs)
        assert "neither the job's record nor a model" in str(failures)
    else:
        assert row.up(place.artifact(job)) == "same"
    assert place.spent == 1


def test_a_cancelled_job_is_not_repeated_by_itself(place: Place) -> None:
    job = place.made(place.job())
    place.account.seed(f"SELECT SNOWFLAKE.CORTEX.FINETUNE('CANCEL', '{job.outs['job_id']}')")
    with pytest.raises(RefusedError, match="was cancelled; nothing"):
        place.host.create(Row(place).checked(place.artifact(job)))
    assert place.spent == 1


def test_a_model_and_its_job_that_are_both_gone_are_said_and_not_trained_again(
    place: Place,
) -> None:
    job = place.made(place.job())
    place.advance()
    place.sql(f"DROP MODEL {job.inputs['model_name']}")
    place.admin.call("collect", {"job": job.outs["job_id"]})
    with pytest.raises(RefusedError, match="is gone"):
        place.host.create(Row(place).checked(place.artifact(job)))
    assert place.spent == 1


def test_a_record_that_is_collected_after_its_success_changes_nothing(place: Place) -> None:
    job, row = place.trained()
    place.admin.call("collect", {"job": job.outs["job_id"]})
    assert job.refresh()
    assert row.refresh()
    assert job.up(place.job()) == "same"
    assert row.up(place.artifact(job)) == "same"
    assert row.outs["phase"] == "READY"
    assert place.spent == 1
