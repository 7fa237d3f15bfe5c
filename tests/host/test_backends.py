"""A second service that trains needs no change of the table: its jobs live the same life."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from pulumi.dynamic import CreateResult

from cortex_resources.backends import registry
from cortex_resources.backends.seam import Capabilities, Run, TrainingBackend
from cortex_resources.errors import InvalidNameError, ReplyLostError
from cortex_resources.model.jobs import JobRecord, ModelRecord, Status
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.orders import Found, Order, OurJob
from cortex_resources.providers.fine_tune_job import FineTuneJobProvider
from cortex_resources.providers.fine_tuned_artifact import FineTunedArtifactProvider
from cortex_resources.providers.lifecycle import Error


@dataclass
class Checkpoints:
    """A service whose jobs save checkpoints: no comments, no SQL, jobs found by the order's key."""

    jobs: dict[str, tuple[Order, JobRecord]] = field(default_factory=dict)
    saved: set[QualifiedName] = field(default_factory=set)
    loses_replies: bool = False

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(has_comments=False, has_base_models=False, is_sql=False)

    def submit(self, order: Order, run: Run) -> str:
        id_ = f"run-{len(self.jobs) + 1}"
        self.jobs[id_] = (order, JobRecord(id_, Status.IN_PROGRESS, "busy", created_on=1))
        if self.loses_replies:
            raise ReplyLostError("the reply was lost")
        return id_

    def find(self, order: Order, run: Run, *, with_failures: bool = False) -> Found:
        ours = [
            OurJob(job, made.attempt, is_made=order.job.model_name in self.saved)
            for made, job in self.jobs.values()
            if made.key == order.key
        ]
        return Found(jobs=tuple(ours))

    def running(self, order: Order, run: Run) -> tuple[OurJob, ...]:
        return self.find(order, run).live

    def predecessors(self, order: Order, run: Run) -> list[JobRecord]:
        return [
            job
            for made, job in self.jobs.values()
            if made.marker.model == order.marker.model and made.key != order.key
        ]

    def observe(self, job_id: str, beside: QualifiedName, run: Run) -> JobRecord | None:
        return self.jobs[job_id][1] if job_id in self.jobs else None

    def cancel(self, job_id: str, run: Run) -> bool:
        self.end(job_id, Status.CANCELLED)
        return True

    def artifact(self, name: QualifiedName, run: Run) -> ModelRecord | None:
        return ModelRecord(name, "CHECKPOINT", "", "") if name in self.saved else None

    def discard(self, name: QualifiedName, run: Run) -> None:
        self.saved.discard(name)

    def end(self, job_id: str, status: Status) -> None:
        """Let a job end; one that ends well saves its checkpoint."""
        order, job = self.jobs[job_id]
        self.jobs[job_id] = (order, replace(job, status=status, word="over"))
        if status is Status.SUCCESS:
            self.saved.add(order.job.model_name)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Checkpoints:
    made = Checkpoints()
    backend: TrainingBackend = made
    monkeypatch.setitem(registry.BACKENDS, "checkpoints", backend)
    return made


JOB = FineTuneJobProvider()
ARTIFACT = FineTunedArtifactProvider()


def declared(**more: Any) -> dict[str, Any]:
    given = {
        "model": "DB.ML.M",
        "base_model": "any",
        "training_query": "SELECT prompt, completion FROM t",
        "backend": "checkpoints",
        "connection": "local",
        "allow_drop": True,
        "__owner": "proj/dev/docs",
        **more,
    }
    return JOB.canonical({}, given)


def outs_of(made: CreateResult) -> dict[str, Any]:
    assert made.outs is not None
    return made.outs


def artifact_of(inputs: dict[str, Any], physical: str | None) -> dict[str, Any]:
    keys = ("model", "model_name", "spec_hash", "backend", "connection", "allow_drop", "__owner")
    return {**{key: inputs[key] for key in keys}, "job": physical, "comment": ""}


def test_success_is_the_checkpoint_and_it_goes_at_the_end(service: Checkpoints) -> None:
    inputs = declared()
    job = JOB.create(inputs)
    assert outs_of(ARTIFACT.create(artifact_of(inputs, job.id)))["phase"] == "TRAINING"
    service.end("run-1", Status.SUCCESS)
    row = ARTIFACT.create(artifact_of(inputs, job.id))
    outs = outs_of(row)
    assert (outs["phase"], outs["saved_as"]) == ("READY", inputs["model_name"])
    ARTIFACT.delete(str(row.id), outs)
    assert service.saved == set()


def test_a_lost_state_and_a_lost_reply_adopt(service: Checkpoints) -> None:
    service.loses_replies = True
    first = JOB.create(declared())
    again = JOB.create(declared())
    assert outs_of(first)["job_id"] == outs_of(again)["job_id"] == "run-1"
    assert len(service.jobs) == 1


def test_a_failure_is_held_and_an_edit_cancels_the_running_job(service: Checkpoints) -> None:
    inputs = declared()
    job = JOB.create(inputs)
    service.end("run-1", Status.ERROR)
    with pytest.raises(Error, match="new retrain_token"):
        ARTIFACT.create(artifact_of(inputs, job.id))
    JOB.create(declared(retrain_token="again"))
    JOB.create(declared(retrain_token="once more"))
    assert [job.status for _, job in service.jobs.values()] == [
        Status.ERROR,
        Status.CANCELLED,
        Status.IN_PROGRESS,
    ]


def test_a_service_that_nobody_wrote_is_refused_by_name() -> None:
    with pytest.raises(InvalidNameError, match="no training backend magic"):
        registry.named("magic")
