"""The life of a paid job: adopt or submit, what a status means, when a wait ends.

Every row that spends money is `Submit`, and nothing else is. A job is adopted when it carries our
key in front of its training query: equal text alone is no proof, it may belong to another stack.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cortex_resources.errors import (
    JobError,
    OwnershipError,
    StatementRefusedError,
    TrainingCancelledError,
)
from cortex_resources.errors import TrainingFailedError as FailedError
from cortex_resources.model import sqltext
from cortex_resources.model.effects import Statement
from cortex_resources.model.jobs import (
    EPOCHS,
    JobRecord,
    Marker,
    ModelRecord,
    Phase,
    Status,
    TrainingJob,
)
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.views import query_faults
from cortex_resources.sql import finetune, models
from cortex_resources.sql.literals import block_comment

TUNED = "CORTEX_FINETUNED"
"""The model_type of SHOW MODELS for what FINETUNE made."""

CANDIDATES = 20
"""Ended jobs that are looked into, newest first, before a paid one is submitted. Running ones are
all looked into: one of them may be ours."""


@dataclass(frozen=True, slots=True)
class AdoptModel:
    """A model of this very spec is there: nothing to train, nothing to pay."""

    model: ModelRecord
    job_id: str


@dataclass(frozen=True, slots=True)
class AdoptJob:
    """A job of this very spec runs, or made its model: take it over."""

    job: JobRecord


@dataclass(frozen=True, slots=True)
class Submit:
    """Nothing of this spec exists: the only row that spends."""

    statement: Statement


Submission = AdoptModel | AdoptJob | Submit


def faults(job: TrainingJob) -> list[tuple[str, str]]:
    """What makes a job unfit to be submitted, as (field, sentence) pairs."""
    found = [("training_query", text) for text in query_faults(job.training_query)]
    if job.validation_query is not None:
        found += [("validation_query", text) for text in query_faults(job.validation_query)]
    if job.max_epochs is not None and job.max_epochs not in EPOCHS:
        found.append(("max_epochs", f"max_epochs is {job.max_epochs}: it must be 1 to 10"))
    if job.max_trained_tokens is not None and job.max_epochs is None:
        text = (
            "a budget needs max_epochs: left to Snowflake, the worst case is ten times the tokens"
        )
        found.append(("max_trained_tokens", text))
    return found


def adoptable(model: ModelRecord | None, marker: Marker) -> AdoptModel | None:
    """The model of the hashed name, if its own marker proves that it is of this spec."""
    if model is None:
        return None
    found = models.marker_of(model.comment)
    return AdoptModel(model, found.job) if found and marker.is_same_spec(found) else None


def candidates(jobs: Sequence[JobRecord], base_model: str) -> list[JobRecord]:
    """The jobs worth a closer look before paying: all that run, then the newest that succeeded.

    Within both the newest come first; other base models are left out.
    """
    alive = [
        job
        for job in jobs
        if job.status not in (Status.ERROR, Status.CANCELLED)
        and (job.base_model or base_model).lower() == base_model.lower()
    ]
    ordered = sorted(
        alive, key=lambda job: (job.status.is_terminal, -(job.created_on or 0), job.id)
    )
    running = sum(not job.status.is_terminal for job in ordered)
    return ordered[: running + CANDIDATES]


def key_of(job: TrainingJob, marker: Marker) -> str:
    """What the training query of a job carries in front: whose it is and which model it makes.

    The model's name is part of it. After a rename the resource of the old name still owns its job
    and its model and removes them; sharing them would take them from the new one.
    """
    return sqltext.leading_comment(block_comment(f"{marker.key} as {job.model_name}"))


def _is_ours(record: JobRecord, key: str, marker: Marker) -> bool:
    """Whether a job carries this key, or that of another name for the same in this stack."""
    found = sqltext.leading_comment(record.training_data or "")
    head = f"cortex-resources {marker.project}/{marker.stack}/"
    return found == key or (
        found.startswith(head) and found.endswith(key.removeprefix(head + marker.model))
    )


def submission(
    job: TrainingJob,
    marker: Marker,
    described: Sequence[JobRecord],
    existing: Mapping[QualifiedName, ModelRecord],
) -> Submission:
    """Adopt what exists of this spec, or submit.

    Arguments:
        job: what is to be trained.
        marker: whose it is.
        described: the candidates, each with its training data.
        existing: models that a successful candidate may have made.

    Raises:
        OwnershipError: two live jobs of this spec run, which one of them is ours is unknown; or
            a tuned model of the very name is there, and neither marker nor job tells whose it is.
    """
    key = key_of(job, marker)
    ours = [r for r in described if _is_ours(r, key, marker)]
    live = [record for record in ours if not record.status.is_terminal]
    if len(live) > 1:
        ids = ", ".join(record.id for record in live)
        raise OwnershipError(
            f"{len(live)} jobs train this very spec of {job.model}: {ids}",
            hint="Cancel all but one of them: SELECT SNOWFLAKE.CORTEX.FINETUNE('CANCEL', '<id>').",
        )
    made = [
        r for r in ours if r.status is Status.SUCCESS and (r.model or job.model_name) in existing
    ]
    for record in (*live, *made):
        return AdoptJob(record)
    is_explained = any(record.model == job.model_name for record in described)
    if not is_explained:
        _refuse_doubt(marker, existing.get(job.model_name))
    return Submit(finetune.create(job, key))


def _refuse_doubt(marker: Marker, model: ModelRecord | None) -> None:
    """A tuned model that carries this spec's hash in its name and nobody's marker: do not pay."""
    if model is None or model.model_type != TUNED or models.marker_of(model.comment):
        return
    claim = models.set_comment(model.name, "", marker).text
    raise OwnershipError(
        f"model {model.name} carries the hash of this spec and nobody's marker, and no job tells"
        " who made it; nothing was submitted",
        hint=f"If it is yours, adopt it: {claim}. If not, set a retrain_token to train another.",
    )


def phase_of(saved: Phase | None, job: JobRecord | None, model: ModelRecord | None) -> Phase:
    """Where a model stands, from its job's record and the model itself.

    Arguments:
        saved: the phase in Pulumi's state, None at the first look.
        job: the record, None when Snowflake no longer keeps it.
        model: the model under its real name, None when SHOW MODELS has none.
    """
    if job is None:
        if model is not None:
            return Phase.READY
        if saved in (Phase.FAILED, Phase.CANCELLED):
            return saved
        return Phase.MISSING if saved in (Phase.READY, Phase.MISSING) else Phase.LOST
    if job.status is Status.SUCCESS:
        return Phase.READY if model is not None else Phase.MISSING
    return {Status.ERROR: Phase.FAILED, Status.CANCELLED: Phase.CANCELLED}.get(
        job.status, Phase.TRAINING
    )


def failure(model: QualifiedName, job: JobRecord) -> JobError | None:
    """The error of a job that ended without a model, or None."""
    if job.status is Status.ERROR:
        code = f" ({job.error_code})" if job.error_code else ""
        return FailedError(
            f"training of {model} failed{code}: {job.error_message or 'Snowflake gave no reason'}"
            f" [job {job.id}]",
            hint="Mend the cause, then set a new retrain_token: nothing is repeated by itself.",
        )
    if job.status is Status.CANCELLED:
        return TrainingCancelledError(
            f"job {job.id} of {model} was cancelled by somebody; nothing was submitted again",
            hint="Set a new retrain_token to train it once more, or remove the model.",
        )
    return None


def cancellation(job: JobRecord | None) -> Statement | None:
    """CANCEL for a job that still runs: running is spending, whatever the policy keeps."""
    if job is None or job.status.is_terminal:
        return None
    return finetune.cancel(job.id)


def require_cancelled(job: JobRecord | None, answer: str) -> None:
    """The job does not run on unseen: the answer says that it was stopped, or its record does.

    Raises:
        StatementRefusedError: CANCEL was answered in other words and the job still runs.
    """
    if job is None or job.status.is_terminal or finetune.is_cancelled(answer):
        return
    raise StatementRefusedError(
        f"job {job.id} was not cancelled and still runs",
        hint="Run it again, or cancel it yourself; the job stays in the state until it ended.",
    )
