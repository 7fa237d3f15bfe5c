"""Two people run one stack from two backends at one moment: no lock keeps them apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.host.conftest import Ear
from tests.host.place import Place, Row
from tests.host.process import Host

WITHIN_MS = 2_500


@pytest.fixture
def running(place: Place) -> Iterator[Place]:
    """Time goes on: which job is older is a question of milliseconds."""
    place.admin.call("clock", {"mode": "real"})
    yield place
    place.admin.call("clock", {"mode": "frozen"})


def _both_look_before_either_pays(place: Place, hosts: list[Host]) -> list[dict[str, Any]]:
    """Two runs at once: the last question before CREATE is answered late to both."""
    inputs = [Row(place, host=host).checked(place.job()) for host in hosts]
    place.fault(
        match=f"SHOW MODELS IN SCHEMA {place.db}.ML",
        when="after",
        action="latency_ms",
        latency_ms=WITHIN_MS,
        times=2,
    )
    with ThreadPoolExecutor(2) as pool:
        return [outs for _, outs in pool.map(Host.create, hosts, inputs)]


def test_of_two_jobs_that_two_runs_submit_at_once_the_younger_gives_way(
    running: Place, new_host: Callable[..., Host], ear: Ear
) -> None:
    place = running
    made = _both_look_before_either_pays(place, [new_host(ear.address), new_host(ear.address)])
    assert place.spent == 2, "both looked before either job was there"
    ids = {outs["job_id"] for outs in made}
    live = [job["id"] for job in place.jobs() if job["status"] != "CANCELLED"]
    assert list(ids) == live, "both states have the one job that runs"
    assert sorted(outs["adopted"] for outs in made) == [False, True]
    assert f"job {live[0]} of another run trains this very spec" in "\n".join(ear.lines)
    assert Row(place).up(place.job()) == "create"
    assert place.spent == 2


def test_a_look_that_is_not_answered_keeps_the_job_that_was_just_paid(
    place: Place, new_host: Callable[..., Host], ear: Ear
) -> None:
    inputs = Row(place).checked(place.job())
    place.fault(match="'SHOW'", action="error", errno=604, sqlstate="57014", after_n=2, times=0)
    _, outs = new_host(ear.address).create(inputs)
    assert [job["id"] for job in place.jobs()] == [outs["job_id"]]
    assert "could not be asked" in "\n".join(ear.lines)


def test_a_younger_job_that_cannot_be_cancelled_is_named_with_the_statement(
    running: Place, new_host: Callable[..., Host], ear: Ear
) -> None:
    place = running
    place.fault(match="'CANCEL'", action="error", errno=3001, sqlstate="42501", times=0)
    made = _both_look_before_either_pays(place, [new_host(ear.address), new_host(ear.address)])
    jobs = {job["id"] for job in place.jobs()}
    (kept,) = {outs["job_id"] for outs in made}
    (other,) = jobs - {kept}
    assert f"FINETUNE('CANCEL', '{other}')" in "\n".join(ear.lines)
