"""The wait for a job: in the program, so that no provider thread or engine worker is held.

The loop only sleeps and asks; what each answer means is decided in `plan.job_life`. The job's id is
in Pulumi's state before the wait begins, so an interrupted run leaves nothing pending.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import pulumi

from cortex_resources.backends import registry
from cortex_resources.backends.seam import Rows
from cortex_resources.errors import CortexError
from cortex_resources.gateway.session import account_for
from cortex_resources.model.effects import Statement
from cortex_resources.model.job_policy import JobPolicy
from cortex_resources.model.jobs import FINETUNE, JobRecord, Phase, Status, TrainingJob
from cortex_resources.model.stack import Wait
from cortex_resources.plan import adoption, waiting
from cortex_resources.plan.situations import Moment, Patience, Situation
from cortex_resources.sql import finetune, moments

T = TypeVar("T")

_SPREAD = 0.1
"""Pauses differ by up to this share, so that jobs that began together do not ask together."""


@dataclass(frozen=True, slots=True)
class Waiter:
    """Who waits, for what, and for how long.

    Arguments:
        job: the declaration.
        connection, tag: where and under which query tag to ask.
        wait: the mode.
        minutes: when a wait gives up.
        policy: what may happen by itself, as when the job is cancelled.
        backend: the service.
    """

    job: TrainingJob
    connection: str
    tag: str
    wait: Wait = Wait.BLOCK
    minutes: float = 240
    policy: JobPolicy = field(default_factory=JobPolicy)
    backend: str = FINETUNE

    @property
    def patience(self) -> Patience:
        """The limits in seconds."""
        return Patience(
            self.wait,
            limit=self.minutes * 60,
            abort_after=_seconds(self.policy.abort_after_minutes),
            stall_timeout=_seconds(self.policy.stall_timeout_minutes),
        )

    @property
    def has_limits(self) -> bool:
        """Whether the account's clock is needed."""
        limits = (self.policy.abort_after_minutes, self.policy.stall_timeout_minutes)
        return any(limit is not None for limit in limits)

    def run(self, statement: Statement) -> Rows:
        """Send one statement as the job's role."""
        return account_for(self.connection).run(
            statement, tag=self.tag, role=self.job.role, warehouse=self.job.warehouse
        )


def _seconds(minutes: float | None) -> float | None:
    return None if minutes is None else minutes * 60


def ended(
    resource: pulumi.CustomResource, waiter: Waiter
) -> pulumi.Output[Sequence[pulumi.Resource]]:
    """What the artifact depends on: known once the job ended, at once in a preview.

    Arguments:
        resource: the job's resource; progress lines go to its row.
        waiter: who waits.
    """

    async def until_ended(known: Sequence[str]) -> Sequence[pulumi.Resource]:
        job_id, status = known
        if not pulumi.runtime.is_dry_run() and job_id:
            try:
                await _Watch(resource, waiter, job_id).until_ended(finetune.status_of(status))
            except asyncio.CancelledError:  # Ctrl-C, or another resource failed
                pulumi.log.warn(waiting.goes_on(waiter.job, job_id), resource=resource)
                raise
        return [resource]

    found = pulumi.Output.all(resource.job_id, resource.status)  # type: ignore[attr-defined]
    return found.apply(until_ended)


class _Watch:
    """One wait for one job."""

    def __init__(self, resource: pulumi.Resource, waiter: Waiter, job_id: str) -> None:
        self.resource, self.waiter, self.job_id = resource, waiter, job_id
        self.backend = registry.named(waiter.backend)
        self.began = time.monotonic()
        self.spoke = self.began
        self.begun = 0.0
        self.moved: tuple[float | None, int] | None = None

    async def until_ended(self, status: Status) -> None:
        """Look, report, sleep, until the plan says that the wait is over.

        The first look is the status that Pulumi's refresh just read: a job that ended well costs
        no statement. One that ended badly is asked for its reason, a limit for the account's time.
        """
        record: JobRecord | None = JobRecord(self.job_id, status, str(status))
        patience, pause = self.waiter.patience, 0.0
        if status is Status.ERROR or (self.waiter.has_limits and not status.is_terminal):
            record, patience = await asyncio.to_thread(self._look, patience)
        said: JobRecord | None = None
        while True:
            elapsed = time.monotonic() - self.began
            patience = replace(patience, elapsed=elapsed)
            step = waiting.next_step(self._situation(record, patience), pause)
            if isinstance(step, waiting.Ended):
                await self._end(step)
                return
            pause = step.pause
            if step.warning and said is None:
                pulumi.log.warn(step.warning, resource=self.resource)
            # Spread, not secret; a deadline is never overslept.
            await asyncio.sleep(pause * (1 - random.uniform(0, _SPREAD)))  # noqa: S311
            record, patience = await asyncio.to_thread(self._look, patience)
            if record is not None and waiting.is_news(said, record, time.monotonic() - self.spoke):
                self._say(record, is_first=said is None)
                said = record

    def _say(self, record: JobRecord, *, is_first: bool) -> None:
        self.spoke = time.monotonic()
        if is_first:
            self.begun = record.progress or 0.0
        line = waiting.progress_line(record, elapsed=self.spoke - self.began, begun=self.begun)
        pulumi.log.info(line, resource=self.resource, ephemeral=True)

    async def _end(self, step: waiting.Ended) -> None:
        if step.is_cancelled:
            await asyncio.to_thread(self._asked, self._cancel)
        if step.error is not None:
            raise pulumi.RunError(str(step.error))

    def _cancel(self) -> None:
        self.backend.cancel(self.job_id, self.waiter.run)

    def _situation(self, record: JobRecord | None, patience: Patience) -> Situation:
        job = self.waiter.job
        return Situation(
            Moment.WAITING,
            job.model,
            job.model_name,
            saved=Phase.TRAINING,
            job=record,
            job_id=self.job_id,
            attempt=adoption.attempt_in(record.training_data) if record else 1,
            policy=self.waiter.policy,
            patience=patience,
        )

    def _look(self, patience: Patience) -> tuple[JobRecord | None, Patience]:
        """One look at the job, and at the account's clock where a limit needs it."""
        return self._asked(lambda: self._seen(patience))

    def _seen(self, patience: Patience) -> tuple[JobRecord | None, Patience]:
        waiter = self.waiter
        record = self.backend.observe(self.job_id, waiter.job.model_name, waiter.run)
        if record is None or not waiter.has_limits or record.status.is_terminal:
            return record, patience
        now = moments.parse_now(waiter.run(moments.now()))
        if self.moved is None or self.moved[0] != record.progress:
            self.moved = (record.progress, now)
        running = None if record.created_on is None else (now - record.created_on) / 1000
        return record, replace(patience, running=running, still=(now - self.moved[1]) / 1000)

    def _asked(self, question: Callable[[], T]) -> T:
        """Ask the account; what it refuses ends the program in one clean message."""
        try:
            return question()
        except CortexError as error:
            raise pulumi.RunError(str(error)) from None
