"""`snapshots:` to the model."""

from __future__ import annotations

from functools import partial

from cortex_resources.model.names import QualifiedName
from cortex_resources.model.snapshots import DatasetSnapshot
from cortex_resources.specs.names import claim, qualified
from cortex_resources.specs.nodes import Node, Position
from cortex_resources.specs.views import checked_query
from cortex_resources.specs.violations import Violations


def build(section: Node, violations: Violations) -> dict[str, DatasetSnapshot]:
    """Every snapshot under its key, in the order of the file."""
    found: dict[str, DatasetSnapshot] = {}
    taken: dict[QualifiedName, Position] = {}
    for key, entry in section.entries.items():
        fields = entry.node
        name = violations.parsed(fields.get("name"), qualified)
        query = checked_query(fields.get("query"), violations)
        if name:
            claim("snapshot", name, fields.get("name").at, taken, violations)
        if name and query:
            snapshot = DatasetSnapshot(
                name=name,
                query=query,
                as_of=fields.get("as_of").text or "",
                comment=fields.get("comment").text or "",
            )
            # The digits of the hash need room behind the name.
            if violations.parsed(fields.get("name"), partial(_table, snapshot)):
                found[key] = snapshot
    return found


def _table(snapshot: DatasetSnapshot, _written: str) -> QualifiedName:
    return snapshot.table
