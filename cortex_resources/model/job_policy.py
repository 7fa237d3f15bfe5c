"""What a user lets happen to a paid job by itself: nothing that pays again, unless it says so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MOST_ATTEMPTS = 2
"""How often one spec is submitted at most where failures are retried."""

TRANSIENT = frozenset(
    {
        "ABORTED",
        "DEADLINE_EXCEEDED",
        "INTERNAL",
        "INTERNAL_ERROR",
        "RESOURCE_EXHAUSTED",
        "SERVICE_UNAVAILABLE",
        "THROTTLED",
        "TIMEOUT",
        "TOO_MANY_REQUESTS",
        "UNAVAILABLE",
    }
)
"""Codes of a job's error that may be gone at the next attempt. Snowflake documents none; a code
that is not here, as INVALID_PARAMETER_VALUE, would fail again and be paid again."""


class OnFailure(StrEnum):
    """What follows a job that ended in ERROR."""

    HOLD = "hold"
    """Nothing: a person decides."""
    RETRY = "retry"
    """One more paid job, if the error was transient."""


class OnCancelled(StrEnum):
    """What follows a job that somebody cancelled."""

    HOLD = "hold"
    RETRAIN = "retrain"


class OnMissing(StrEnum):
    """What follows a model that was dropped outside the stack."""

    ERROR = "error"
    WARN = "warn"
    RETRAIN = "retrain"


class OnSupersede(StrEnum):
    """What becomes of a running job when its spec is edited."""

    CANCEL_FIRST = "cancel_first"
    """It is cancelled before the new one is submitted: one of them is paid in full."""
    KEEP = "keep"
    """It runs on beside the new one: both are paid."""


@dataclass(frozen=True, slots=True)
class JobPolicy:
    """The policies of one model; the defaults pay for nothing that was not asked for.

    Arguments:
        on_failure: after a job that failed.
        on_cancelled: after a job that somebody cancelled.
        on_missing: after the model was dropped outside the stack.
        on_supersede: when the spec changes while a job runs.
        allow_legacy: a base model that is legacy may be trained on.
        abort_after_minutes: when a running job that `pulumi up` looks at is cancelled.
        stall_timeout_minutes: the same for one whose progress stands still.
    """

    on_failure: OnFailure = OnFailure.HOLD
    on_cancelled: OnCancelled = OnCancelled.HOLD
    on_missing: OnMissing = OnMissing.ERROR
    on_supersede: OnSupersede = OnSupersede.CANCEL_FIRST
    allow_legacy: bool = False
    abort_after_minutes: float | None = None
    stall_timeout_minutes: float | None = None


def is_transient(code: str | None) -> bool:
    """Whether the error of a job may be gone at the next attempt."""
    return (code or "").upper() in TRANSIENT
