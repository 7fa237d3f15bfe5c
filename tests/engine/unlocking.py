"""What a user does after a hard kill."""

from __future__ import annotations

import pytest

from tests.engine.world import World
from toolchain import run
from toolchain.pulumi_cli import PulumiCli

ORPHANS_END_SECONDS = 10.0
"""How long a host may live on when its engine was killed."""


def unlocked(world: World, capfd: pytest.CaptureFixture[str]) -> str:
    """`make unlock`; what it said."""
    capfd.readouterr()
    assert run.unlock(PulumiCli("dev", world.folder, world.environment), None) == 0
    return capfd.readouterr().out
