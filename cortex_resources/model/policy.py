"""What a stack allows: the permission that spending and destroying statements need."""

from __future__ import annotations

from dataclasses import dataclass

from cortex_resources.model.guard import Pace, seconds_of


@dataclass(frozen=True, slots=True)
class Policy:
    """The permissions of one stack; the defaults lose nothing and pay nothing twice.

    Arguments:
        allow_training: FINETUNE CREATE may be sent.
        allow_drop: DROP of a view, snapshot, alias or model may be sent; else it is kept.
        allow_revoke: REVOKE may be sent for privileges that this stack granted.
        protect: Pulumi refuses to delete or replace views, snapshots, jobs, models and aliases.
        retain: models stay in the account when they leave the stack.
        max_concurrent_jobs: jobs that may run in the account when another one is submitted.
        min_retrain_interval: the least time between two submits of one model: `30m`, `12h`, `7d`.
        max_retrains_30d: submits of one model within thirty days.
    """

    allow_training: bool = True
    allow_drop: bool = False
    allow_revoke: bool = True
    protect: bool = False
    retain: bool = False
    max_concurrent_jobs: int | None = None
    min_retrain_interval: str | None = None
    max_retrains_30d: int | None = None

    @property
    def withheld(self) -> str:
        """What a run under this policy may not remove, in the words of the fields."""
        words = {
            "allow_drop": not self.allow_drop,
            "allow_revoke": not self.allow_revoke,
            "retain": self.retain,
        }
        return " ".join(word for word, is_withheld in words.items() if is_withheld)

    @property
    def pace(self) -> Pace:
        """The limits on submits.

        Raises:
            InvalidNameError: the interval is no duration.
        """
        interval = self.min_retrain_interval
        seconds = None if interval is None else seconds_of(interval)
        return Pace(self.max_concurrent_jobs, seconds, self.max_retrains_30d)
