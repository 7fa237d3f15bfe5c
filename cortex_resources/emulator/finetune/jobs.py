"""A fine-tuning job: what is decided when it is created, and its state at a time.

`state` is a pure function of the job and the time; nothing has to run for a job to make progress.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

CHECKED_AFTER: Final = 1.2  # seconds until a bad query shows
PENDING_FOR: Final = 5.0
# Measured run times: (trained tokens, seconds).
_POINTS: Final = ((112_855, 154.0), (377_100, 176.0), (2_670_000, 303.0))


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job ends in ERROR, and how far it gets before."""

    code: str
    message: str
    progress: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job.

    `name` is the model's name as it was typed, `path` its folded full path, `schema` the id of
    the schema that receives it, which may get another name meanwhile.
    """

    id: str
    number: int
    name: str
    path: tuple[str, str, str]
    base_model: str
    training_data: str
    validation_data: str
    options: dict[str, Any] | None
    epochs: int
    role: str
    user: str
    created_on: float
    query_tag: str = ""
    input_tokens: int = 0
    rows: int = 0
    duration: float = 0.0
    failure: Failure | None = None
    cancelled_on: float | None = None
    settled: bool = False
    collected: bool = False
    model: str | None = None
    training_loss: float | None = None
    validation_loss: float | None = None
    schema: str = ""

    @property
    def trained_tokens(self) -> int:
        """What is billed: the tokens of the pairs, once for each epoch."""
        return self.input_tokens * self.epochs


@dataclass(frozen=True, slots=True)
class State:
    """How far a job is."""

    status: str
    progress: float
    finished_on: float | None = None

    @property
    def terminal(self) -> bool:
        """Whether it stays like this."""
        return self.finished_on is not None


def seconds(trained_tokens: int) -> float:
    """How long a job with that many trained tokens takes, from the measured points."""
    before, after = _POINTS[0], _POINTS[1]
    for first, second in pairwise(_POINTS):
        before, after = first, second
        if trained_tokens <= second[0]:
            break
    slope = (after[1] - before[1]) / (after[0] - before[0])
    return before[1] + (trained_tokens - before[0]) * slope


def state(job: Job, now: float) -> State:
    """The state of a job at a time."""
    at = now if job.cancelled_on is None else min(now, job.cancelled_on)
    reached = _undisturbed(job, at)
    if reached.terminal or job.cancelled_on is None or now < job.cancelled_on:
        return reached
    return State("CANCELLED", reached.progress, job.cancelled_on)


def _undisturbed(job: Job, now: float) -> State:
    if job.failure is not None:
        ends = job.created_on + _failing_after(job, job.failure)
        if now >= ends:
            return State("ERROR", job.failure.progress, ends)
    elapsed = now - job.created_on
    if elapsed < min(PENDING_FOR, job.duration or PENDING_FOR):
        return State("PENDING", 0.0)
    if elapsed >= job.duration > 0:
        return State("SUCCESS", 1.0, job.created_on + job.duration)
    running = (elapsed - PENDING_FOR) / max(job.duration - PENDING_FOR, 1.0)
    return State("IN_PROGRESS", round(min(running, 0.99), 4))


def _failing_after(job: Job, failure: Failure) -> float:
    if failure.progress <= 0:
        return CHECKED_AFTER
    return PENDING_FOR + failure.progress * (job.duration - PENDING_FOR)


def next_change(job: Job) -> float:
    """When an unsettled job reaches its end."""
    if job.cancelled_on is not None:
        return job.cancelled_on
    if job.failure is not None:
        return job.created_on + _failing_after(job, job.failure)
    return job.created_on + job.duration
