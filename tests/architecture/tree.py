"""The source tree as the tests of its shape see it."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "cortex_resources"


def modules() -> list[Path]:
    """Every module of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def lines_of_code(node: ast.AST) -> int:
    """Lines that a name, a value or a statement begins or ends on; docstrings do not count."""
    found: set[int] = set()
    for child in ast.walk(node):
        if isinstance(child, ast.stmt) and not _is_text(child):
            found.add(child.lineno)
        if isinstance(child, ast.expr | ast.arg | ast.keyword):
            found.update((child.lineno, child.end_lineno or child.lineno))
    return len(found - _text_lines(node))


def _text_lines(node: ast.AST) -> set[int]:
    return {
        line
        for child in ast.walk(node)
        if isinstance(child, ast.stmt) and _is_text(child)
        for line in range(child.lineno, (child.end_lineno or child.lineno) + 1)
    }


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def functions(path: Path) -> Iterator[tuple[str, ast.AST]]:
    """Every function of a module with where it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that git keeps, as it is in the working tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, timeout=30
    )
    names = listed.stdout.decode().split("\0")
    return tuple(path for name in names if name and (path := ROOT / name).is_file())


@cache
def text_of(path: Path) -> str:
    """The text of a file; nothing for what is no text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
