"""Worlds for the tests that go through the real engine.

What every test begins with is made once and copied: an account with data, and a stack that is up.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cortex_resources.emulator.server import LocalAccount
from tests.engine.world import Outcome, World
from tests.toolchain.engine_fixture import engine_folder

__all__ = ["engine_folder", "first_up", "settled_folder", "world", "world_folder"]


@contextmanager
def _opened(folder: Path, engine: Path) -> Iterator[World]:
    """The world in a folder, a job takes a blink; its time stands still when it is left."""
    base = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "SNOWFLAKE_"))}
    with LocalAccount(state=folder / "account.duckdb", port=0) as account:
        made = World(folder / "world", engine, account.port, base)
        made.admin.call("clock", {"mode": "scaled", "factor": 3000})
        yield made
        made.admin.call("clock", {"mode": "frozen"})


@contextmanager
def _copied(kept: Path, folder: Path, engine: Path) -> Iterator[World]:
    shutil.copytree(kept, folder, dirs_exist_ok=True)
    with _opened(folder, engine) as made:
        yield made


@dataclass(frozen=True)
class FirstUp:
    """What the first `pulumi up` of the stack printed and sent."""

    outcome: Outcome
    statements: list[dict[str, Any]]


@pytest.fixture(scope="session")
def world_folder(tmp_path_factory: pytest.TempPathFactory, engine_folder: Path) -> Path:
    """An account with data and roles, a project with one stack."""
    folder = tmp_path_factory.mktemp("world")
    with _opened(folder, engine_folder) as made:
        made.fixture()
        made.stack()
    return folder


@pytest.fixture(scope="session")
def _settled(
    tmp_path_factory: pytest.TempPathFactory, world_folder: Path, engine_folder: Path
) -> tuple[Path, FirstUp]:
    folder = tmp_path_factory.mktemp("settled")
    with _copied(world_folder, folder, engine_folder) as made:
        before = made.admin.last
        outcome = made.pulumi("up", "--yes")
        assert outcome.code == 0, outcome.text
        return folder, FirstUp(outcome, made.admin.statements(before))


@pytest.fixture(scope="session")
def settled_folder(_settled: tuple[Path, FirstUp]) -> Path:
    """The same after its first `up`."""
    return _settled[0]


@pytest.fixture(scope="session")
def first_up(_settled: tuple[Path, FirstUp]) -> FirstUp:
    """How that went."""
    return _settled[1]


@pytest.fixture
def world(
    request: pytest.FixtureRequest, tmp_path: Path, world_folder: Path, engine_folder: Path
) -> Iterator[World]:
    """A world of the test's own; its stack is up where the test is marked so."""
    kept = world_folder
    if request.node.get_closest_marker("settled"):
        kept = request.getfixturevalue("settled_folder")
    with _copied(kept, tmp_path, engine_folder) as made:
        yield made
