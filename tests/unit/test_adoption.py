"""What query history proves of a paid job, and what is a doubt: nothing is paid beside one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cortex_resources.model.jobs import JobRecord, Marker, ModelRecord, Status, TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.orders import Found, Order
from cortex_resources.plan import adoption
from cortex_resources.plan.adoption import Answered
from cortex_resources.sql.history import Outcome, Trace

NAME = QualifiedName.parse("DB.ML.M")
JOB = TrainingJob(NAME, "llama3.1-8b", "SELECT prompt, completion FROM DB.ML.T")
ORDER = Order(JOB, Marker("p", "s", "k", JOB.spec_hash))
AT = 1_790_000_000_000


def a_record(id_: str = "ft_1", status: Status = Status.IN_PROGRESS, **more: Any) -> JobRecord:
    return JobRecord(id_, status, str(status), created_on=AT, **more)


def answered(
    outcome: Outcome = Outcome.DONE, job: JobRecord | None = None, **more: Any
) -> Answered:
    values = {"query_id": "q1", "outcome": outcome, "started": AT, **more}
    job_id = values.pop("job_id", job.id if job else "")
    return Answered(Trace(**values), job_id, job)


def found(*history: Answered, jobs: tuple[JobRecord, ...] = (), **models: ModelRecord) -> Found:
    return adoption.found(ORDER, jobs, {m.name: m for m in models.values()}, history)


def test_a_job_that_its_statement_names_is_ours_without_any_key() -> None:
    seen = found(answered(job=a_record(), attempt=2))
    assert [(job.record.id, job.attempt) for job in seen.live] == [("ft_1", 2)]
    assert seen.doubt is None


def test_a_submit_that_is_still_being_answered_is_waited_for() -> None:
    doubt = found(answered(Outcome.RUNNING)).doubt
    assert doubt is not None
    assert "still being answered, query q1" in doubt.what
    assert "run `pulumi up` again" in doubt.hint.lower()


def test_a_submit_that_failed_is_no_reason_to_hold_back() -> None:
    assert found(answered(Outcome.FAILED)) == Found()


def test_a_job_whose_record_and_model_are_gone_is_not_paid_for_again() -> None:
    doubt = found(answered(job_id="ft_9")).doubt
    assert doubt is not None
    assert "job ft_9 of DB.ML.M was submitted by query q1" in doubt.what


def test_what_our_own_destroy_ended_is_no_reason_to_hold_back() -> None:
    removal = answered(query_id="q2", started=AT + 5, is_removal=True)
    assert found(answered(job_id="ft_9"), removal) == Found()
    assert found(answered(), removal, jobs=(a_record("other"),)).doubt is None
    ended = a_record(status=Status.CANCELLED)
    (ours,) = found(answered(job=ended), removal).jobs
    assert ours.is_let_go


@pytest.mark.parametrize(
    ("record", "is_doubted"),
    [
        (a_record("ft_7"), True),
        (replace(a_record("ft_7"), created_on=AT + 59_000), True),
        (replace(a_record("ft_7"), created_on=AT + 70_000), False),
        (replace(a_record("ft_7"), created_on=AT - 6_000), False),
        (a_record("ft_7", training_data="/* cortex-resources p/other/k spec=1 */ SELECT 1"), False),
    ],
)
def test_a_job_without_a_key_from_the_very_seconds_of_the_submit_is_a_doubt(
    record: JobRecord, is_doubted: bool
) -> None:
    doubt = found(answered(), jobs=(record,)).doubt
    assert doubt is not None
    assert ("it may have started ft_7" in doubt.what) is is_doubted
    assert ("neither its job nor its model is there" in doubt.what) is not is_doubted
    assert "retrain_token" in doubt.hint


def test_a_submit_whose_reply_is_no_longer_kept_is_no_doubt_where_its_job_is_known() -> None:
    text = f"/* {adoption.key_of(ORDER)} */ SELECT 1"
    ended = a_record(status=Status.ERROR, training_data=text)
    assert found(answered(), jobs=(ended,)).doubt is None
    assert found(answered(), answered(attempt=2), jobs=(ended,)).doubt is not None


def test_a_model_that_our_marker_names_needs_no_history() -> None:
    marker = Marker("p", "s", "k", JOB.spec_hash, "ft_3")
    model = ModelRecord(JOB.model_name, adoption.TUNED, "R", str(marker))
    assert found(answered(Outcome.RUNNING), model=model) == Found(model, "ft_3")


def test_running_jobs_of_the_same_declaration_are_predecessors() -> None:
    other = Order(replace(JOB, max_epochs=3), Marker("p", "s", "k", "0" * 64))
    older = a_record("ft_2", training_data=f"/* {adoption.key_of(other)} */ SELECT 1")
    same = a_record("ft_3", training_data=f"/* {adoption.key_of(ORDER)} */ SELECT 1")
    ended = replace(older, id="ft_4", status=Status.SUCCESS)
    foreign = a_record("ft_5", training_data="SELECT 1")
    assert adoption.predecessors([older, same, ended, foreign], ORDER) == [older]


def test_a_second_attempt_is_the_same_order_with_its_number() -> None:
    second = replace(ORDER, attempt=2)
    text = f"/* {adoption.key_of(second)} */ SELECT 1"
    assert adoption.attempt_of(a_record(training_data=text), ORDER) == 2
    assert adoption.attempt_in(text) == 2
    assert ORDER.key == second.key
    assert ORDER.tag.endswith(f" key={ORDER.key}.1")
    assert ORDER.removal_tag == f"removed={ORDER.key}"


def _marked(name: str, job: str = "ft_1", **more: str) -> ModelRecord:
    marker = replace(ORDER.marker, job=job, **more)
    return ModelRecord(QualifiedName.parse(name), adoption.TUNED, "R", str(marker))


def test_a_model_of_this_spec_under_another_name_is_a_doubt_with_the_way_back() -> None:
    doubt = found(m=_marked("DB.ML.OLD")).doubt
    assert doubt is not None
    assert (
        f"model DB.ML.OLD carries the marker of this very spec and was {JOB.model_name}"
        in doubt.what
    )
    assert f"ALTER MODEL DB.ML.OLD RENAME TO {JOB.model_name}" in doubt.hint


def test_a_name_that_ends_in_the_hash_is_a_declared_one_unless_our_job_made_it() -> None:
    ending = JOB.model_name.name.rpartition("__")[2]
    other = _marked(f"DB.ML.OTHER__{ending}")
    assert found(m=other).doubt is None
    job = a_record(status=Status.SUCCESS, model=JOB.model_name)
    doubt = found(answered(job=job), m=other).doubt
    assert doubt is not None
    assert str(other.name) in doubt.what


def test_models_of_other_specs_or_without_a_marker_are_not_renamed_ones() -> None:
    plain = ModelRecord(QualifiedName.parse("DB.ML.PLAIN"), adoption.TUNED, "R", "words")
    foreign = _marked("DB.ML.FOREIGN", stack="prod")
    assert found(m=plain, n=foreign) == Found()
