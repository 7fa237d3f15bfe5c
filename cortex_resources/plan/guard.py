"""The cost guard: what forbids the one statement that pays, although the spec is right.

It is asked after nothing was found to adopt and before CREATE is sent; whatever speaks against it
is told at once. Row limits and windows come from the dated table of base models; a model that is
not in it has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cortex_resources.errors import PolicyError
from cortex_resources.model import base_models, datasets, sqltext
from cortex_resources.model.base_models import EPOCHS
from cortex_resources.model.guard import Pace
from cortex_resources.model.jobs import JobRecord, Marker, ModelRecord, TrainingJob
from cortex_resources.sql import models
from cortex_resources.sql.training_data import Measure

WINDOW_DAYS = 30
"""The days in which `max_retrains_30d` counts."""
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a job will come to.

    Arguments:
        tokens: tokens of the training pairs, one epoch.
        epochs: how often they are read; the most there can be where the spec leaves it open.
        credits: at the stated rate; None without one.
    """

    tokens: int
    epochs: int
    credits: float | None

    @property
    def trained_tokens(self) -> int:
        """Tokens times epochs: what Snowflake bills."""
        return self.tokens * self.epochs

    def __str__(self) -> str:
        text = f"about {self.trained_tokens:,} tokens ({self.tokens:,} x {self.epochs} epochs)"
        return text if self.credits is None else f"{text}, {self.credits:,.2f} credits"


def estimate(job: TrainingJob, measure: Measure) -> Estimate:
    """What training on the measured pairs comes to."""
    epochs = job.max_epochs or EPOCHS[-1]
    price = None if job.rate is None else job.rate.credits(measure.tokens * epochs)
    return Estimate(measure.tokens, epochs, price)


def ceiling(job: TrainingJob) -> str:
    """What the job's budget lets it come to, in words."""
    limits = []
    if job.max_trained_tokens is not None:
        limits.append(f"{job.max_trained_tokens:,} tokens")
        if job.rate is not None:
            limits.append(f"{job.rate.credits(job.max_trained_tokens):,.2f} credits")
    if job.max_credits is not None:
        limits.append(f"{job.max_credits:,.2f} credits by its budget")
    if job.max_rows is not None:
        limits.append(f"{job.max_rows:,} rows")
    if job.training_dataset is not None:
        epochs = f" in {job.max_epochs} epochs" if job.max_epochs else ""
        return f"on {job.training_dataset}{epochs}, of an unknown cost: {datasets.UNCOUNTED}"
    return f"of at most {', '.join(limits)}" if limits else "without a budget"


def needs_measure(job: TrainingJob) -> bool:
    """Whether the rows have to be counted before this job may be submitted."""
    budget = (job.max_trained_tokens, job.max_credits, job.max_rows)
    return any(limit is not None for limit in budget)


def data_faults(job: TrainingJob, measure: Measure) -> list[str]:
    """What makes the measured rows unfit to be trained on."""
    if measure.pairs == 0:
        return [f"the training query of {job.model} gives no rows"]
    found = []
    if measure.incomplete:
        found.append(
            f"{measure.incomplete:,} of {measure.pairs:,} pairs of {job.model} hold a NULL: filter"
            " them with WHERE prompt IS NOT NULL AND completion IS NOT NULL"
        )
    rows = measure.pairs + measure.validation_pairs
    limits = base_models.pair_limits(job.base_model)
    if job.max_rows is not None and rows > job.max_rows:
        found.append(f"{job.model} has {rows:,} rows, budget.max_rows is {job.max_rows:,}")
    if limits is not None and rows > (limit := limits.rows // (job.max_epochs or 1)):
        found.append(
            f"{job.model} has {rows:,} rows, {job.base_model} takes {limit:,} at"
            f" {job.max_epochs or 1} epochs: train on fewer rows or for fewer epochs"
        )
    return found


def uncounted_faults(job: TrainingJob) -> list[str]:
    """A budget that nothing can be held against: it refuses, it never passes."""
    if not needs_measure(job):
        return []
    return [f"the budget of {job.model} cannot be kept: {datasets.UNCOUNTED}; take it out"]


def cost_faults(job: TrainingJob, cost: Estimate) -> list[str]:
    """What is above the job's budget."""
    found = []
    if job.max_trained_tokens is not None and cost.trained_tokens > job.max_trained_tokens:
        found.append(
            f"training {job.model} would cost {cost}, budget.max_trained_tokens is"
            f" {job.max_trained_tokens:,}"
        )
    if job.max_credits is not None and (cost.credits is None or cost.credits > job.max_credits):
        found.append(
            f"training {job.model} would cost {cost}, budget.max_credits is {job.max_credits:,.2f}"
            if cost.credits is not None
            else f"the credits of {job.model} are unknown: state the rate of {job.base_model}"
        )
    return found


def warnings(job: TrainingJob, measure: Measure) -> list[str]:
    """What is worth knowing about the rows, and forbids nothing."""
    if not measure.long_pairs:
        return []
    text = (
        f"{measure.long_pairs:,} of {measure.pairs:,} pairs of {job.model} are longer than the"
        f" window of {job.base_model} and will be truncated silently; shorten or filter them"
    )
    return [text]


def counted(jobs: Iterable[JobRecord], pace: Pace, now: int) -> list[JobRecord]:
    """The jobs that a limit looks back at: on any base model, and however they ended."""
    reach = (pace.min_retrain_interval or 0) * 1_000
    if pace.max_retrains_30d is not None:
        reach = max(reach, WINDOW_DAYS * _DAY_MS)
    # A job whose time is not told may be one of them.
    return [job for job in jobs if now - (job.created_on or now) < reach]


def earlier_submits(
    job: TrainingJob,
    marker: Marker,
    described: Iterable[JobRecord],
    found: Iterable[ModelRecord],
) -> list[int]:
    """When this declaration was trained before, milliseconds since 1970, the newest first.

    Jobs tell it by the key in front of their query, and models by the marker in their comment;
    a model whose job is still listed counts once. Another name for the model begins anew.
    """
    head = f"cortex-resources {marker.project}/{marker.stack}/{marker.model} spec="
    versions = f" as {job.model}__".replace('"', "")
    times = {}
    for record in described:
        key = sqltext.leading_comment(record.training_data or "")
        if key.startswith(head) and versions in key.replace('"', ""):
            times[record.id] = record.created_on
    for model in found:
        made = models.marker_of(model.comment)
        if made and made.is_same_stack(marker) and made.model == marker.model:
            times.setdefault(made.job or str(model.name), model.created_on)
    return sorted((time for time in times.values() if time is not None), reverse=True)


def pace_faults(
    job: TrainingJob,
    pace: Pace,
    *,
    running: int,
    earlier: Sequence[int],
    trained: Sequence[int],
    now: int,
) -> list[str]:
    """What speaks against submitting now.

    Arguments:
        job: what is to be submitted.
        pace: the stack's limits.
        running: jobs of the account that have not ended.
        earlier: `earlier_submits`: each of them was paid.
        trained: those of them that neither failed nor were cancelled. An interval does not hold
            back who mends what failed.
        now: the account's time, milliseconds since 1970.
    """
    found = []
    if pace.max_concurrent_jobs is not None and running >= pace.max_concurrent_jobs:
        found.append(
            f"running jobs in the account: {running}, policy.max_concurrent_jobs is"
            f" {pace.max_concurrent_jobs}: run it again when one of them has ended"
        )
    interval = (pace.min_retrain_interval or 0) * 1_000
    if trained and now - trained[0] < interval:
        left = -(-(interval - (now - trained[0])) // 60_000)
        found.append(
            f"{job.model} was trained less than policy.min_retrain_interval ago: run it again in"
            f" {left:,} min"
        )
    recent = sum(now - time < WINDOW_DAYS * _DAY_MS for time in earlier)
    if pace.max_retrains_30d is not None and recent >= pace.max_retrains_30d:
        found.append(
            f"paid jobs for {job.model} in {WINDOW_DAYS} days: {recent},"
            f" policy.max_retrains_30d is {pace.max_retrains_30d}"
        )
    return found


def require(faults: Sequence[str]) -> None:
    """Refuse with everything that speaks against the submit.

    Raises:
        PolicyError: there is something.
    """
    if faults:
        raise PolicyError(
            "; ".join(faults),
            hint="Change the budget, the policy or the data. Nothing was submitted.",
        )
