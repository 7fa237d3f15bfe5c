"""YAML 1.2 text to nodes with positions: the core schema only, so that `on` stays text.

Duplicate keys, keys that are not text, tags and merge keys are violations. Size, depth and the
number of nodes with aliases written out are bounded.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from cortex_resources.specs.nodes import Entry, Node, Position, Scalar
from cortex_resources.specs.violations import Violations

LARGEST = 1 << 20
"""Bytes a stack file may have."""
DEEPEST = 32
"""Levels a stack file may have."""
HEAVIEST = 200_000
"""Nodes a stack file may have, aliases written out; a long text counts once per 64 characters."""

_NULL = frozenset(["", "~", "null", "Null", "NULL"])
_TRUE = frozenset(["true", "True", "TRUE"])
_FALSE = frozenset(["false", "False", "FALSE"])
_INTEGER = re.compile(r"[-+]?\d{1,18}|0o[0-7]{1,20}|0x[0-9a-fA-F]{1,15}", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?", re.ASCII)


_BEYOND = re.compile(r"\\U(?!000|0010)")
_HALF = re.compile("[\ud800-\udfff]")


class UnreadableError(Exception):
    """The text cannot become nodes."""

    def __init__(self, at: Position, what: str) -> None:
        super().__init__(what)
        self.at = at
        self.what = what


def read(path: Path, violations: Violations) -> Node | None:
    """The root of one stack file, an empty map for an empty file; None after a violation."""
    file = path.as_posix()
    violations.opens(file)
    top = Position(file, 1, 1)
    try:
        root = _Composer(file, _content(path, top), violations).document()
    except UnreadableError as error:
        violations.add(error.at, error.what)
        return None
    if root.value is None:
        return Node({}, top)
    if not isinstance(root.value, dict):
        violations.add(
            root.at, "a stack file is a map of keys; begin with grants:, views: or models:"
        )
        return None
    return root


def _content(path: Path, top: Position) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableError(top, f"the file cannot be read: {error.strerror}") from None
    if len(content) > LARGEST:
        raise UnreadableError(top, f"the file is larger than {LARGEST} bytes; split the stack")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise UnreadableError(
            Position(top.file, line, column), "the file is not UTF-8; save it as UTF-8"
        ) from None


def scalar(text: str) -> Scalar:
    """The value of a plain scalar in YAML 1.2's core schema; what does not fit a number is text."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INTEGER.fullmatch(text):
        return int(text, 0) if text.startswith(("0o", "0x")) else int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    return text


class _Composer:
    """Events of the YAML parser to nodes; anchors are shared, never copied."""

    def __init__(self, file: str, text: str, violations: Violations) -> None:
        self._file = file
        self._text = text
        self._violations = violations
        self._anchors: dict[str, Node] = {}
        self._events = self._parse()

    def document(self) -> Node:
        """The one document of the text."""
        root: Node | None = None
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                if root:
                    raise UnreadableError(
                        self._at(event.start_mark),
                        "a second document begins here; a stack file is one document",
                    )
                root = self._node(next(self._events), 1)
        return root or Node(None, Position(self._file, 1, 1))

    def _parse(self) -> Iterator[Any]:
        try:
            yield from YAML(typ="safe", pure=True).parse(self._text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise UnreadableError(self._at(mark), _broken(error)) from None
        except ReaderError as error:
            raise UnreadableError(
                self._place(error.position),
                f"the character U+{error.character:04X} is not allowed in YAML; remove it",
            ) from None
        except OverflowError:
            escape = _BEYOND.search(self._text)
            raise UnreadableError(
                self._place(escape.start() if escape else 0),
                "an escape \\U beyond Unicode; write at most \\U0010FFFF",
            ) from None

    def _place(self, offset: int) -> Position:
        before = self._text[:offset]
        return Position(self._file, before.count("\n") + 1, len(before) - before.rfind("\n"))

    def _at(self, mark: Any) -> Position:
        return Position(self._file, mark.line + 1, mark.column + 1)

    def _node(self, event: Any, depth: int) -> Node:
        at = self._at(event.start_mark)
        if depth > DEEPEST:
            raise UnreadableError(at, f"nested deeper than {DEEPEST} levels; flatten it")
        if isinstance(event, AliasEvent):
            return self._alias(event.anchor, at)
        self._check_tag(event, at)
        if isinstance(event, ScalarEvent):
            self._check_text(event, at)
            value = scalar(event.value) if event.implicit[0] else event.value
            node = Node(value, at, event.value, 1 + len(event.value) // 64)
        elif isinstance(event, SequenceStartEvent):
            node = self._sequence(at, depth)
        else:
            node = self._mapping(at, depth)
        if node.weight > HEAVIEST:
            raise UnreadableError(at, f"more than {HEAVIEST} values, aliases written out; split it")
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _alias(self, anchor: str, at: Position) -> Node:
        if anchor not in self._anchors:
            raise UnreadableError(
                at, f"the alias *{anchor} has no finished anchor before it; write &{anchor} above"
            )
        return self._anchors[anchor]

    def _check_tag(self, event: Any, at: Position) -> None:
        if event.tag and not event.tag.startswith("tag:yaml.org,2002:str"):
            self._violations.last(at, f"the tag {event.tag} has no meaning here; remove it")

    def _check_text(self, event: Any, at: Position) -> None:
        if _HALF.search(event.value):
            raise UnreadableError(at, "the text holds half of a character; write it as \\U…")

    def _sequence(self, at: Position, depth: int) -> Node:
        items = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return Node(tuple(items), at, weight=1 + sum(item.weight for item in items))

    def _mapping(self, at: Position, depth: int) -> Node:
        entries: dict[str, Entry] = {}
        weight = 1
        while not isinstance(event := next(self._events), MappingEndEvent):
            key = self._node(event, depth + 1)
            node = self._node(next(self._events), depth + 1)
            weight += node.weight + 1
            if self._accepts(key, entries):
                entries[str(key.value)] = Entry(key.at, node)
        return Node(entries, at, weight=weight)

    def _accepts(self, key: Node, entries: dict[str, Entry]) -> bool:
        if not isinstance(key.value, str):
            self._violations.add(
                key.at, f"the key {key.source or 'here'} is not text; put it in double quotes"
            )
        elif key.value == "<<":
            self._violations.add(
                key.at, "YAML 1.2 has no merge key <<; repeat the keys or use extends"
            )
        elif key.value in entries:
            first = entries[key.value].key_at
            self._violations.add(
                key.at, f"the key {key.value} is already at {first}; remove one of them"
            )
        else:
            return True
        return False


_CAUSES = (
    ("'\\t' that cannot start", "a tab begins this line; YAML is indented with spaces"),
    ("mapping values are not allowed", "a second ': ' on one line; put the value in quotes"),
    ("end of stream", "the file ends inside a quoted text or a bracket; close it"),
    ("could not find expected ':'", "a key without ': ' above this place; add it"),
)


def _broken(error: MarkedYAMLError) -> str:
    problem = " ".join(str(error.problem).split())
    for sign, cause in _CAUSES:
        if sign in problem:
            return f"broken YAML: {cause}"
    mark = error.context_mark
    begun = f" {error.context} that begins in line {mark.line + 1}" if mark else ""
    return f"broken YAML: {problem}{begun}; check indentation, quotes and brackets here"
