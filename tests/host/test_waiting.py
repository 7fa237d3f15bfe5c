"""The program's wait for a job, over the real connector."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any, cast

import pulumi
import pytest

from cortex_resources.gateway import session
from cortex_resources.model.jobs import TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.resources import waiting
from tests.host.place import Place

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


def _waiter(place: Place, inputs: dict[str, Any]) -> waiting.Waiter:
    job = TrainingJob(
        QualifiedName.parse(inputs["model"]), inputs["base_model"], inputs["training_query"]
    )
    return waiting.Waiter(job, "local", "a wait", minutes=DEADLINE_SECONDS / 60)


def test_a_wait_ends_at_its_deadline_although_each_look_shows_progress(
    local: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    row = local.made(local.job())
    local.admin.call("clock", {"mode": "scaled", "factor": 30})
    resource = cast("pulumi.CustomResource", Submitted(row.outs["job_id"]))

    async def wait() -> object:
        return await waiting.ended(resource, _waiter(local, row.inputs)).future()

    began = time.monotonic()
    with pytest.raises(pulumi.RunError, match="still trains"):
        asyncio.run(wait())
    took = time.monotonic() - began

    looks = [line for line in capsys.readouterr().err.splitlines() if "%" in line]
    assert len(set(looks)) >= 2, "each look shows progress"
    assert DEADLINE_SECONDS <= took < DEADLINE_SECONDS + 2
    assert local.jobs()[-1]["status"] == "IN_PROGRESS", "the job goes on"
