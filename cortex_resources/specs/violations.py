"""Broken rules of a stack file: collected while everything is checked, told in file order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar

from cortex_resources.errors import CortexError
from cortex_resources.specs.nodes import Node, Position

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: where, what is wrong and the way out."""

    at: Position
    what: str

    def __str__(self) -> str:
        return f"{self.at}: {self.what}"


class Violations:
    """Every violation found so far."""

    def __init__(self) -> None:
        self._found: dict[Violation, None] = {}
        self._silenced: set[Position] = set()
        self._files: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def opens(self, file: str) -> None:
        """Note that a file is read: files are told in the order in which they were opened."""
        self._files.append(file)

    def add(self, at: Position, what: str) -> None:
        """Note a violation, unless an earlier one at the same place explains it."""
        if at not in self._silenced:
            self._found[Violation(at, what)] = None

    def last(self, at: Position, what: str) -> None:
        """Note a violation after which nothing else about this place is worth telling."""
        self.add(at, what)
        self.silence(at)

    def silence(self, at: Position) -> None:
        """Say no more about a place: a violation elsewhere explains what is wrong there."""
        self._silenced.add(at)

    def is_silent(self, at: Position) -> bool:
        """Whether what is wrong with a place has been told."""
        return at in self._silenced

    def parsed(self, node: Node, parse: Callable[[str], T]) -> T | None:
        """What a parser of the model makes of a text; its refusal becomes a violation."""
        if not node.text:
            return None
        try:
            return parse(node.text)
        except CortexError as refusal:
            self.add(node.at, refusal.line.rstrip("."))
            return None

    def in_order(self) -> tuple[Violation, ...]:
        """All of them, file by file, from top to bottom."""
        order = {file: at for at, file in reversed(list(enumerate(self._files)))}
        return tuple(
            sorted(self._found, key=lambda v: (order.get(v.at.file, 0), v.at.line, v.at.column))
        )


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that a user most likely meant, or nothing."""
    folded = {candidate.casefold(): candidate for candidate in known}
    close = get_close_matches(name.casefold(), folded, n=1)
    return folded[close[0]] if close else ""


def suggestion(name: str, known: Iterable[str], plural: str) -> str:
    """The way out of a wrong name: the near one, or all there are."""
    names = sorted(known)
    near = nearest(name, names)
    if near:
        return f"did you mean {near}?"
    if not names:
        return f"there are no {plural.removeprefix('the ')}"
    return f"{plural} are {', '.join(names)}"
