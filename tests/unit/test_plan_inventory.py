"""Whose a job or a model is, where it stands, and whether a state knows it."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest

from cortex_resources.model.fingerprints import DataWatch, FingerprintBy
from cortex_resources.model.guard import Rate
from cortex_resources.model.jobs import JobRecord, Marker, ModelRecord, Phase, Status, TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.orders import Order
from cortex_resources.model.stack import DeclaredModel, Stack
from cortex_resources.plan import adoption, inventory
from cortex_resources.plan.inventory import Entry, Known
from cortex_resources.sql.literals import block_comment

JOB = TrainingJob(QualifiedName.parse("DB.ML.M"), "llama3.1-8b", "SELECT 1")
MARKER = Marker("proj", "dev", "docs", JOB.spec_hash, "ft_1")
STACK = Stack("dev", models=(DeclaredModel("docs", JOB),))


def a_record(id_: str = "ft_1", status: Status = Status.IN_PROGRESS, **more: Any) -> JobRecord:
    text = f"{block_comment(adoption.key_of(Order(JOB, MARKER)))} SELECT 1"
    return JobRecord(id_, status, str(status), **{"training_data": text, **more})


def a_model(comment: str = str(MARKER), name: str = "DB.ML.M1") -> ModelRecord:
    return ModelRecord(QualifiedName.parse(name), adoption.TUNED, "R", comment, created_on=5)


def listed(*records: JobRecord, models: tuple[ModelRecord, ...] = ()) -> list[Entry]:
    return inventory.entries("proj", records, {m.name: m for m in models}, [STACK])


@pytest.mark.parametrize("attempt", [1, 2])
def test_the_key_of_every_attempt_is_read_back(attempt: int) -> None:
    text = block_comment(adoption.key_of(Order(JOB, MARKER, attempt)))
    assert inventory.owner_in(f"{text} SELECT 1") == replace(MARKER, job="")
    assert inventory.requested_in(f"{text} SELECT 1") == JOB.model_name


def test_what_carries_no_key_is_nobodys() -> None:
    assert inventory.owner_in(None) is None
    assert inventory.requested_in("SELECT 1") is None
    crooked = f"/* {MARKER.key} as no name at all */ SELECT 1"
    assert inventory.requested_in(crooked) is None
    assert listed(a_record(training_data="SELECT 1"), models=(a_model(""),)) == []


def test_another_project_is_not_listed() -> None:
    assert listed(models=(a_model(str(replace(MARKER, project="other"))),)) == []


@pytest.mark.parametrize(
    ("status", "phase"),
    [
        (Status.IN_PROGRESS, Phase.TRAINING),
        (Status.UNKNOWN, Phase.TRAINING),
        (Status.ERROR, Phase.FAILED),
        (Status.CANCELLED, Phase.CANCELLED),
        (Status.SUCCESS, Phase.MISSING),
    ],
)
def test_without_its_model_a_job_stands_where_its_status_says(status: Status, phase: Phase) -> None:
    (entry,) = listed(a_record(status=status, created_on=7))
    assert (entry.phase, entry.job_id, entry.created_on) == (phase, "ft_1", 7)
    assert not entry.is_claimed


def test_a_model_is_the_proof_whatever_its_job_says() -> None:
    (entry,) = listed(a_record(status=Status.ERROR), models=(a_model(),))
    assert (entry.phase, entry.model_name) == (Phase.READY, QualifiedName.parse("DB.ML.M1"))


def test_a_model_whose_job_is_forgotten_tells_its_id_and_what_the_stack_file_knows() -> None:
    (entry,) = listed(models=(a_model(),))
    assert (entry.job_id, entry.base_model, entry.created_on) == ("ft_1", "llama3.1-8b", 5)
    assert (entry.tokens, entry.credits) == (None, None)
    stranger = a_model(str(replace(MARKER, spec_hash="0" * 64)))
    assert listed(models=(stranger,))[0].base_model is None


def test_tokens_cost_what_the_stack_file_states() -> None:
    rate = Rate(2.0, datetime.date(2026, 8, 1))
    stack = Stack("dev", models=(DeclaredModel("docs", replace(JOB, rate=rate)),))
    record = a_record(base_model=JOB.base_model, trained_tokens=500_000)
    (entry,) = inventory.entries("proj", [record], {}, [stack])
    assert (entry.tokens, entry.credits) == (500_000, 1.0)


def test_nothing_left_is_lost() -> None:
    entry = Entry(MARKER)
    assert (entry.phase, entry.model_name, entry.created_on) == (Phase.LOST, None, None)


def test_the_model_of_a_job_counts_unless_somebody_elses_marker_is_on_it() -> None:
    record = a_record("ft_2", Status.SUCCESS, model=QualifiedName.parse("DB.ML.M1"))
    assert listed(record, models=(a_model("hello"),))[0].phase is Phase.READY
    other = a_model(str(replace(MARKER, project="other")))
    assert listed(record, models=(other,))[0].phase is Phase.MISSING


def test_all_that_run_and_all_that_are_named_are_looked_into_and_of_the_rest_the_newest() -> None:
    old = [a_record(f"old_{n}", Status.ERROR, created_on=n) for n in range(1, 103)]
    chosen, left_out = inventory.to_describe([*old, a_record("ft_live")], ["old_1"])
    assert {"ft_live", "old_1", "old_102"} <= {job.id for job in chosen}
    assert (len(chosen), left_out) == (102, 1)


def test_a_state_knows_jobs_and_models_in_every_form_they_are_written() -> None:
    resources: list[dict[str, object]] = [
        {"outputs": {"job_id": "ft_1", "model_name": "DB.ML.A"}},
        {"outputs": {"job": "DB.ML/ft_2", "saved_as": "DB.ML.B", "previous_models": "DB.ML.C\n"}},
        {"outputs": {"job_id": {"secret": "x"}}},
        {"urn": "without outputs"},
    ]
    expected = Known(frozenset({"ft_1", "ft_2"}), frozenset({"DB.ML.A", "DB.ML.B", "DB.ML.C"}))
    assert inventory.known(resources) == expected


def test_what_ended_without_a_model_is_no_orphan() -> None:
    assert inventory.orphans(listed(a_record(status=Status.ERROR)), {}) == []


def test_a_job_or_a_model_that_any_state_knows_is_no_orphan() -> None:
    running, model = listed(a_record()), listed(models=(a_model(),))
    assert inventory.orphans(running, {"dev": Known(jobs=frozenset({"ft_1"}))}) == []
    assert inventory.orphans(model, {"x": Known(models=frozenset({"DB.ML.M1"}))}) == []


def test_an_orphan_tells_how_it_is_adopted_and_how_it_is_removed() -> None:
    (job,) = inventory.orphans(listed(a_record()), {})
    assert "ft_1" in job.remove.text
    assert job.adopt == "pulumi up --stack dev  # models.docs declares it, nothing is paid"
    stranger = a_model(str(replace(MARKER, spec_hash="0" * 64)))
    (model,) = inventory.orphans(listed(models=(stranger,)), {})
    assert model.remove.text == "DROP MODEL DB.ML.M1"
    assert model.adopt.startswith("declare models.docs with spec 0000000000 again")
    record = a_record("ft_2", Status.SUCCESS, model=QualifiedName.parse("DB.ML.M1"))
    (unclaimed,) = inventory.orphans(listed(record, models=(a_model("hello"),)), {})
    assert unclaimed.adopt.startswith("ALTER MODEL DB.ML.M1 SET COMMENT = 'hello\n[cortex")


def watching(watch: DataWatch, spec_hash: str) -> str:
    model = a_model(str(replace(MARKER, spec_hash=spec_hash)))
    stack = Stack("dev", models=(DeclaredModel("docs", JOB, data=watch),))
    (orphan,) = inventory.orphans(inventory.entries("proj", [], {model.name: model}, [stack]), {})
    return orphan.adopt


def test_an_orphan_of_watched_rows_is_declared_only_where_its_fingerprint_is_stated() -> None:
    stated = DataWatch(FingerprintBy.TEXT, "v1")
    trained = replace(JOB, data_fingerprint="text v1").spec_hash
    assert watching(stated, trained).endswith("models.docs declares it, nothing is paid")
    assert watching(stated, JOB.spec_hash).startswith("declare models.docs with spec")
    for by in (FingerprintBy.COMMIT_TIME, FingerprintBy.HASH):
        for spec_hash in (trained, JOB.spec_hash):
            assert watching(DataWatch(by), spec_hash) == (
                "pulumi up --stack dev, if its preview adopts it:"
                " models.docs watches rows, which may have moved"
            )


def test_of_two_models_with_one_marker_the_one_that_has_another_name_is_a_copy() -> None:
    ours = a_model(name=str(JOB.model_name))
    copied = a_model(f"their words\n{MARKER}", "DB.ML.THEIRS")
    for order in ((ours, copied), (copied, ours)):
        found = listed(a_record(status=Status.SUCCESS), models=order)
        assert {(e.model_name, e.copy_of) for e in found} == {
            (ours.name, None),
            (copied.name, ours.name),
        }
        (orphan,) = inventory.orphans(found, {"dev": Known(jobs=frozenset({"ft_1"}))})
        assert orphan.adopt == f"nothing: it carries the marker of {ours.name}, a copy"
        assert orphan.remove.text == "ALTER MODEL DB.ML.THEIRS SET COMMENT = 'their words'"
