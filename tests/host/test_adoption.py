"""What is found again, and what takes another's place, over a real host and account."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.host.conftest import Ear
from tests.host.place import Place, Row, until
from tests.host.process import Host, RefusedError


def _failing(place: Place, code: str) -> Row:
    place.fault(match=f"'CREATE', '{place.db}", action="fail_job", code=code, message="no luck")
    row = place.made(place.job(on_failure="retry"))
    place.advance()
    assert row.refresh()
    return row


def test_a_job_that_failed_while_its_state_was_lost_is_found_in_history_and_not_paid_again(
    place: Place,
) -> None:
    place.fault(match=f"'CREATE', '{place.db}", action="fail_job", message="no luck")
    row = place.made(place.job())
    job = row.outs["job_id"]
    place.advance()
    row.lost()
    assert row.up(place.job()) == "create"
    assert (row.outs["job_id"], row.outs["status"]) == (job, "ERROR")
    assert place.spent == 1


def test_a_destroyed_failure_is_paid_again_when_it_is_declared_again(place: Place) -> None:
    place.fault(match=f"'CREATE', '{place.db}", action="fail_job", message="no luck")
    row = place.made(place.job())
    place.advance()
    row.delete()
    row.lost()
    place.advance(1)
    assert row.up(place.job()) == "create"
    assert place.spent == 2


def test_a_transient_failure_is_repeated_once_by_a_replacement_that_the_diff_shows(
    place: Place,
) -> None:
    row = _failing(place, "UNAVAILABLE")
    changes, replaces = place.host.diff(
        row.id, row.outs, row.checked(place.job(on_failure="retry"))
    )
    assert (changes, replaces) == ("unknown", ["ended"])
    assert row.up(place.job(on_failure="retry")) == "replace"
    assert row.outs["attempt"] == 2
    assert place.spent == 2
    assert " attempt 2 " in place.statements("SPEND")[-1]


def test_an_error_that_would_come_again_is_not_repeated(place: Place) -> None:
    row = _failing(place, "INVALID_PARAMETER_VALUE")
    assert row.up(place.job(on_failure="retry")) == "same"
    assert place.spent == 1


def test_an_edit_while_a_job_runs_cancels_it_before_the_new_one_is_paid(place: Place) -> None:
    row = place.made(place.job())
    assert row.up(place.job(max_epochs=3)) == "replace"
    sent = [s for s in place.changes() if "FINETUNE" in s]
    assert ["CREATE" in s for s in sent] == [True, False, True]
    assert sorted(job["status"] for job in place.jobs()) == ["CANCELLED", "PENDING"]


def test_a_legacy_base_model_is_refused_by_the_check_and_an_existing_job_is_not(
    place: Place,
) -> None:
    _, failures = place.host.check(place.job(base_model="mistral-7b"))
    assert [key for key, _ in failures] == ["base_model"]
    row = place.made(place.job(base_model="mistral-7b", allow_legacy=True))
    assert row.up(place.job(base_model="mistral-7b", allow_legacy=True)) == "same"


def test_a_state_written_before_the_policies_shows_no_change(place: Place) -> None:
    row = place.made(place.job())
    younger = ("attempt", "idempotency_key", "data_fingerprint", "data_seen")
    row.outs = {key: value for key, value in row.outs.items() if key not in younger}
    assert row.up(place.job()) == "same"


def test_a_model_of_another_owner_is_served_never_marked_never_dropped(place: Place) -> None:
    place.sql(
        "CREATE ROLE {db}_OTHER; GRANT USAGE ON DATABASE {db} TO ROLE {db}_TRAINER;"
        "GRANT USAGE, CREATE MODEL ON SCHEMA {db}.ML TO ROLE {db}_TRAINER;"
        "GRANT SELECT ON TABLE {db}.ML.PAIRS TO ROLE {db}_TRAINER"
    )
    trainer = f"{place.db}_TRAINER"
    job = place.made(place.job())
    place.advance()
    name = job.inputs["model_name"]
    place.sql(f"GRANT OWNERSHIP ON MODEL {name} TO ROLE {{db}}_OTHER")
    place.sql(f"GRANT USAGE ON MODEL {name} TO ROLE {{db}}_TRAINER")
    row = place.made(place.artifact(job, role=trainer))
    assert (row.outs["phase"], row.outs["is_borrowed"]) == ("READY", True)
    assert place.model(name)["comment"] in (None, "")
    row.delete()
    assert place.models() == [name]


def test_nothing_is_paid_while_query_history_does_not_answer(place: Place) -> None:
    row = place.made(place.job())
    row.lost()
    place.fault(match="QUERY_HISTORY", action="error", errno=604, sqlstate="57014")
    place.advance()
    place.sql("DROP MODEL " + str(Row(place).checked(place.job())["model_name"]))
    place.fault(match="QUERY_HISTORY", action="error", errno=604, sqlstate="57014", times=0)
    with pytest.raises(RefusedError, match="took too long"):
        row.up(place.job())
    assert place.spent == 1


def test_a_model_dropped_outside_is_trained_again_only_where_the_stack_says_so(
    place: Place,
) -> None:
    declared = place.job(on_missing="retrain")
    job = place.made(declared)
    place.advance()
    assert job.refresh()
    assert job.up(declared) == "same"
    place.sql(f"DROP MODEL {job.inputs['model_name']}")
    place.host.create(place.roles(f"ROLE {place.db}_TRAINER"))
    assert job.refresh()
    assert job.up(declared) == "replace"
    assert place.spent == 2


def test_a_refresh_after_the_end_adds_no_property(place: Place) -> None:
    row = place.made(place.job())
    before = set(row.outs)
    place.advance()
    assert row.refresh()
    assert row.outs["status"] == "SUCCESS"
    assert set(row.outs) == before


def _cancelled(place: Place, **policy: str) -> Row:
    """A job that somebody else cancelled and a refresh has seen."""
    row = place.made(place.job(**policy))
    place.account.seed(f"SELECT SNOWFLAKE.CORTEX.FINETUNE('CANCEL', '{row.outs['job_id']}')")
    assert row.refresh()
    return row


def test_a_job_that_somebody_cancelled_is_paid_again_only_where_the_stack_says_so(
    place: Place,
) -> None:
    declared = place.job(on_cancelled="retrain")
    row = _cancelled(place, on_cancelled="retrain")
    changes, replaces = place.host.diff(row.id, row.outs, row.checked(declared))
    assert (changes, replaces) == ("unknown", ["ended"])
    assert row.up(declared) == "replace"
    assert (row.outs["attempt"], place.spent) == (2, 2)
    assert row.up(declared) == "same"


def test_on_cancelled_counts_when_it_is_edited_after_the_cancellation(place: Place) -> None:
    row = _cancelled(place)
    assert row.up(place.job()) == "same"
    assert row.up(place.job(on_cancelled="retrain")) == "replace"
    assert place.spent == 2


def test_a_lost_state_and_a_dropped_model_are_told_and_paid_for_again_only_where_it_is_asked_for(
    place: Place, new_host: Callable[..., Host], ear: Ear
) -> None:
    host = new_host(ear.address)
    row = place.made(place.job())
    job, name = row.outs["job_id"], row.inputs["model_name"]
    place.advance()
    place.sql(f"DROP MODEL {name}")
    again = Row(place, host=host)
    assert again.up(place.job()) == "create"
    assert "fails for want of a model" in (told := "\n".join(ear.lines))
    assert f"job {job} of 20" in told
    assert (again.outs["job_id"], again.outs["status"], place.spent) == (job, "SUCCESS", 1)
    with pytest.raises(RefusedError, match=f"of job {job} is gone: it was dropped outside"):
        place.made(place.artifact(again))
    again.lost()
    ear.lines.clear()
    assert again.up(place.job(on_missing="retrain")) == "create"
    assert f"a paid job without a budget, attempt 2 after job {job} of" in "\n".join(ear.lines)
    assert (again.outs["attempt"], place.spent) == (2, 2)


def test_a_preview_names_the_running_job_that_a_lost_state_will_adopt(
    place: Place, new_host: Callable[..., Host], ear: Ear
) -> None:
    row = place.made(place.job())
    job = row.outs["job_id"]
    Row(place, host=new_host(ear.address)).checked(place.job())
    assert [line for line in ear.lines if "will adopt" in line] == [
        f"{row.inputs['model']} will adopt job {job} (PENDING): nothing is paid"
    ]


def _no_result_is_kept(place: Place) -> None:
    """A day later no reply can be read again."""
    place.fault(match="RESULT_SCAN", action="error", errno=709, sqlstate="02000", times=0)


def test_a_submit_whose_reply_has_expired_is_not_repeated_when_its_job_and_model_are_gone(
    place: Place,
) -> None:
    row = place.made(place.job())
    place.advance()
    place.sql(f"DROP MODEL {row.inputs['model_name']}")
    place.admin.call("collect", {"job": row.outs["job_id"]})
    _no_result_is_kept(place)
    _, failures = place.host.check(place.job())
    assert "its reply is no longer kept, and neither its job" in failures[0][1]
    with pytest.raises(RefusedError, match="neither its job nor its model is there"):
        place.host.create(row.inputs)
    assert place.spent == 1


def test_a_failure_whose_reply_has_expired_is_still_told_and_not_paid_away(place: Place) -> None:
    place.fault(match=f"'CREATE', '{place.db}", action="fail_job", message="no luck")
    row = place.made(place.job())
    job = row.outs["job_id"]
    place.advance()
    _no_result_is_kept(place)
    row.lost()
    assert row.up(place.job()) == "create"
    assert (row.outs["job_id"], row.outs["status"], place.spent) == (job, "ERROR", 1)


def test_a_submit_that_another_host_still_waits_for_is_named_and_paid_once(place: Place) -> None:
    place.fault(match=f"'CREATE', '{place.db}", action="latency_ms", latency_ms=4_000)
    inputs = Row(place).checked(place.job())
    with place.host.another() as other, ThreadPoolExecutor(1) as pool:
        first = pool.submit(other.create, inputs)
        until(lambda: place.admin.call("faults")[-1]["seen"] > 0)
        with pytest.raises(RefusedError, match="is still being answered, query"):
            place.host.create(inputs)
        _, outs = first.result(timeout=30)
    row = place.made(place.job())
    assert (row.outs["job_id"], row.outs["adopted"]) == (outs["job_id"], True)
    assert place.spent == 1


def test_a_job_that_left_neither_record_nor_model_is_named_and_not_paid_again(
    place: Place,
) -> None:
    row = place.made(place.job())
    job = row.outs["job_id"]
    place.advance()
    place.sql(f"DROP MODEL {row.inputs['model_name']}")
    place.admin.call("collect", {"job": job})
    told = f"{job} .* neither its record nor its model is there"
    _, failures = place.host.check(place.job())
    assert re.search(told, failures[0][1])
    with pytest.raises(RefusedError, match=told):
        place.host.create(row.inputs)
    assert place.spent == 1
