"""Rules of a declared job, and how a running one is stopped."""

from __future__ import annotations

from cortex_resources.errors import StatementRefusedError
from cortex_resources.model import base_models, datasets
from cortex_resources.model.jobs import JobRecord, TrainingJob
from cortex_resources.model.views import query_faults

STOP_SECONDS = 120.0
"""How long a cancelled job may go on before its removal fails."""

STOP_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between two looks at a job that was cancelled; the last one is repeated."""


def faults(job: TrainingJob) -> list[tuple[str, str]]:
    """What makes a job unfit to be submitted, as (field, sentence) pairs."""
    on_dataset = job.training_dataset is not None
    found = _dataset_faults(job) if on_dataset else _query_faults(job)
    if text := base_models.unfit(job.base_model, on_dataset=on_dataset):
        found.append(("base_model", text))
    if text := base_models.epochs_fault(job.base_model, job.max_epochs):
        found.append(("max_epochs", text))
    return found


def _query_faults(job: TrainingJob) -> list[tuple[str, str]]:
    found = [("training_query", text) for text in query_faults(job.training_query)]
    if job.validation_query is not None:
        found += [("validation_query", text) for text in query_faults(job.validation_query)]
    if job.validation_dataset is not None:
        text = "a job on a query is validated by a query, not by a dataset: give both or neither"
        found.append(("validation_dataset", text))
    if job.max_trained_tokens is not None and job.max_epochs is None:
        text = (
            "a budget needs max_epochs, for Snowflake may train ten times as many tokens without;"
            " add max_epochs: 1 to 10"
        )
        found.append(("max_trained_tokens", text))
    return found


def _dataset_faults(job: TrainingJob) -> list[tuple[str, str]]:
    queries = {"training_query": job.training_query, "validation_query": job.validation_query}
    found = [
        (name, "a job on a dataset reads no query: take the query out, or the dataset")
        for name, query in queries.items()
        if query
    ]
    budget = ("max_trained_tokens", "max_credits", "max_rows")
    found += [
        (name, f"{datasets.UNKEPT}: take it out and bound the job by max_epochs")
        for name in budget
        if getattr(job, name) is not None
    ]
    return found


def may_run(job: JobRecord | None) -> bool:
    """Whether a job may still run, so that it is cancelled: running is spending."""
    return job is not None and not job.status.is_terminal


def pause_before_look(
    job: JobRecord | None, *, is_accepted: bool, looks: int, elapsed: float
) -> float | None:
    """Seconds until a cancelled job is looked at again; None when it has ended.

    Arguments:
        job: what the last look said.
        is_accepted: the service said that it stopped the job.
        looks, elapsed: how often it was looked at since, and for how many seconds.

    Raises:
        StatementRefusedError: it still runs, so it must not leave the state.
    """
    if job is None or not may_run(job):
        return None
    if not is_accepted or elapsed >= STOP_SECONDS:
        raise StatementRefusedError(
            f"job {job.id} was not cancelled and still runs",
            hint="Run it again, or cancel it yourself; the job stays in the state until it ended.",
        )
    return STOP_PAUSES[min(looks, len(STOP_PAUSES) - 1)]
