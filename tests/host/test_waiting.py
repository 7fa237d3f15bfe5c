"""The program's wait for a job, over the real connector."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any, cast

import pulumi
import pytest

from cortex_resources.gateway import session
from cortex_resources.model.job_policy import JobPolicy, OnFailure
from cortex_resources.model.jobs import TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.resources import waiting
from tests.host.place import Place, Row

DEADLINE_SECONDS = 3.0


class Submitted:
    """What the wait reads of a job's resource."""

    def __init__(self, job_id: str) -> None:
        self.job_id = pulumi.Output.from_input(job_id)
        self.status = pulumi.Output.from_input("PENDING")


@pytest.fixture
def local(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """The place, reached from this process as from a program."""
    monkeypatch.setenv("CORTEX_RESOURCES_LOCAL_PORT", str(place.account.port))
    yield place
    session.close_all()
    place.admin.call("clock", {"mode": "frozen"})


def _waiter(
    place: Place, inputs: dict[str, Any], policy: JobPolicy | None = None
) -> waiting.Waiter:
    job = TrainingJob(
        QualifiedName.parse(inputs["model"]), inputs["base_model"], inputs["training_query"]
    )
    return waiting.Waiter(
        job, "local", "a wait", minutes=DEADLINE_SECONDS / 60, policy=policy or JobPolicy()
    )


async def _waited(place: Place, row: Row, policy: JobPolicy | None = None) -> object:
    resource = cast("pulumi.CustomResource", Submitted(row.outs["job_id"]))
    return await waiting.ended(resource, _waiter(place, row.inputs, policy)).future()


def test_a_wait_ends_at_its_deadline_although_each_look_shows_progress(
    local: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    row = local.made(local.job())
    local.admin.call("clock", {"mode": "scaled", "factor": 30})

    began = time.monotonic()
    with pytest.raises(pulumi.RunError, match="still trains"):
        asyncio.run(_waited(local, row))
    took = time.monotonic() - began

    looks = [line for line in capsys.readouterr().err.splitlines() if "%" in line]
    assert len(set(looks)) >= 2, "each look shows progress"
    assert DEADLINE_SECONDS <= took < DEADLINE_SECONDS + 2
    assert local.jobs()[-1]["status"] == "IN_PROGRESS", "the job goes on"


def test_a_job_that_runs_longer_than_the_stack_allows_is_cancelled_by_the_accounts_clock(
    local: Place,
) -> None:
    row = local.made(local.job())
    local.advance(40)
    with pytest.raises(pulumi.RunError, match=r"abort_after of 0\.6 minutes has passed"):
        asyncio.run(_waited(local, row, JobPolicy(abort_after_minutes=0.6)))
    assert [job["status"] for job in local.jobs()] == ["CANCELLED"]
    assert row.refresh()
    assert row.up(local.job()) == "same", "what the stack cancelled is not paid again by itself"
    assert local.spent == 1


def test_a_job_within_its_limits_is_left_alone(local: Place) -> None:
    row = local.made(local.job())
    local.advance(40)
    policy = JobPolicy(abort_after_minutes=1, stall_timeout_minutes=1)
    with pytest.raises(pulumi.RunError, match="still trains"):
        asyncio.run(_waited(local, row, policy))
    assert [job["status"] for job in local.jobs()] == ["IN_PROGRESS"]


def test_a_job_whose_progress_stands_still_is_cancelled_by_the_accounts_clock(
    local: Place,
) -> None:
    row = local.made(local.job())

    async def wait_while_time_passes() -> None:
        waited = asyncio.create_task(_waited(local, row, JobPolicy(stall_timeout_minutes=0.05)))
        async with asyncio.timeout(30):
            while not local.statements(word="NOW_MS") and not waited.done():
                await asyncio.sleep(0.02)
        local.advance(4)  # It is still queued: its progress is 0.
        await waited

    with pytest.raises(pulumi.RunError, match="stall_timeout"):
        asyncio.run(wait_while_time_passes())
    assert [job["status"] for job in local.jobs()] == ["CANCELLED"]


def test_a_wait_for_the_last_attempt_promises_no_other(local: Place) -> None:
    local.fault(
        match=f"'CREATE', '{local.db}", action="fail_job", code="UNAVAILABLE", message="x", times=2
    )
    declared = local.job(on_failure="retry")
    row = local.made(declared)
    local.advance()
    assert row.refresh()
    assert row.up(declared) == "replace"
    local.advance()
    with pytest.raises(pulumi.RunError, match="all 2 attempts are used"):
        asyncio.run(_waited(local, row, JobPolicy(on_failure=OnFailure.RETRY)))
