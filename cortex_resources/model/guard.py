"""What paid jobs may come to: a price that the user states, and the pace a stack allows."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from cortex_resources.errors import InvalidNameError

_DURATION = re.compile(r"(?P<count>[1-9]\d{0,4})(?P<unit>[mhd])")
_SECONDS = {"m": 60, "h": 3_600, "d": 86_400}
_RATE = re.compile(r"(?P<credits>\S+) credits per million tokens \((?P<as_of>\d{4}-\d{2}-\d{2})\)")


@dataclass(frozen=True, slots=True)
class Rate:
    """Credits for a million trained tokens of one base model.

    Snowflake publishes it in the Service Consumption Table only, so a user copies it from there
    and says when.

    Arguments:
        credits_per_million: credits for 1,000,000 trained tokens.
        as_of: the day it was read.
    """

    credits_per_million: float
    as_of: datetime.date

    def credits(self, tokens: int) -> float:
        """What that many trained tokens cost."""
        return tokens * self.credits_per_million / 1_000_000

    def __str__(self) -> str:
        return f"{self.credits_per_million:g} credits per million tokens ({self.as_of})"

    @classmethod
    def parse(cls, text: str) -> Rate | None:
        """Read `str` back; nothing from nothing."""
        found = _RATE.fullmatch(text)
        if found is None:
            return None
        return cls(float(found["credits"]), datetime.date.fromisoformat(found["as_of"]))


@dataclass(frozen=True, slots=True)
class Pace:
    """How often, and how many at once, paid jobs may be submitted; None is no limit.

    Arguments:
        max_concurrent_jobs: jobs that may run in the account when another one is submitted.
        min_retrain_interval: seconds between two submits of one declaration.
        max_retrains_30d: submits of one declaration within thirty days.
    """

    max_concurrent_jobs: int | None = None
    min_retrain_interval: int | None = None
    max_retrains_30d: int | None = None

    @property
    def is_limited(self) -> bool:
        """Whether anything has to be asked before a submit."""
        limits = (self.max_concurrent_jobs, self.min_retrain_interval, self.max_retrains_30d)
        return any(limit is not None for limit in limits)


def seconds_of(text: str) -> int:
    """The seconds of `30m`, `12h` or `7d`.

    Raises:
        InvalidNameError: the text is no such duration.
    """
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise InvalidNameError(
            f"{text!r} is no duration", hint="Write minutes, hours or days: 30m, 12h, 7d."
        )
    return int(found["count"]) * _SECONDS[found["unit"]]
