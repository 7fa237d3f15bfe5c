"""Cancelling jobs of ours: replaced, removed, or submitted beside an older one of another run."""

from __future__ import annotations

import time
from dataclasses import replace

from cortex_resources.backends.seam import TrainingBackend
from cortex_resources.errors import AccountError, CortexError
from cortex_resources.model.jobs import JobRecord, Status
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.orders import Order
from cortex_resources.plan import job_failures
from cortex_resources.plan import jobs as plan
from cortex_resources.plan.situations import Action, Step
from cortex_resources.preflight import submit
from cortex_resources.providers import engine_log
from cortex_resources.providers.seat import Seat


def stopped(
    backend: TrainingBackend, seat: Seat, job_id: str, beside: QualifiedName
) -> JobRecord | None:
    """Cancel, then look until it has ended: it may have ended well, and left a model."""
    try:
        is_accepted = backend.cancel(job_id, seat.run)
    except AccountError:
        record = backend.observe(job_id, beside, seat.run)
        if plan.may_run(record):
            raise
        return record
    began, looks = time.monotonic(), 0
    while True:
        record = backend.observe(job_id, beside, seat.run)
        elapsed = time.monotonic() - began
        pause = plan.pause_before_look(
            record, is_accepted=is_accepted, looks=looks, elapsed=elapsed
        )
        if pause is None:
            return record
        looks += 1
        time.sleep(pause)


def after_submit(order: Order, job_id: str, backend: TrainingBackend, seat: Seat) -> Step:
    """What becomes of a job that this very run has just submitted; it never raises.

    Where another run submitted the same before, ours is cancelled and that one adopted.
    """
    step = submit.after_submit(order, job_id, backend, seat.run)
    if step.warning:
        engine_log.warning(step.warning)
    if step.action is not Action.GIVE_WAY:
        record = JobRecord(job_id, Status.PENDING, str(Status.PENDING))
        return replace(step, job=record, attempt=order.attempt)
    try:
        stopped(backend, seat, job_id, order.job.model_name)
    except CortexError as error:
        engine_log.warning(job_failures.uncancelled(order.job.model, job_id, error.what))
    return step
