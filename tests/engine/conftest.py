"""Worlds for the tests that go through the real engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cortex_resources.emulator.server import LocalAccount
from tests.engine.world import World
from tests.toolchain.engine_fixture import engine_folder

__all__ = ["engine_folder", "world"]


@pytest.fixture
def world(tmp_path: Path, engine_folder: Path) -> Iterator[World]:
    """An account with data and roles, a project with one stack; a job takes a blink."""
    base = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "SNOWFLAKE_"))}
    with LocalAccount(state=tmp_path / "account.duckdb", port=0) as account:
        made = World(tmp_path / "world", engine_folder, account.port, base)
        made.admin.call("clock", {"mode": "scaled", "factor": 3000})
        made.fixture()
        made.stack()
        yield made
