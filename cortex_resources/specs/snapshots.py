"""`snapshots:` to the model."""

from __future__ import annotations

from functools import partial

from cortex_resources.model.names import QualifiedName
from cortex_resources.model.snapshots import DatasetSnapshot
from cortex_resources.specs import queries
from cortex_resources.specs.nodes import Node
from cortex_resources.specs.violations import Violations


def build(section: Node, violations: Violations) -> dict[str, DatasetSnapshot]:
    """Every snapshot under its key, in the order of the file."""
    found: dict[str, DatasetSnapshot] = {}
    for key, fields, name, query in queries.named("snapshot", section, violations):
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
