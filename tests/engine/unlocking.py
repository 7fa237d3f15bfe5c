"""What a user does after a hard kill."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.engine.world import World
from toolchain import run
from toolchain.pulumi_cli import PulumiCli

ORPHANS_END_SECONDS = 10.0
"""How long a host may live on when its engine was killed."""


MOST_LINES = 4


def made(
    command: Callable[[PulumiCli, None], int], world: World, capfd: pytest.CaptureFixture[str]
) -> tuple[int, list[str]]:
    """A command of `make` for the stack of a world: its exit code and the lines it ended with."""
    capfd.readouterr()
    code = command(PulumiCli("dev", world.folder, world.environment), None)
    printed = capfd.readouterr()
    return code, [*printed.out.splitlines(), *printed.err.splitlines()]


def unlocked(world: World, capfd: pytest.CaptureFixture[str]) -> str:
    """`make unlock`; what it said, in a few lines of ours."""
    code, lines = made(run.unlock, world, capfd)
    assert code == 0, lines
    assert len(lines) <= MOST_LINES, lines
    return "\n".join(lines)
