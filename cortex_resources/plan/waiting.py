"""How a wait goes on after each look: what it means is the table's, how long to pause is here."""

from __future__ import annotations

from dataclasses import dataclass

from cortex_resources.errors import CortexError
from cortex_resources.model.jobs import JobRecord, TrainingJob
from cortex_resources.plan import job_life
from cortex_resources.plan.situations import Action, Situation
from cortex_resources.sql import finetune

FIRST_PAUSE, LONGEST_PAUSE, GROWTH = 1.0, 60.0, 1.5
"""Seconds before the second look, the longest pause, and the factor between pauses."""

SILENCE = 60.0
"""Seconds after which a job that does not change is mentioned again."""


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Look again after this many seconds."""

    pause: float
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """The wait is over: the job is terminal, or nobody waits for it any longer.

    `is_cancelled` asks for a CANCEL first: the stack file sets a limit and it was reached.
    """

    error: CortexError | None = None
    is_cancelled: bool = False


def next_step(situation: Situation, pause: float) -> LookAgain | Ended:
    """What a wait does after one look.

    Arguments:
        situation: what the look said.
        pause: the pause before it, 0 before the first.
    """
    step = job_life.decide(situation)
    if step.action is Action.LOOK_AGAIN:
        longer = min(LONGEST_PAUSE, max(FIRST_PAUSE, pause * GROWTH))
        patience = situation.patience
        return LookAgain(min(longer, patience.limit - patience.elapsed), step.warning)
    return Ended(step.error, is_cancelled=step.action is Action.CANCEL)


def is_news(before: JobRecord | None, now: JobRecord, silence: float) -> bool:
    """Whether a look is worth a line: something changed, or nothing was said for a minute."""
    if before is None or silence >= SILENCE:
        return True
    return (before.word, before.progress) != (now.word, now.progress)


def progress_line(job: JobRecord, *, elapsed: float, begun: float = 0.0) -> str:
    """One line for people: share done, expected end, status, time, id.

    What changes comes first: a narrow terminal shows the first few letters only.

    Arguments:
        job: what the last look said.
        elapsed: seconds since the wait began.
        begun: how far the job was then; only what was watched tells how fast it goes.
    """
    share = f"{job.progress:.0%}, " if job.progress is not None else ""
    left = ""
    if job.progress and job.progress < 1 and job.progress - begun > 0.05:
        rest = (1 - job.progress) * elapsed / (job.progress - begun)
        left = f"about {_clock(rest)} left, "
    return f"{share}{left}{job.word} after {_clock(elapsed)} ({job.id})"


def submitted(job: TrainingJob, job_id: str) -> str:
    """What is said of a job that costs from now on.

    It names what stops it at once: a run that is broken off right here waits for nothing, and says
    no more of the job.
    """
    return f"submitted job {job_id} for {job.model_name}; stop it: {finetune.cancel(job_id).text}"


def goes_on(job: TrainingJob, job_id: str) -> str:
    """What is said when a wait is broken off: the job does not end with the run that made it."""
    return (
        f"job {job_id} of {job.model} goes on and costs: the next `pulumi up` waits for it;"
        f" stop it: {finetune.cancel(job_id).text}"
    )


def _clock(seconds: float) -> str:
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60:02d} s"
