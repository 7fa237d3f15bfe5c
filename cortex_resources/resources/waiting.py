"""The wait for a job: in the program, so that no provider thread or engine worker is held.

The loop only sleeps and asks; what each answer means is decided in `plan.waiting`. The job's id is
in Pulumi's state before the wait begins, so an interrupted run leaves nothing pending.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import pulumi

from cortex_resources.errors import CortexError
from cortex_resources.gateway.session import account_for
from cortex_resources.model.jobs import JobRecord, TrainingJob
from cortex_resources.model.stack import Wait
from cortex_resources.plan import waiting as plan
from cortex_resources.preflight import records
from cortex_resources.sql import finetune


def ended(
    resource: pulumi.CustomResource,
    job: TrainingJob,
    connection: str,
    tag: str,
    *,
    wait: Wait,
    minutes: float,
) -> pulumi.Output[Sequence[pulumi.Resource]]:
    """What the artifact depends on: known once the job ended, at once in a preview.

    Arguments:
        resource: the job's resource; progress lines go to its row.
        job: the declaration.
        connection, tag: where and under which query tag to ask.
        wait, minutes: the mode, and when a wait gives up.
    """

    async def until_ended(known: Sequence[str]) -> Sequence[pulumi.Resource]:
        job_id, status = known
        if not pulumi.runtime.is_dry_run() and job_id:
            record = JobRecord(job_id, finetune.status_of(status), status)
            watch = _Watch(resource, job, connection, tag)
            await watch.until_ended(record, wait, minutes * 60)
        return [resource]

    found = pulumi.Output.all(resource.job_id, resource.status)  # type: ignore[attr-defined]
    return found.apply(until_ended)


class _Watch:
    """One wait for one job."""

    def __init__(
        self, resource: pulumi.Resource, job: TrainingJob, connection: str, tag: str
    ) -> None:
        self.resource, self.job, self.connection, self.tag = resource, job, connection, tag

    async def until_ended(self, record: JobRecord, wait: Wait, limit: float) -> None:
        """Look, report, sleep, until the plan says that the wait is over.

        The first look is the status that Pulumi's refresh just read: a job that ended earlier
        costs no statement.
        """
        began, pause = time.monotonic(), 0.0
        while True:
            elapsed = time.monotonic() - began
            step = plan.next_step(
                self.job.model, record, wait, elapsed=elapsed, limit=limit, pause=pause
            )
            if isinstance(step, plan.Ended):
                if step.error is not None:
                    raise pulumi.RunError(str(step.error))
                return
            pause = step.pause
            await asyncio.sleep(pause)
            record = await asyncio.to_thread(self._look, record)
            line = plan.progress_line(record, elapsed=time.monotonic() - began)
            pulumi.log.info(line, resource=self.resource, ephemeral=True)

    def _look(self, record: JobRecord) -> JobRecord:
        try:
            rows = account_for(self.connection).run(
                finetune.describe(record.id),
                tag=self.tag,
                role=self.job.role,
                warehouse=self.job.warehouse,
            )
        except CortexError as error:
            raise pulumi.RunError(str(error)) from None
        return records.of(rows, self.job.model_name)
