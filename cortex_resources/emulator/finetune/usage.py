"""What fine-tuning cost: trained tokens by hour and base model.

*CORTEX_FINE_TUNING_USAGE_HISTORY view*: the hour is the one in which a job terminated; jobs and
roles are not told. A job that was cancelled or failed on the way is reported with the share that
it had trained, which no page confirms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cortex_resources.emulator.finetune import jobs
from cortex_resources.emulator.finetune.jobs import Job

_HOUR: Final = 3600
_DAYS: Final = 365
_PER_RATE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """The tokens of one hour and base model; no credits where no rate is known."""

    hour: float
    base_model: str
    tokens: int
    credits: Decimal | None

    @property
    def until(self) -> float:
        """When the hour ends."""
        return self.hour + _HOUR


def history(listed: Iterable[Job], now: float, rates: Mapping[str, float]) -> list[Usage]:
    """The hours of the last year in which jobs ended; `rates` are credits per million tokens."""
    spent: dict[tuple[float, str], int] = defaultdict(int)
    for job in listed:
        state = jobs.state(job, now)
        if state.finished_on is None or state.finished_on < now - _DAYS * 24 * _HOUR:
            continue
        tokens = int(job.trained_tokens * state.progress)
        if tokens:
            spent[state.finished_on - state.finished_on % _HOUR, job.base_model] += tokens
    return [
        Usage(hour, model, tokens, _credits(tokens, rates.get(model)))
        for (hour, model), tokens in sorted(spent.items())
    ]


def _credits(tokens: int, rate: float | None) -> Decimal | None:
    if rate is None:
        return None
    return round(Decimal(str(rate)) * tokens / _PER_RATE, 9)
