"""`views:` to the model."""

from __future__ import annotations

from cortex_resources.model.views import TrainingView
from cortex_resources.specs import queries
from cortex_resources.specs.nodes import Node
from cortex_resources.specs.violations import Violations


def build(section: Node, violations: Violations) -> dict[str, TrainingView]:
    """Every view under its key, in the order of the file."""
    return {
        key: TrainingView(
            name=name,
            query=query,
            comment=fields.get("comment").text or "",
            secure=fields.get("secure").flag or False,
        )
        for key, fields, name, query in queries.named("view", section, violations)
    }
