"""Modules and functions stay small, names say what a thing is."""

from __future__ import annotations

import ast
import re
import statistics
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGE, ROOT, functions, lines_of_code, modules

LONGEST_MODULE, LONGEST_FUNCTION, MEDIAN_MODULE = 400, 45, 120
VAGUE = re.compile(r"(?:^|_)(?:utils?|helpers?|managers?|common|misc)(?:_|$)")


def test_no_module_is_long() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in modules()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_MODULE
    }
    assert long == {}


def test_no_function_is_long() -> None:
    long = {
        where: count
        for path in modules()
        for where, node in functions(path)
        if (count := lines_of_code(node)) > LONGEST_FUNCTION
    }
    assert long == {}


def test_half_of_the_modules_fit_on_two_screens() -> None:
    counts = [
        lines_of_code(ast.parse(path.read_text(encoding="utf-8")))
        for path in modules()
        if path.name != "__init__.py"
    ]
    assert statistics.median(counts) <= MEDIAN_MODULE


def test_lines_are_counted_without_blanks_comments_and_docstrings() -> None:
    docstring = '    """Say.\n\n    More.\n    """\n\n    # why\n'
    text = f"def f(\n    a,\n):\n{docstring}    return (\n        a\n    )\n"
    assert lines_of_code(ast.parse(text)) == 4


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_names_say_what_a_thing_is(path: Path) -> None:
    assert not [part for part in path.relative_to(ROOT).with_suffix("").parts if VAGUE.search(part)]
    text = path.read_text(encoding="utf-8")
    if not text.strip():
        return
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "a module says in one sentence what it knows"
    vague = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and re.search("Manager|Helper|Util", node.name)
    ]
    assert vague == []
