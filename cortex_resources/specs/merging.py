"""`extends`: which files make up a stack, and how their maps become one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from cortex_resources.specs import reading
from cortex_resources.specs.nodes import Entry, Node
from cortex_resources.specs.violations import Violations, suggestion


def files_of(path: Path, violations: Violations) -> list[Node]:
    """The root of every file of a stack, what wins last; empty after a violation."""
    chain = _Chain(violations)
    chain.visit(path, ())
    return chain.roots if chain.is_complete else []


def whole(roots: Sequence[Node]) -> Node:
    """The files of a stack, at least one, as one map."""
    merged = Node({}, roots[-1].at)
    for root in roots:
        merged = merge(merged, root)
    return merged


def bases(root: Node) -> tuple[Node, ...]:
    """What a file extends, as the user wrote it."""
    node = root.get("extends")
    return node.items if isinstance(node.value, tuple) else () if node.value is None else (node,)


def base_path(path: Path, base: str) -> Path:
    """The file that `extends` means: relative to the file that says it."""
    return Path(os.path.normpath(path.parent / base))


class _Chain:
    """Every file of one stack once, what is extended before what extends it."""

    def __init__(self, violations: Violations) -> None:
        self.roots: list[Node] = []
        self.is_complete = True
        self._violations = violations
        self._done: set[Path] = set()

    def visit(self, path: Path, trail: tuple[Path, ...]) -> None:
        self._done.add(path)
        root = reading.read(path, self._violations)
        if root is None:
            self.is_complete = False
            return
        for base in bases(root):
            self._extend(path, base, (*trail, path))
        self.roots.append(root)

    def _extend(self, path: Path, base: Node, trail: tuple[Path, ...]) -> None:
        if not base.text:
            self._refuse(base, "extends takes a file name or a list of them; write common.yaml")
            return
        target = base_path(path, base.text)
        if target in trail:
            circle = [*trail[trail.index(target) :], target]
            shown = " -> ".join(step.as_posix() for step in circle)
            self._refuse(base, f"extends goes in a circle: {shown}; remove one of them")
        elif not target.is_file():
            there = (file.name for file in target.parent.glob("*.yaml") if file != path)
            way_out = suggestion(target.name, there, f"files in {target.parent.as_posix()}")
            self._refuse(base, f"there is no file {target.as_posix()} to extend; {way_out}")
        elif target not in self._done:
            self.visit(target, trail)

    def _refuse(self, base: Node, what: str) -> None:
        self.is_complete = False
        self._violations.add(base.at, what)


def merge(below: Node | None, above: Node, path: tuple[str, ...] = ()) -> Node:
    """One value over another: maps merge, null removes a key, everything else replaces.

    `grants` are appended, because two lists of grants are one longer list. Positions stay those
    of the place where the value was written. `extends` has done its work and is left out.
    """
    if path == ("grants",) and below and isinstance(above.value, tuple):
        return Node((*below.items, *above.items), above.at)
    if not isinstance(above.value, dict):
        return above
    entries = dict(below.entries) if below else {}
    for key, entry in above.entries.items():
        under = entries.pop(key, None) if entry.node.value is None else entries.get(key)
        if entry.node.value is not None and (path or key != "extends"):
            node = merge(under.node if under else None, entry.node, (*path, key))
            entries[key] = Entry(entry.key_at, node)
    return Node(entries, above.at)
