"""What a user reads when a job left no model: one text and one remedy for each way it ends."""

from __future__ import annotations

from collections.abc import Sequence

from cortex_resources.errors import (
    JobError,
    ModelLostError,
    OwnershipError,
    PolicyError,
    StillTrainingError,
    TrainingCancelledError,
    TrainingFailedError,
)
from cortex_resources.model import datasets
from cortex_resources.model.base_models import Offer
from cortex_resources.model.job_policy import (
    MOST_ATTEMPTS,
    JobPolicy,
    OnCancelled,
    OnFailure,
    OnMissing,
    is_transient,
)
from cortex_resources.model.jobs import JobRecord
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.orders import OurJob

NOTHING = "nothing was submitted"


def may_retry(job: JobRecord, attempt: int, policy: JobPolicy) -> bool:
    """Whether a failed job is repeated: opted in, transient, and below the bound."""
    return (
        policy.on_failure is OnFailure.RETRY
        and attempt < MOST_ATTEMPTS
        and is_transient(job.error_code)
    )


def failed(model: QualifiedName, job: JobRecord, attempt: int, policy: JobPolicy) -> JobError:
    """Snowflake ended the job in ERROR."""
    code = f" ({job.error_code})" if job.error_code else ""
    tokens = f", {job.trained_tokens:,} tokens" if job.trained_tokens else ""
    return TrainingFailedError(
        f"training of {model} failed{code}: {job.error_message or 'Snowflake gave no reason'}"
        f" [job {job.id}{tokens}]",
        hint=_after_failure(job, attempt, policy),
    )


def _after_failure(job: JobRecord, attempt: int, policy: JobPolicy) -> str:
    if may_retry(job, attempt, policy):
        return (
            f"on_failure is retry: `pulumi up` submits attempt {attempt + 1} of {MOST_ATTEMPTS},"
            " a paid job, and its preview shows it."
        )
    if datasets.SCHEME in (job.training_data or "") and not is_transient(job.error_code):
        return (
            "Name another version of the dataset, for this one never changes; where the cause lies"
            " elsewhere, mend it and set a new retrain_token: nothing is repeated by itself."
        )
    if policy.on_failure is OnFailure.RETRY:
        why = (
            f"all {MOST_ATTEMPTS} attempts are used"
            if attempt >= MOST_ATTEMPTS
            else "this error would come again"
        )
        return f"Not retried: {why}. Mend the cause, then set a new retrain_token."
    return "Mend the cause, then set a new retrain_token: nothing is repeated by itself."


def cancelled(model: QualifiedName, job_id: str, policy: JobPolicy) -> JobError:
    """The job was cancelled: by somebody, or by a limit of its own in a run before."""
    hint = "Set a new retrain_token to train it once more, or remove the model."
    if policy.on_cancelled is OnCancelled.RETRAIN:
        hint = "on_cancelled is retrain: `pulumi up` submits it once more, a paid job."
    return TrainingCancelledError(
        f"job {job_id} of {model} was cancelled; nothing was submitted again", hint=hint
    )


def lost(model_name: str, job_id: str) -> JobError:
    """Snowflake no longer keeps the record, and there is no model."""
    return ModelLostError(
        f"model {model_name} of job {job_id} is gone: Snowflake keeps neither the job's record nor"
        " a model, so nobody knows whether it ended well",
        hint="Look in SHOW MODELS with a role that sees every model; then set a new retrain_token"
        f" to train it again: {NOTHING}.",
    )


def missing(model_name: str, job_id: str, policy: JobPolicy) -> JobError:
    """The model was there and somebody dropped it."""
    hint = (
        "Set a new retrain_token to train it again, on_missing: warn to go on without it, or"
        f" on_missing: retrain; `pulumi destroy` ends a destroy; {NOTHING}."
    )
    if policy.on_missing is OnMissing.RETRAIN:
        hint = "on_missing is retrain: `pulumi up` trains it again, a paid job."
    return ModelLostError(
        f"model {model_name} of job {job_id} is gone: it was dropped outside this stack or by a"
        " destroy that did not end, and DROP MODEL cannot be undone",
        hint=hint,
    )


def unseen(model_name: str, job_id: str, roles: str, policy: JobPolicy) -> JobError:
    """No role of ours sees the model, which is no proof that it is gone."""
    waits = ""
    if policy.on_missing is OnMissing.RETRAIN:
        waits = (
            " on_missing: retrain waits for proof that it is gone: a connection whose role holds"
            " MANAGE GRANTS sees every model."
        )
    return ModelLostError(
        f"model {model_name} of job {job_id} is not visible to {roles}: it was dropped outside this"
        " stack, or another role owns it now",
        hint=f"If another role owns it, let that role GRANT USAGE ON MODEL {model_name} to one of"
        " these. If it was dropped, which cannot be undone, set a new retrain_token to train it"
        f" again, or on_missing: warn to go on without it.{waits} Nothing was submitted.",
    )


def renamed(model_name: str, other: QualifiedName, job_id: str) -> JobError:
    """The model is there, and somebody gave it another name."""
    return ModelLostError(
        f"model {model_name} of job {job_id} is now called {other}: it was renamed outside this"
        " stack",
        hint=f"Give it its name back: ALTER MODEL {other} RENAME TO {model_name}; on_missing: warn"
        f" goes on without it, a new retrain_token trains another; {NOTHING}.",
    )


def still_training(model: QualifiedName, job_id: str, limit: float) -> JobError:
    """The deadline of a wait passed."""
    return StillTrainingError(
        f"{model} still trains after {limit / 60:g} minutes, job {job_id} goes on",
        hint="Run `pulumi up` again to go on waiting; nothing is submitted twice.",
    )


def aborted(model: QualifiedName, job_id: str, why: str) -> JobError:
    """We cancelled the job because the stack file says so."""
    return TrainingCancelledError(
        f"job {job_id} of {model} was cancelled by this stack: {why}",
        hint="What it cost so far is lost. Raise the limit and set a new retrain_token.",
    )


def ambiguous(model: QualifiedName, live: tuple[OurJob, ...]) -> OwnershipError:
    """More than one live job of one spec."""
    ids = ", ".join(job.record.id for job in live)
    return OwnershipError(
        f"{len(live)} jobs train this very spec of {model}: {ids}",
        hint="Cancel all but one of them: SELECT SNOWFLAKE.CORTEX.FINETUNE('CANCEL', '<id>').",
    )


def submitted_twice(model: QualifiedName, ours: str, first: str) -> str:
    """Another run, without our lock, submitted the same just before."""
    return (
        f"job {first} of another run trains this very spec of {model} and is older: job {ours},"
        " submitted beside it, is cancelled, and the older one adopted; Snowflake may bill what was"
        " trained until then"
    )


def beside(model: QualifiedName, ids: Sequence[str]) -> str:
    """Another run submitted the same just after."""
    return (
        f"{len(ids)} jobs train this very spec of {model}: {', '.join(ids)}; the run that submitted"
        " the younger one cancels it. Look with `cortex-resources jobs`"
    )


def unlooked(model: QualifiedName, ours: str, why: str) -> str:
    """The look for another run's job was not answered."""
    return (
        f"job {ours} of {model} is submitted; whether another run did the same at the same moment"
        f" could not be asked: {why}"
    )


def uncancelled(model: QualifiedName, ours: str, why: str) -> str:
    """Our own job could not be cancelled."""
    return (
        f"job {ours} of {model} could not be cancelled: {why}. Cancel it: SELECT"
        f" SNOWFLAKE.CORTEX.FINETUNE('CANCEL', '{ours}')"
    )


def legacy(model: QualifiedName, offer: Offer) -> PolicyError:
    """A new job on a base model that is on its way out."""
    since = f" since {offer.legacy_date}" if offer.legacy_date else ""
    # The account's own words begin a sentence: "No sooner than …".
    end = f", end of life {offer.eol_date[0].lower()}{offer.eol_date[1:]}" if offer.eol_date else ""
    return PolicyError(
        f"{model} would be trained on {offer.name}, which is legacy{since}{end}; {NOTHING}",
        hint="Choose another base_model, or set allow_legacy: true to train on it all the same.",
    )


def past_end_of_life(model: QualifiedName, offer: Offer) -> PolicyError:
    """A new job on a base model that is gone."""
    when = f" since {offer.eol_date}" if offer.eol_date else ""
    return PolicyError(
        f"{model} cannot be trained on {offer.name}: it is past its end of life{when}; {NOTHING}",
        hint="Choose another base_model. What was trained on it before stays as it is.",
    )
