"""What a preview says of a job that is about to be made: paid, adopted, or held back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from cortex_resources.model.job_policy import JobPolicy, OnMissing
from cortex_resources.model.jobs import JobRecord, Phase, Status, TrainingJob
from cortex_resources.plan import guard
from cortex_resources.plan.situations import Action, Step

_HELD = frozenset({Phase.FAILED, Phase.CANCELLED, Phase.MISSING})
_ENDS = {
    Status.ERROR: "which failed",
    Status.CANCELLED: "which was cancelled",
    Status.SUCCESS: (
        "whose model is gone: dropped, which cannot be undone, or not shown to this role"
    ),
}


@dataclass(frozen=True, slots=True)
class Forecast:
    """One line for people.

    `is_paid` says that a job will be submitted; `is_held` that nothing will be paid and no model
    will be there: somebody has to decide.
    """

    text: str
    is_paid: bool = False
    is_held: bool = False


def forecast(job: TrainingJob, step: Step, policy: JobPolicy) -> Forecast:
    """The line for what the table says before paying, where it refuses nothing."""
    record = step.job
    if step.action is Action.SUBMIT:
        again = f", attempt {step.attempt} after {_told(record)}" if record else ""
        cost = guard.ceiling(job)
        return Forecast(
            f"{job.model} will be trained as {job.model_name}: a paid job {cost}{again}",
            is_paid=True,
        )
    if record is None or step.action is Action.ADOPT_MODEL:
        return Forecast(f"{job.model} will adopt {job.model_name}: nothing to train, 0 tokens")
    if step.phase not in _HELD:
        return Forecast(f"{job.model} will adopt job {record.id} ({record.word}): nothing is paid")
    is_needed = step.phase is not Phase.MISSING or policy.on_missing is not OnMissing.WARN
    return _held(job, record, is_needed=is_needed)


def _held(job: TrainingJob, record: JobRecord, *, is_needed: bool) -> Forecast:
    """It was paid for before, its state was lost, and its job left no model."""
    rest = "`pulumi up` goes on without a model, as on_missing is warn"
    if is_needed:
        rest = "`pulumi up` fails for want of a model: set a new retrain_token to pay for another"
    told = f"{job.model} will adopt {_told(record)}; nothing is paid, and {rest}"
    return Forecast(told, is_held=True)


def _told(record: JobRecord) -> str:
    """The job, its day and its end."""
    made = record.created_on
    date = f" of {datetime.fromtimestamp(made / 1000, UTC).date().isoformat()}" if made else ""
    return f"job {record.id}{date}, {_ENDS[record.status]}"


def forbidden(job: TrainingJob) -> str:
    """The sentence for a paid job that the stack's policy rules out."""
    return (
        f"{job.model} would start a paid job and policy.allow_training is false:"
        " allow it in the stack's policy, or take the model out. Nothing was submitted"
    )
