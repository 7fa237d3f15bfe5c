"""What git keeps speaks of the product: no registry, no machine, no mock, no long sleep."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, text_of, tracked

# Written apart, so that this file does not name what it looks for.
HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs"),
        ("proxy", "golang", "org"),
        ("sum", "golang", "org"),
        ("static", "crates", "io"),
        ("repo", "maven"),
        ("anaconda", "org"),
    )
]
PLACES = re.compile(r"(?<![\w.~$}/-])/(?:" + "|".join(("work", "root")) + r")/\w")
PURE = ("architecture", "cases", "properties", "specs", "unit")
LONGEST_PAUSE = 0.1
"""Seconds between two looks at a real process; nothing in a test waits for a fixed time."""

TEXTS = [path for path in tracked() if text_of(path)]
TESTS = [path for path in TEXTS if path.is_relative_to(ROOT / "tests") and path.suffix == ".py"]


def test_git_lists_the_tree() -> None:
    assert ROOT / "pyproject.toml" in TEXTS
    assert TESTS


def test_no_file_names_a_registry() -> None:
    named = [(path.name, host) for path in TEXTS for host in HOSTS if host in text_of(path)]
    assert named == []


def test_no_file_names_a_place_on_a_machine() -> None:
    found = {str(path.relative_to(ROOT)): PLACES.findall(text_of(path)) for path in TEXTS}
    assert {name: places for name, places in found.items() if places} == {}


def _imports(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _sleeps(tree: ast.AST) -> list[float | None]:
    """The seconds of each `time.sleep(…)`, None where they are computed."""
    return [
        float(node.args[0].value)
        if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, int | float)
        else None
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "time.sleep"
    ]


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_mocked_and_nothing_sleeps_long(path: Path) -> None:
    tree = ast.parse(text_of(path))
    assert not any(name.startswith("unittest.mock") for name in _imports(tree))
    sleeps = _sleeps(tree)
    if path.relative_to(ROOT).parts[1] in PURE:
        assert sleeps == []
    assert all(seconds is None or seconds <= LONGEST_PAUSE for seconds in sleeps)
