"""What the life of a paid job asks of a service that trains.

Success is the artifact, never the status of a job. Decisions are in `plan.job_life`, texts of
statements in `sql`; a backend only carries questions and answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cortex_resources.model.effects import Statement
from cortex_resources.model.jobs import JobRecord, ModelRecord
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.orders import Found, Order, OurJob

Rows = list[dict[str, object]]
Run = Callable[[Statement], Rows]
"""Sends one statement, with the role and the tag of whoever asks."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a backend can do.

    Arguments:
        has_comments: an artifact carries our marker in its comment; else in its name alone.
        has_base_models: the account lists what may be trained on, with its lifecycle.
        is_sql: the training rows are read by a query, so columns and tokens can be asked for.
        notice: what users should know about the service, once per run.
    """

    has_comments: bool
    has_base_models: bool
    is_sql: bool
    notice: str = ""


class TrainingBackend(Protocol):
    """A service that trains."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    def submit(self, order: Order, run: Run) -> str:
        """Start a paid job and give its id, in seconds; sent once.

        Raises:
            ReplyLostError: nobody knows whether it was started: ask `find`.
        """
        ...

    def find(self, order: Order, run: Run, *, with_failures: bool = False) -> Found:
        """What exists of an order, asked anew; before paying, and after an unclear submit."""
        ...

    def running(self, order: Order, run: Run) -> tuple[OurJob, ...]:
        """The jobs of an order that run, asked anew right after a submit."""
        ...

    def predecessors(self, order: Order, run: Run) -> list[JobRecord]:
        """Running jobs of the same declaration that train another spec of it."""
        ...

    def observe(self, job_id: str, beside: QualifiedName, run: Run) -> JobRecord | None:
        """One look at a job; None when the service no longer keeps its record."""
        ...

    def cancel(self, job_id: str, run: Run) -> bool:
        """Stop a job; whether the service says that it did. A second call does no harm."""
        ...

    def artifact(self, name: QualifiedName, run: Run) -> ModelRecord | None:
        """What a job made, if it is there: the proof of success."""
        ...

    def discard(self, name: QualifiedName, run: Run) -> None:
        """Remove what a job made, for ever."""
        ...
