"""What the table of a paid job reads and answers; the rows themselves are in `job_life`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from cortex_resources.errors import CortexError
from cortex_resources.model.base_models import Offer
from cortex_resources.model.job_policy import JobPolicy
from cortex_resources.model.jobs import JobRecord, ModelRecord, Phase, Status
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.orders import Found
from cortex_resources.model.stack import Wait


class Moment(StrEnum):
    """When the table is asked."""

    PAYING = "paying"
    """A job is about to be made: adopt, refuse or submit."""
    SUBMITTED = "submitted"
    """Our CREATE has just given an id: another run may have submitted the same."""
    WAITING = "waiting"
    """The program waits for the job."""
    LOOKING = "looking"
    """A refresh, a harvest or a plan meets what is there."""


class Action(StrEnum):
    """What follows."""

    SUBMIT = "submit"
    ADOPT_MODEL = "adopt model"
    ADOPT_JOB = "adopt job"
    GIVE_WAY = "give way"
    """Cancel the job that was just submitted and adopt the older one of another run."""
    REFUSE = "refuse"
    LOOK_AGAIN = "look again"
    LEAVE = "leave"
    """Stop waiting; a later run harvests."""
    CANCEL = "cancel"
    HARVEST = "harvest"
    KEEP = "keep"
    FAIL = "fail"
    """Tell it as an error; the state stays as it is."""
    RETRAIN = "retrain"
    """Another attempt takes the place of this job, in a replacement that the preview shows."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited, in seconds; `running` and `still` are the account's own times.

    Arguments:
        wait: the mode.
        elapsed: since the wait began.
        limit: when it gives up; progress does not move it.
        running: since the job was created; None where nobody asked.
        abort_after: when the job is cancelled; None is never.
        still: since its progress last moved.
        stall_timeout: when a job that stands still is cancelled; None is never.
    """

    wait: Wait = Wait.BLOCK
    elapsed: float = 0.0
    limit: float = 0.0
    running: float | None = None
    abort_after: float | None = None
    still: float | None = None
    stall_timeout: float | None = None

    @property
    def exceeded(self) -> str:
        """The limit of the stack file that the job has reached, in words."""
        for name, spent, most in (
            ("abort_after", self.running, self.abort_after),
            ("stall_timeout", self.still, self.stall_timeout),
        ):
            if spent is not None and most is not None and spent >= most:
                return f"{name} of {most / 60:g} minutes has passed"
        return ""


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything the table reads.

    Arguments:
        moment: which question is asked.
        model: the declared name.
        wished: the name the job was submitted under.
        saved: the phase in Pulumi's state; None when nothing is saved.
        job: the record, None when none is kept.
        artifact: what the job made, under its real name; None when it is not there.
        renamed: the name that somebody gave a model that is missing.
        unseen_by: the roles that do not see a missing model, where nothing proves that it is gone.
        job_id, attempt: as saved.
        policy: what may happen by itself.
        found: what is held of this order, asked before paying.
        offer: what the account says about the base model.
        patience: how long is waited.
        refusal: the account could not be asked, or did not answer.
    """

    moment: Moment
    model: QualifiedName
    wished: QualifiedName
    saved: Phase | None = None
    job: JobRecord | None = None
    artifact: ModelRecord | None = None
    renamed: QualifiedName | None = None
    unseen_by: str = ""
    job_id: str = ""
    attempt: int = 1
    policy: JobPolicy = field(default_factory=JobPolicy)
    found: Found = field(default_factory=Found)
    offer: Offer = field(default_factory=lambda: Offer(""))
    patience: Patience = field(default_factory=Patience)
    refusal: CortexError | None = None

    @property
    def status(self) -> Status | None:
        """The job's status, None without a record."""
        return self.job.status if self.job else None

    @property
    def is_waiting(self) -> bool:
        """Asked by the program's wait."""
        return self.moment is Moment.WAITING


@dataclass(frozen=True, slots=True)
class Step:
    """What follows, and from which row."""

    row: int
    action: Action
    phase: Phase | None = None
    error: CortexError | None = None
    warning: str = ""
    job: JobRecord | None = None
    model: ModelRecord | None = None
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number, whether it applies, what follows."""

    number: int
    applies: Callable[[Situation], bool]
    follows: Callable[[Situation], Step]
