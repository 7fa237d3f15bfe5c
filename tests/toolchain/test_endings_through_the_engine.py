"""How a run ends from outside: Ctrl-C, and an engine that dies."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.toolchain.engine_fixture import Project, wait_until
from tests.toolchain.test_interpreters_through_the_engine import other_virtualenv

pytestmark = pytest.mark.engine

__all__ = ["other_virtualenv"]

WAITING = """
    import asyncio, os, pathlib
    import pulumi
    from small_provider import Thing


    async def wait(_id):
        pathlib.Path("waiting").write_text(str(os.getpid()))
        await asyncio.sleep(60)
        return []


    job = Thing("job")
    slow = Thing("slow", seconds=2)
    Thing("dependent", opts=pulumi.ResourceOptions(depends_on=job.id.apply(wait)))
"""

# Without a resource: the provider's process is not ours to end when the engine is killed.
ONLY_AWAITING = """
    import asyncio, os, pathlib
    import pulumi


    async def wait(_value):
        pathlib.Path("waiting").write_text(str(os.getpid()))
        await asyncio.sleep(60)


    pulumi.export("never", pulumi.Output.from_input(1).apply(wait))
"""

BLOCKED = """
    import os, pathlib, time

    pathlib.Path("waiting").write_text(str(os.getpid()))
    time.sleep(60)
"""

UP = ("up", "--yes", "--skip-preview")


def waiting_host(project: Project) -> int:
    """The process id of the host, once its program has come to the wait."""
    marker = project.folder / "waiting"
    assert wait_until(lambda: marker.exists() and marker.read_text() != "")
    return int(marker.read_text())


def is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


def test_ctrl_c_during_an_awaited_apply_ends_soon_and_keeps_what_was_created(
    project: Project,
) -> None:
    project.program(WAITING)
    with project.running(*UP) as process:
        host = waiting_host(project)
        outcome = project.interrupted(process)
    assert outcome.code == 1
    assert outcome.seconds < 10
    assert project.names() == {"job", "slow"}
    assert not project.state().get("pending_operations")
    assert "update canceled" in outcome.diagnostics
    assert "Traceback" not in outcome.text
    assert is_gone(host)


def test_ctrl_c_reaches_a_program_in_another_virtualenv(
    project: Project, other_virtualenv: Path
) -> None:
    project.describe(virtualenv=other_virtualenv)
    project.program(WAITING)
    with project.running(*UP) as process:
        host = waiting_host(project)
        outcome = project.interrupted(process)
    assert outcome.code == 1
    assert outcome.seconds < 10
    assert project.names() == {"job", "slow"}
    assert wait_until(lambda: is_gone(host), seconds=5)


def test_ctrl_c_ends_a_program_that_blocks_its_thread(project: Project) -> None:
    project.program(BLOCKED)
    with project.running(*UP) as process:
        host = waiting_host(project)
        outcome = project.interrupted(process)
    assert outcome.code == 1
    assert outcome.seconds < 10
    assert is_gone(host)


@pytest.mark.parametrize("program", [ONLY_AWAITING, BLOCKED], ids=["awaiting", "blocked"])
def test_the_host_ends_soon_after_its_engine_was_killed(project: Project, program: str) -> None:
    project.program(program)
    with project.running(*UP) as process:
        host = waiting_host(project)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=5)
    assert wait_until(lambda: is_gone(host), seconds=5)


def test_a_host_in_another_virtualenv_ends_with_the_engine_too(
    project: Project, other_virtualenv: Path
) -> None:
    project.describe(virtualenv=other_virtualenv)
    project.program(BLOCKED)
    with project.running(*UP) as process:
        host = waiting_host(project)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=5)
    assert wait_until(lambda: is_gone(host), seconds=6)


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_the_plugin_launcher_hands_signals_to_the_provider_host(
    engine_folder: Path, signum: signal.Signals
) -> None:
    with subprocess.Popen(
        [engine_folder / "pulumi-resource-pulumi-python", "127.0.0.1:1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={k: v for k, v in os.environ.items() if not k.startswith("PULUMI_")},
        start_new_session=True,
    ) as provider:
        assert provider.stdout is not None
        assert int(provider.stdout.readline()) > 0
        provider.send_signal(signum)
        try:
            assert provider.wait(timeout=10) in {0, -signum}
        finally:
            provider.kill()
