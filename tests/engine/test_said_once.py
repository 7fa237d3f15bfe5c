"""What is worth knowing is said once, whether one program runs or two, and however often asked."""

from __future__ import annotations

import pytest

from tests.engine.unlocking import made
from tests.engine.world import World
from toolchain import run

pytestmark = pytest.mark.engine


def _diagnostics(lines: list[str]) -> list[list[str]]:
    """What each Diagnostics of a command says: that of the preview, then that of the run."""
    found: list[list[str]] = []
    is_inside = False
    for line in lines:
        if line.startswith("Diagnostics:"):
            found.append([])
            is_inside = True
        elif is_inside and line and not line.startswith(" "):
            is_inside = False
        elif is_inside:
            found[-1].append(line)
    return found


def _told(parts: list[list[str]], words: str) -> list[int]:
    return [sum(words in line for line in part) for part in parts]


@pytest.mark.settled
def test_make_up_warns_in_its_preview_alone_and_a_run_without_a_preview_warns_itself(
    world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    world.edit("max_epochs: 2", "max_epochs: 3")
    code, lines = made(run.up, world, capfd)
    assert code == 0, lines
    preview, ran = _diagnostics(lines)
    for words in ("is legacy since", "is scheduled for deprecation"):
        assert _told([preview, ran], words) == [1, 0], lines
    assert _told([preview], "will be trained as") == [1], "the engine checks a replacement twice"
    assert _told([ran], "submitted job") == [1]

    alone = _diagnostics(world.up().text.splitlines())
    for words in ("is legacy since", "is scheduled for deprecation"):
        assert _told(alone, words) == [1], alone
