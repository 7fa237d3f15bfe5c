"""Values of a stack file, each with the place where a user wrote it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file; line and column count from one."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


Scalar: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a map: where the key stands, and its value."""

    key_at: Position
    node: Node


Value: TypeAlias = Scalar | tuple["Node", ...] | dict[str, Entry]


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its position.

    The accessors are tolerant: they give nothing for a value of another type, because the schema
    has its own violation for that and every later check should still run.

    Arguments:
        value: a scalar, a tuple of nodes, or a map of key to entry.
        at: where it starts.
        source: a scalar as it was written; `1.10` stays `1.10` when a text takes it.
        weight: nodes in the tree with every alias written out.
    """

    value: Value
    at: Position
    source: str = ""
    weight: int = 1

    @property
    def entries(self) -> dict[str, Entry]:
        """The entries of a map."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> tuple[Node, ...]:
        """The items of a list."""
        return self.value if isinstance(self.value, tuple) else ()

    @property
    def text(self) -> str | None:
        """A text."""
        return self.value if isinstance(self.value, str) else None

    @property
    def whole(self) -> int | None:
        """A whole number."""
        is_whole = isinstance(self.value, int) and not isinstance(self.value, bool)
        return int(self.value) if is_whole else None  # type: ignore[arg-type]

    @property
    def number(self) -> float | None:
        """A number."""
        return self.value if isinstance(self.value, float) else self.whole

    @property
    def flag(self) -> bool | None:
        """A boolean."""
        return self.value if isinstance(self.value, bool) else None

    def get(self, key: str) -> Node:
        """The value under a key, or a node without a value at the same place."""
        entry = self.entries.get(key)
        return entry.node if entry else Node(None, self.at)

    def plain(self) -> object:
        """The same without positions."""
        if isinstance(self.value, dict):
            return {key: entry.node.plain() for key, entry in self.value.items()}
        if isinstance(self.value, tuple):
            return [item.plain() for item in self.value]
        return self.value

    def follow(self, path: Iterable[str | int]) -> tuple[Position, Node]:
        """Where a path of keys and indices leads: the place of its last key, and the value."""
        at, node = self.at, self
        for step in path:
            if isinstance(step, int):
                node = node.items[step]
                at = node.at
            else:
                entry = node.entries[step]
                at, node = entry.key_at, entry.node
        return at, node
