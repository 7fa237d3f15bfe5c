"""Broken rules of the JSON Schema as sentences that name what the user wrote."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from cortex_resources.specs import schema
from cortex_resources.specs.nodes import Node
from cortex_resources.specs.schema import Broken
from cortex_resources.specs.violations import Violations, suggestion

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a map of keys",
}


def check(root: Node, violations: Violations) -> None:
    """Note everything in a whole stack that the schema forbids."""
    for broken in schema.broken_rules(root.plain()):
        TOLD[broken.rule](broken, root, violations)


def check_empty_keys(root: Node, violations: Violations) -> None:
    """Note unknown keys without a value in one file: merging would take them for removals."""
    for broken in schema.broken_rules(root.plain(), of_file=True):
        if broken.rule == "additionalProperties":
            _unknown_keys(broken, root, violations, only_empty=True)


def _label(broken: Broken) -> str:
    label = ""
    for step in broken.path:
        label += f"[{step}]" if isinstance(step, int) else f".{step}"
    return label.removeprefix(".") or "the file"


def _got(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            return f"text {value if len(value) <= 40 else value[:39] + '…'!r}"
        case int() | float():
            return f"the number {value}"
        case list():
            return "a list"
        case _:
            return "a map of keys"


def _example(part: schema.Schema) -> str:
    """A short example from the schema as one would write it, or nothing."""
    examples = [_flow(example) for example in part.get("examples", ())]
    return next((f"write for example {text}" for text in examples if len(text) <= 80), "")


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return value if isinstance(value, str) else json.dumps(value)


def _way_to_type(wanted: list[str], broken: Broken) -> str:
    is_number = {"integer", "number"} & set(wanted)
    match broken.value:
        case bool() | int() | float() if "string" in wanted:
            return "put it in quotes"
        case str() if "boolean" in wanted:
            return "write true or false, without quotes"
        case str() if is_number:
            return "write digits only, without quotes"
    return _example(broken.part) or "write keys and values below it"


def _either(wanted: list[str]) -> str:
    return " or ".join(words for name, words in _TYPES.items() if name in wanted)


def _type(broken: Broken, root: Node, violations: Violations) -> None:
    if "enum" in broken.part:
        return
    key_at, node = root.follow(broken.path)
    wanted = broken.wanted if isinstance(broken.wanted, list) else [broken.wanted]
    violations.add(
        # an empty value has no place of its own: the parser finds it below
        key_at if broken.value is None else node.at,
        f"{_label(broken)}: expected {_either(wanted)}, got {_got(broken.value)};"
        f" {_way_to_type(wanted, broken)}",
    )


def _unknown_keys(
    broken: Broken, root: Node, violations: Violations, *, only_empty: bool = False
) -> None:
    _, node = root.follow(broken.path)
    known = broken.part["properties"]
    for key, entry in node.entries.items():
        if key not in known and not (only_empty and entry.node.value is not None):
            way_out = suggestion(key, known, "the keys here")
            if " " in key:
                way_out = "a text that holds a comma needs quotes"
            violations.add(entry.key_at, f"unknown key {key} in {_label(broken)}; {way_out}")


def _missing(broken: Broken, root: Node, violations: Violations) -> None:
    at, node = root.follow(broken.path)
    for key in broken.wanted:
        if key not in node.entries:
            violations.add(at, f"{_label(broken)} lacks the key {key}; add {key}: to it")


def _range(broken: Broken, root: Node, violations: Violations) -> None:
    _, node = root.follow(broken.path)
    rules = broken.part
    low = rules.get("minimum", rules.get("exclusiveMinimum"))
    least = f"more than {low}" if "exclusiveMinimum" in rules else f"at least {low}"
    most = f" and at most {rules['maximum']}" if "maximum" in rules else ""
    violations.add(node.at, f"{_label(broken)} is {node.source}; write {least}{most}")


def _choice(broken: Broken, root: Node, violations: Violations) -> None:
    _, node = root.follow(broken.path)
    choices = ", ".join(broken.wanted)
    violations.add(node.at, f"{_label(broken)} is {_got(broken.value)}; write one of {choices}")


def _key_pattern(broken: Broken, root: Node, violations: Violations) -> None:
    _, node = root.follow(broken.path)
    rule = broken.part["description"].rstrip(".")
    key = broken.value or "an empty text"
    violations.add(
        node.entries[broken.value].key_at,
        f"{key} is no key for {_label(broken)}; write {rule[0].lower()}{rule[1:]}",
    )


def _empty(broken: Broken, root: Node, violations: Violations) -> None:
    at, node = root.follow(broken.path)
    place = node.at if isinstance(broken.value, str) else at
    violations.add(place, f"{_label(broken)} is empty; {_example(broken.part)}")


def _one_of(broken: Broken, root: Node, violations: Violations) -> None:
    if "properties" not in broken.part:
        _empty(broken, root, violations)
        return
    at, node = root.follow(broken.path)
    known = [key for key in node.entries if key in broken.part["properties"]]
    if len(known) < len(node.entries) and len(known) < 2:
        return  # Told as an unknown key: to name it among the choices would be a second error.
    got = ", ".join(known) or "nothing"
    choices = ", ".join(broken.part["properties"])
    how_many = "exactly" if "maxProperties" in broken.part else "at least"
    violations.add(at, f"{_label(broken)} has {got}; write {how_many} one of {choices}")


TOLD: dict[str, Callable[[Broken, Node, Violations], None]] = {
    "type": _type,
    "additionalProperties": _unknown_keys,
    "required": _missing,
    "minimum": _range,
    "exclusiveMinimum": _range,
    "maximum": _range,
    "enum": _choice,
    "pattern": _key_pattern,
    "minItems": _empty,
    "minLength": _empty,
    "minProperties": _one_of,
    "maxProperties": _one_of,
}
"""What tells each rule that the schema uses."""
