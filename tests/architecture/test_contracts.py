"""The import contracts hold, and bite when they are broken."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGE, ROOT


def linted(tree: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache", "--config", str(tree / "pyproject.toml")],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A tree of its own, to be broken."""
    ignored = shutil.ignore_patterns("__pycache__", "*.json")
    shutil.copytree(PACKAGE, tmp_path / "cortex_resources", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold() -> None:
    found = linted(ROOT)
    assert found.returncode == 0, found.stdout
    assert " 0 broken" in found.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("model/names.py", "import pulumi", "The core is pure"),
        ("sql/views.py", "import time", "The core is pure"),
        ("model/names.py", "import cortex_resources.sql.views", "Rooms import only downwards"),
        ("emulator/clock.py", "import cortex_resources.errors", "imports nothing of ours"),
        ("providers/bag.py", "import snowflake.connector", "Only the gateway imports"),
        ("preflight/submit.py", "import pulumi", "Pulumi stays in"),
        ("helpful/__init__.py", "", "Rooms import only downwards"),
    ],
)
def test_a_broken_contract_is_named(copy: Path, module: str, line: str, contract: str) -> None:
    path = copy / "cortex_resources" / module
    path.parent.mkdir(exist_ok=True)
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{before}\n{line}\n", encoding="utf-8")
    found = linted(copy)
    assert found.returncode == 1, found.stdout
    shown = " ".join(found.stdout.split())
    assert contract in shown
