"""`rates:` to the model: what training on a base model costs."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from cortex_resources.model.guard import Rate
from cortex_resources.specs.nodes import Node
from cortex_resources.specs.violations import Violations


def build(section: Node, violations: Violations) -> Mapping[str, Rate]:
    """The rate of each base model, by its name in lower case."""
    found = {}
    for base_model, entry in section.entries.items():
        price, day = entry.node.get("credits_per_million_tokens"), entry.node.get("as_of")
        as_of = _day(day, violations)
        if price.number is not None and as_of is not None:
            found[base_model.lower()] = Rate(float(price.number), as_of)
    return found


def _day(node: Node, violations: Violations) -> datetime.date | None:
    if not node.text:
        return None
    try:
        return datetime.date.fromisoformat(node.text)
    except ValueError:
        violations.add(node.at, f"as_of is {node.text!r}: write a day as 2026-11-01")
        return None
