"""`cortex-resources jobs --orphans` beside the real engine."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.engine.world import World

pytestmark = pytest.mark.engine


def orphans(world: World) -> tuple[int, list[dict[str, Any]]]:
    done = subprocess.run(
        [sys.executable, "-m", "cortex_resources", "jobs", "--orphans", "--json"],
        cwd=world.folder,
        env=world.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode in (0, 2), done.stdout + done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["orphans"]
    return done.returncode, found


@pytest.mark.settled
def test_what_a_lost_state_knew_is_an_orphan_until_the_next_up_adopts_it(world: World) -> None:
    assert orphans(world) == (0, [])
    model = world.outputs()["docs"]["model"]
    removed = world.pulumi("stack", "rm", "dev", "--force", "--yes", "--preserve-config")
    assert removed.code == 0, removed.text

    code, (found,) = orphans(world)
    assert (code, found["model"]) == (2, model)
    assert "models.docs declares it, nothing is paid" in found["adopt"]

    world.pulumi("stack", "init", "dev")
    world.up()
    assert orphans(world) == (0, [])
    assert sum(row["effect"] == "SPEND" for row in world.admin.statements()) == 1


@pytest.mark.settled
def test_the_engine_that_make_built_is_found_without_a_place_on_path(
    world: World, engine_folder: Path
) -> None:
    world.environment["PATH"] = str(world.folder)
    assert shutil.which("pulumi", path=world.environment["PATH"]) is None
    (world.folder / ".toolchain").mkdir()
    (world.folder / ".toolchain" / "bin").symlink_to(engine_folder)
    assert orphans(world) == (0, [])
