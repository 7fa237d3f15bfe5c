"""When a wait for a job goes on, ends, or gives up: decided here, slept elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from cortex_resources.errors import CortexError, StillTrainingError
from cortex_resources.model.jobs import JobRecord
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.stack import Wait
from cortex_resources.plan import jobs

FIRST_PAUSE, LONGEST_PAUSE, GROWTH = 1.0, 60.0, 1.5
"""Seconds before the second look, the longest pause, and the factor between pauses."""


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Look again after this many seconds."""

    pause: float


@dataclass(frozen=True, slots=True)
class Ended:
    """The wait is over: the job is terminal, or nobody waits for it any longer."""

    error: CortexError | None = None


def next_step(
    model: QualifiedName, job: JobRecord, wait: Wait, *, elapsed: float, limit: float, pause: float
) -> LookAgain | Ended:
    """What a wait does after one look at the job.

    Arguments:
        model: the declared name, for messages.
        job: what DESCRIBE just said.
        wait: the mode of the stack file.
        elapsed: seconds since the wait began.
        limit: seconds after which it gives up; one deadline, progress does not move it.
        pause: the pause before this look, 0 before the first.
    """
    if job.status.is_terminal:
        return Ended(jobs.failure(model, job))
    if wait is Wait.NONE:
        return Ended()
    if elapsed >= limit:
        return Ended(None if wait is Wait.BOUNDED else _still(model, job, limit))
    longer = min(LONGEST_PAUSE, max(FIRST_PAUSE, pause * GROWTH))
    return LookAgain(min(longer, limit - elapsed))


def _still(model: QualifiedName, job: JobRecord, limit: float) -> StillTrainingError:
    return StillTrainingError(
        f"{model} still trains after {limit / 60:.0f} minutes, job {job.id} goes on",
        hint="Run `pulumi up` again to go on waiting; nothing is submitted twice.",
    )


def progress_line(job: JobRecord, *, elapsed: float) -> str:
    """One line for people: share done, expected end, status, time, id.

    What changes comes first: a narrow terminal shows the first few letters only.
    """
    share = f"{job.progress:.0%}, " if job.progress is not None else ""
    left = ""
    if job.progress and 0.05 < job.progress < 1:
        rest = elapsed / job.progress - elapsed
        left = f"about {_clock(rest)} left, "
    return f"{share}{left}{job.word} after {_clock(elapsed)} ({job.id})"


def _clock(seconds: float) -> str:
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60:02d} s"
