"""Six jobs at once, an interrupt, kill -9 of everything, protection: nothing is paid twice."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.engine.unlocking import ORPHANS_END_SECONDS, made, unlocked
from tests.engine.world import Outcome, World, until
from toolchain import run

pytestmark = pytest.mark.engine

KEYS = ("a", "b", "c", "d", "e", "f")
AFTER_THE_SLOWEST_SECONDS = 5.0


def _sent(world: World, word: str) -> list[str]:
    return [r["sql"] for r in world.admin.statements() if word in r["sql"]]


def _creates(world: World) -> int:
    return sum(row["effect"] == "SPEND" for row in world.admin.statements())


def _in_state(world: World, kind: str) -> list[str]:
    return sorted(row["urn"].rpartition("::")[2] for row in world.resources(kind))


def _asked_about(world: World, jobs: set[str]) -> bool:
    asked = _sent(world, "'DESCRIBE'")
    return all(any(job in text for text in asked) for job in jobs)


def _job_ids(world: World) -> set[str]:
    return {job["id"] for job in world.admin.call("state")["jobs"]}


def _job_of(world: World, name: str) -> str:
    found = [row["outputs"]["job_id"] for row in world.resources("FineTuneJob")]
    named = [row["urn"].rpartition("::")[2] for row in world.resources("FineTuneJob")]
    return str(found[named.index(name)])


def _told_to_go_on(ended: Outcome, jobs: set[str]) -> None:
    """Diagnostics has one line for each of these jobs, with the statement that stops it."""
    told = [row for row in ended.text.partition("Diagnostics:")[2].splitlines() if "goes on" in row]
    assert sorted(row.split()[2] for row in told) == sorted(jobs), ended.text
    assert all(f"FINETUNE('CANCEL', '{row.split()[2]}')" in row for row in told), told


def _six_and_one(world: World) -> None:
    path = world.folder / "stacks" / "dev.yaml"
    text = path.read_text(encoding="utf-8")
    head, body = text.split("  docs:\n")
    one, policy = body.split("policy:")
    models = [f"  {key}:\n{one.replace('ML.LLAMA', f'ML.M_{key}')}" for key in KEYS]
    models.append("  early:\n" + one.replace("ML.LLAMA", "ML.EARLY") + "    wait: none\n")
    path.write_text(f"{head}{''.join(models)}policy:{policy}", encoding="utf-8")


def test_six_blocking_jobs_train_together_and_an_interrupt_loses_none(world: World) -> None:
    _six_and_one(world)
    world.admin.call("clock", {"mode": "frozen"})
    with world.running("up", "--yes", "--skip-preview") as process:
        until(lambda: _creates(world) == len(KEYS) + 1)
        until(lambda: _asked_about(world, _job_ids(world)))
        # What does not wait for its job does not stand behind those that wait.
        until(lambda: _in_state(world, "FineTunedArtifact") == ["early"])
        ended = world.interrupt(process)
    assert ended.seconds < 10, ended.text
    _told_to_go_on(ended, _job_ids(world) - {_job_of(world, "early")})
    assert _in_state(world, "FineTuneJob") == sorted([*KEYS, "early"])
    assert _in_state(world, "FineTunedArtifact") == ["early"]
    assert not world.deployment().get("pending_operations")

    before = world.admin.last
    with world.running("up", "--yes", "--skip-preview") as process:
        until(lambda: sum("'DESCRIBE'" in r["sql"] for r in world.admin.statements(before)) > 13)
        world.admin.call("clock", {"advance_s": 7200})
        began = time.monotonic()
        text, _ = process.communicate(timeout=60)
        seconds = time.monotonic() - began
    assert process.returncode == 0, text
    assert seconds < AFTER_THE_SLOWEST_SECONDS, text
    assert {model["phase"] for key, model in world.outputs().items() if key in KEYS} == {"READY"}
    assert _creates(world) == len(KEYS) + 1


def test_an_interrupt_before_the_wait_has_begun_tells_what_stops_the_submitted_job(
    world: World,
) -> None:
    world.admin.call("clock", {"mode": "frozen"})
    late = {"match": "FINETUNE.'CREATE'", "when": "after", "latency_ms": 2500}
    world.admin.call("faults", {**late, "action": "latency_ms"})
    with world.running("up", "--yes", "--skip-preview") as process:
        until(lambda: _creates(world) == 1)
        ended = world.interrupt(process)
    assert ended.seconds < 10, ended.text
    assert f"FINETUNE('CANCEL', '{_job_of(world, 'docs')}')" in ended.text


def test_a_job_that_goes_on_when_another_resource_fails_is_told_with_what_stops_it(
    world: World,
) -> None:
    path = world.folder / "stacks" / "dev.yaml"
    head, body = path.read_text(encoding="utf-8").split("  docs:\n")
    one, policy = body.split("policy:")
    second = "  second:\n" + one.replace("ML.LLAMA", "ML.SECOND")
    path.write_text(f"{head}  docs:\n{one}{second}policy:{policy}", encoding="utf-8")
    world.admin.call("clock", {"mode": "frozen"})
    broken = {"match": "'CREATE', 'DOCS.ML.SECOND", "when": "before", "action": "error"}
    slow = {"match": "'CREATE', 'DOCS.ML.SECOND", "when": "before", "action": "latency_ms"}
    world.admin.call("faults", {**slow, "latency_ms": 1500})
    world.admin.call("faults", {**broken, "errno": 2043, "sqlstate": "02000", "message": "no"})
    failed = world.pulumi("up", "--yes", "--skip-preview")
    assert failed.code == 1
    assert _creates(world) == 1, "the second job was refused"
    _told_to_go_on(failed, {_job_of(world, "docs")})


def _warnings(outcome: Outcome) -> set[str]:
    """What Diagnostics warns of."""
    diagnostics = outcome.text.partition("Diagnostics:")[2].splitlines()
    return {line.partition("warning:")[2].strip() for line in diagnostics if "warning:" in line}


def _cut_short(world: World) -> None:
    """The state as a kill leaves it that meets the engine's write."""
    file = world.state_file()
    file.write_bytes(file.read_bytes()[:1000])


def test_after_kill_9_of_everything_unlock_and_up_end_calm_with_one_paid_job(
    world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    world.admin.call("clock", {"mode": "frozen"})
    late = {"match": "'CREATE', 'DOCS", "when": "after", "action": "latency_ms"}
    world.admin.call("faults", {**late, "latency_ms": 3000})
    with world.running("up", "--yes", "--skip-preview") as process:
        until(lambda: bool(_job_ids(world)))
        process.kill()
        process.wait(timeout=5)
        until(lambda: not world.processes(), seconds=ORPHANS_END_SECONDS)
    assert world.deployment()["pending_operations"], "its create never ended"
    code, said = made(run.up, world, capfd)
    assert code == 1
    assert "make unlock STACK=dev" in said[-1], "the engine speaks of the lock, we of the way out"
    _, said = made(run.destroy, world, capfd)
    assert "costs" in said[-1]
    assert "make unlock STACK=dev" in said[-1]
    told = unlocked(world, capfd)
    assert "released the lock of" in told
    assert "cortex:FineTuneJob::docs" in told
    assert not world.deployment().get("pending_operations")

    asked = len(_sent(world, "'DESCRIBE'"))
    with world.running("up", "--yes", "--skip-preview") as process:
        until(lambda: _in_state(world, "FineTuneJob") == ["docs"])
        until(lambda: len(_sent(world, "'DESCRIBE'")) > asked + 2)
        _cut_short(world)
        code, said = made(run.unlock, world, capfd)
        assert code == 1, "a lock that somebody holds stays"
        assert "that run goes on" in said[-1]
        for pid in world.processes():
            os.kill(pid, signal.SIGKILL)
        process.wait(timeout=5)
        until(lambda: not world.processes(), seconds=ORPHANS_END_SECONDS)
    told = unlocked(world, capfd)
    assert "dev.json.bak took its place" in told
    assert "released the lock of" in told
    assert "was not locked" in unlocked(world, capfd)

    world.admin.call("clock", {"mode": "scaled", "factor": 3000})
    calm = world.pulumi("up", "--yes")
    assert calm.code == 0, calm.text
    after = world.pulumi("preview", "--expect-no-changes")
    assert after.code == 0, after.text
    assert _warnings(calm) == _warnings(after), "only what every run of this stack is told"
    assert not any("pending" in text or "interrupted" in text for text in _warnings(calm))
    assert not world.deployment().get("pending_operations")
    assert world.outputs()["docs"]["phase"] == "READY"
    assert _creates(world) == 1
    assert world.processes() == []


def test_protection_refuses_a_retrain_before_anything_is_paid(world: World) -> None:
    world.edit("allow_drop: true}", "allow_drop: true, protect: true}")
    world.up()
    before = world.admin.last
    world.edit("max_epochs: 2", "max_epochs: 3")
    outcome = world.pulumi("up", "--yes")

    assert outcome.code != 0
    assert "protect" in outcome.text
    changed = [r["sql"] for r in world.admin.statements(before) if r["effect"] != "READ"]
    assert changed == []
    assert _creates(world) == 1
