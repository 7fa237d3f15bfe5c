"""One paid submit, the key by which it is found again, and what is found of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cortex_resources.model.jobs import JobRecord, Marker, ModelRecord, Status, TrainingJob

_VERSION = "1"
"""Part of every key. Raising it would hide every job that was submitted before."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is trained, for whom, and the how-manieth attempt it is."""

    job: TrainingJob
    marker: Marker
    attempt: int = 1

    @property
    def key(self) -> str:
        """The same for every attempt at one spec of one stack under one name.

        The key in the stack file is no part of it: what is only called otherwise there must not be
        paid for again.
        """
        whose = f"{self.marker.project}/{self.marker.stack}"
        text = f"{_VERSION}/{whose}/{self.job.model_name}/{self.job.spec_hash}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def tag(self) -> str:
        """What the query tag of the paid statement ends with.

        Behind the declaration it says what the comment in front of a training query says, for a
        dataset can carry no comment.
        """
        name = f"spec={self.job.spec_hash} as {self.job.model_name}"
        return f"{name} key={self.key}.{self.attempt}"

    @property
    def removal_tag(self) -> str:
        """What the query tags of its removal end with: our own end of a job is no accident."""
        return f"removed={self.key}"


@dataclass(frozen=True, slots=True)
class OurJob:
    """A job that is proven to be of this order.

    Arguments:
        record: what the backend says.
        attempt: which attempt it was.
        is_made: what it made is there.
        is_let_go: our own destroy ended its life; its end is no reason to hold back.
    """

    record: JobRecord
    attempt: int = 1
    is_made: bool = False
    is_let_go: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that may be ours and cannot be proved: nothing is paid beside it."""

    what: str
    hint: str


@dataclass(frozen=True, slots=True)
class Found:
    """Everything a backend holds of one order.

    Arguments:
        model: what carries this order's own marker.
        jobs: proven jobs, any attempt.
        doubt: what stands in the way.
    """

    model: ModelRecord | None = None
    model_job: str = ""
    jobs: tuple[OurJob, ...] = ()
    doubt: Doubt | None = None

    @property
    def live(self) -> tuple[OurJob, ...]:
        """The jobs that may still run."""
        return tuple(job for job in self.jobs if not job.record.status.is_terminal)

    @property
    def made(self) -> tuple[OurJob, ...]:
        """The jobs whose model is there."""
        return tuple(job for job in self.jobs if job.is_made)

    @property
    def last(self) -> OurJob | None:
        """The last attempt that ended without a model and that nobody of ours let go.

        Of two jobs of one attempt the cancelled one gave way to the other and tells less.
        """
        ended = [job for job in self.jobs if not (job.is_made or job.is_let_go)]
        return max(ended, key=_tells, default=None)


def _tells(job: OurJob) -> tuple[int, bool, int]:
    record = job.record
    return job.attempt, record.status is not Status.CANCELLED, record.created_on or 0
