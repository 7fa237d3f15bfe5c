"""Broken rules of the JSON Schema as sentences that name what the user wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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


def _way_to_type(wanted: list[str], value: Any) -> str:
    if isinstance(value, str) and "boolean" in wanted:
        return "write true or false without quotes"
    if isinstance(value, str) and {"integer", "number"} & set(wanted):
        return "write digits only, without quotes"
    if wanted == ["string"] and isinstance(value, int | float):
        return "put it in quotes"
    if "array" in wanted:
        return "write a list: [A, B]"
    if wanted == ["object"]:
        return "write keys and values below it"
    return f"write {_either(wanted)}"


def _either(wanted: Iterable[str]) -> str:
    return " or ".join(_TYPES[name] for name in wanted)


def _type(broken: Broken, root: Node, violations: Violations) -> None:
    _, node = root.follow(broken.path)
    wanted = broken.wanted if isinstance(broken.wanted, list) else [broken.wanted]
    expected, got = _either(wanted), _got(broken.value)
    way_out = _way_to_type(wanted, broken.value)
    violations.add(node.at, f"{_label(broken)}: expected {expected}, got {got}; {way_out}")


def _unknown_keys(broken: Broken, root: Node, violations: Violations) -> None:
    _, node = root.follow(broken.path)
    known = broken.part["properties"]
    for key, entry in node.entries.items():
        if key not in known:
            way_out = suggestion(key, known, "the keys here")
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
    if isinstance(broken.value, str):
        choices = ", ".join(broken.wanted)
        violations.add(node.at, f"{_label(broken)} is {_got(broken.value)}; write one of {choices}")


def _key_pattern(broken: Broken, root: Node, violations: Violations) -> None:
    _, node = root.follow(broken.path)
    rule = broken.part.get("description", "A letter or _, then letters, digits and _.").rstrip(".")
    violations.add(
        node.entries[broken.value].key_at,
        f"the key {broken.value} in {_label(broken)} is not allowed; write {rule[0].lower()}{rule[1:]}",
    )


def _count(broken: Broken, root: Node, violations: Violations) -> None:
    at, node = root.follow(broken.path)
    known = broken.part.get("properties")
    if known is None:
        way_out = "add to it or remove it"
        violations.add(at, f"{_label(broken)} is empty; {way_out}")
        return
    got = ", ".join(node.entries) or "nothing"
    choices = ", ".join(known)
    violations.add(at, f"{_label(broken)} has {got}; write exactly one of {choices}")


TOLD: dict[str, Callable[[Broken, Node, Violations], None]] = {
    "type": _type,
    "additionalProperties": _unknown_keys,
    "required": _missing,
    "minimum": _range,
    "exclusiveMinimum": _range,
    "maximum": _range,
    "enum": _choice,
    "pattern": _key_pattern,
    "minItems": _count,
    "minLength": _count,
    "minProperties": _count,
    "maxProperties": _count,
}
