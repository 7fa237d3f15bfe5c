"""`views:` to the model."""

from __future__ import annotations

from cortex_resources.model.names import QualifiedName
from cortex_resources.model.views import TrainingView, query_faults
from cortex_resources.specs.names import claim, qualified
from cortex_resources.specs.nodes import Node, Position
from cortex_resources.specs.violations import Violations


def build(section: Node, violations: Violations) -> dict[str, TrainingView]:
    """Every view under its key, in the order of the file."""
    views: dict[str, TrainingView] = {}
    taken: dict[QualifiedName, Position] = {}
    for key, entry in section.entries.items():
        fields = entry.node
        name = violations.parsed(fields.get("name"), qualified)
        query = checked_query(fields.get("query"), violations)
        if name:
            claim("view", name, fields.get("name").at, taken, violations)
        if name and query:
            views[key] = TrainingView(
                name=name,
                query=query,
                comment=fields.get("comment").text or "",
                secure=fields.get("secure").flag or False,
            )
    return views


def checked_query(node: Node, violations: Violations) -> str:
    """The text of a query to train on, after its faults were noted; nothing where there is none."""
    if not node.text:
        return ""
    for fault in query_faults(node.text):
        violations.add(node.at, fault)
    return node.text.strip()
