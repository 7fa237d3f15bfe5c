"""Which versions of a tool an oracle's folder pins."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

_REQUIREMENT = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)
_PACKAGE = re.compile(r'"dependencies":\s*\{\s*"([^"]+)":\s*"([^"]+)"')
_TOOL = re.compile(r"^tool (\S+)$", re.MULTILINE)
_MODULE = re.compile(r"^(?:require\s+|\t)(\S+) v(\S+)(.*)$", re.MULTILINE)


def versions(folder: Path) -> str:
    """The pinned tools of a folder and of those in it, such as `snowcap 1.0.33`."""
    found = [
        f"{name.rsplit('/', 1)[-1]} {version}"
        for file_name, read in _READERS.items()
        for file in sorted([*folder.glob(file_name), *folder.glob(f"[!n]*/{file_name}")])
        for name, version in read(file.read_text(encoding="utf-8"))
    ]
    return ", ".join(found) or "not pinned"


def _requirements(text: str) -> list[tuple[str, str]]:
    return [(one[1], one[2]) for one in _REQUIREMENT.finditer(text)]


def _package(text: str) -> list[tuple[str, str]]:
    return [(one[1], one[2]) for one in _PACKAGE.finditer(text)]


def _module(text: str) -> list[tuple[str, str]]:
    """The module of the `tool` line, else the first one that is required directly."""
    tool = _TOOL.search(text)
    modules = [(one[1], one[2], one[3]) for one in _MODULE.finditer(text)]
    if tool:
        program = f"{tool[1]}/"
        return [(name, version) for name, version, _ in modules if program.startswith(f"{name}/")]
    return [(name, version) for name, version, rest in modules if "indirect" not in rest][:1]


_READERS: dict[str, Callable[[str], list[tuple[str, str]]]] = {
    "requirements.in": _requirements,
    "package.json": _package,
    "go.mod": _module,
}
