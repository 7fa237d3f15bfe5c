"""`${name}` in texts and in the keys of `to:`; a text that is one variable takes its type."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cortex_resources.specs.nodes import Entry, Node, Position
from cortex_resources.specs.violations import Violations, suggestion

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_PIECE = re.compile(r"\$\$\{|\$\{([^{}]*)(\})?")
_BUILT_IN = "stack"
MOST = 4_000_000
"""Characters that the variables of one stack may make; they could double with every line."""


class Variables:
    """The variables of one stack.

    Arguments:
        declared: the entries of `vars:`.
        known: what the caller knows; it wins over the file.
        stack: the value of `${stack}`.
    """

    def __init__(
        self,
        declared: Mapping[str, Entry],
        known: Mapping[str, str],
        stack: str,
        violations: Violations,
    ) -> None:
        self._declared = dict(declared)
        self._violations = violations
        self._open: list[str] = []
        self._room = MOST
        given = {**known, _BUILT_IN: stack}
        nowhere = Position("", 1, 1)
        self._values: dict[str, Node | None] = {
            name: Node(text, nowhere, text) for name, text in given.items()
        }
        if entry := self._declared.get(_BUILT_IN):
            violations.add(entry.key_at, "the variable stack is built in; choose another name")
        for name in self._declared:
            self._value(name)

    def fill(self, node: Node, path: tuple[str, ...] = ()) -> Node:
        """The same tree with every variable replaced."""
        if isinstance(node.value, str):
            return self._filled(node)
        if isinstance(node.value, tuple):
            items = tuple(self.fill(item, (*path, "*")) for item in node.value)
            return Node(items, node.at)
        if isinstance(node.value, dict):
            return Node(self._entries(node, path), node.at)
        return node

    def _entries(self, node: Node, path: tuple[str, ...]) -> dict[str, Entry]:
        if path == ("vars",):
            return node.entries
        filled: dict[str, Entry] = {}
        for key, entry in node.entries.items():
            value = self.fill(entry.node, (*path, key))
            new = key
            if path == ("grants", "*", "to"):
                new = self._filled(Node(key, entry.key_at, key)).source
            if new in filled:
                self._violations.add(
                    entry.key_at,
                    f"{new} is already at {filled[new].key_at}; put both under one key",
                )
            else:
                filled[new] = Entry(entry.key_at, value)
        return filled

    def _filled(self, node: Node) -> Node:
        text = node.source
        if "${" not in text:
            return node
        single = _PIECE.fullmatch(text)
        if single and single[2]:
            value = self._take(single, node.at)
            return Node(value.value, node.at, value.source)
        pieces: list[str] = []
        end = 0
        for match in _PIECE.finditer(text):
            source = "${" if match[0] == "$${" else self._take(match, node.at).source
            pieces += (text[end : match.start()], source)
            end = match.end()
        return self._joined([*pieces, text[end:]], node)

    def _joined(self, pieces: list[str], node: Node) -> Node:
        size = sum(map(len, pieces))
        if size > self._room >= 0:
            self._violations.add(node.at, f"variables make more than {MOST} characters; use less")
        self._room -= size
        if self._room < 0:
            self._violations.silence(node.at)
            return node
        filled = "".join(pieces)
        return Node(filled, node.at, filled)

    def _take(self, match: re.Match[str], at: Position) -> Node:
        value = self._find(match, at)
        if value is None:
            self._violations.silence(at)
        return value or Node(match[0], at, match[0])

    def _find(self, match: re.Match[str], at: Position) -> Node | None:
        name = match[1]
        if not match[2] or not NAME.fullmatch(name):
            self._violations.add(
                at, f"{match[0]} is no variable; write ${{name}}, or $${{ for a literal ${{"
            )
            return None
        if name not in self._values and name not in self._declared:
            way_out = suggestion(name, {*self._declared, *self._values}, "the variables")
            self._violations.add(at, f"the variable ${{{name}}} is unknown; {way_out}")
            return None
        return self._value(name)

    def _value(self, name: str) -> Node | None:
        """The value of a variable that exists; None where a violation tells why it has none."""
        if name in self._values:
            return self._values[name]
        node = self._declared[name].node
        if name in self._open:
            circle = " -> ".join([*self._open[self._open.index(name) :], name])
            self._violations.last(
                node.at, f"the variables go in a circle: {circle}; give one of them a value"
            )
            return None
        self._open.append(name)
        value = self.fill(node)
        self._open.pop()
        is_known = not (value.entries or value.items or self._violations.is_silent(node.at))
        self._values[name] = value if is_known else None
        return self._values[name]
