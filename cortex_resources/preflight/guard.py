"""Asks the account what the cost guard needs to know, right before the one statement that pays.

The answers are counts, times and column names, never rows.
"""

from __future__ import annotations

from collections.abc import Callable

from cortex_resources.backends import finetune
from cortex_resources.errors import (
    AccountError,
    ObjectMissingError,
    PrivilegeMissingError,
    StatementRefusedError,
)
from cortex_resources.model.effects import Statement
from cortex_resources.model.guard import Pace
from cortex_resources.model.jobs import Marker, Status, TrainingJob
from cortex_resources.plan import guard
from cortex_resources.sql import models, moments, training_data

Rows = list[dict[str, object]]
_ENDED_BADLY = (Status.ERROR, Status.CANCELLED)
Runner = Callable[[Statement], Rows]


def require(job: TrainingJob, marker: Marker, pace: Pace, run: Runner) -> list[str]:
    """Refuse a submit that is too dear, too early or on unfit rows; what is left is worth knowing.

    Arguments:
        job, marker: what is to be submitted, and whose it is.
        pace: the stack's limits.
        run: runs a READ with the job's role.

    Raises:
        PolicyError: everything that speaks against it.
        AccountError: the account could not be asked, and a limit depends on the answer.
    """
    faults, notes = _of_rows(job, run)
    guard.require([*_of_pace(job, marker, pace, run), *faults])
    return notes


def _of_rows(job: TrainingJob, run: Runner) -> tuple[list[str], list[str]]:
    """What speaks against the rows, and what is worth knowing about them."""
    if job.training_dataset is not None:
        return guard.uncounted_faults(job), []
    try:
        measure = training_data.parse_measure(run(training_data.measure(job)))
    except AccountError as error:
        if guard.needs_measure(job):
            raise StatementRefusedError(
                f"the tokens of {job.model} could not be counted: {error.what}",
                hint=f"{_way_out(error, job)} Nothing was submitted.",
                errno=error.errno,
                statement=error.statement,
            ) from None
        return [], [f"the rows of {job.model} could not be counted: {error.what}"]
    faults = guard.data_faults(job, measure)
    if measure.pairs:
        faults += guard.cost_faults(job, guard.estimate(job, measure))
    return faults, guard.warnings(job, measure)


def _way_out(error: AccountError, job: TrainingJob) -> str:
    if isinstance(error, ObjectMissingError | PrivilegeMissingError):
        # Without the budget the service would refuse the same rows.
        reader = f"Role {job.role}" if job.role else "The role of the connection"
        return f"{reader} must be able to read what the query names: grant SELECT on it."
    return (
        f"Check base_model {job.base_model} and the training query; take out the budget to submit"
        " without counting."
    )


def _of_pace(job: TrainingJob, marker: Marker, pace: Pace, run: Runner) -> list[str]:
    if not pace.is_limited:
        return []
    listed, now = finetune.listed(run), moments.parse_now(run(moments.now()))
    looked = finetune.looked_into(job, guard.counted(listed, pace, now), run)
    fruitful = [record for record in looked if record.status not in _ENDED_BADLY]
    found = models.parse(run(models.show_versions(job.model))).values()
    return guard.pace_faults(
        job,
        pace,
        running=sum(not record.status.is_terminal for record in listed),
        earlier=guard.earlier_submits(job, marker, looked, found),
        trained=guard.earlier_submits(job, marker, fruitful, found),
        now=now,
    )
