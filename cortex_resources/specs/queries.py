"""Objects made of a query, as a stack file declares them: a name, a SELECT and their own fields."""

from __future__ import annotations

from collections.abc import Iterator

from cortex_resources.model.names import QualifiedName
from cortex_resources.model.views import query_faults
from cortex_resources.specs.names import claim, qualified
from cortex_resources.specs.nodes import Node, Position
from cortex_resources.specs.violations import Violations


def checked_query(node: Node, violations: Violations) -> str:
    """The text of a query to train on, after its faults were noted; nothing where there is none."""
    if not node.text:
        return ""
    for fault in query_faults(node.text):
        violations.add(node.at, fault)
    return node.text.strip()


def named(
    kind: str, section: Node, violations: Violations
) -> Iterator[tuple[str, Node, QualifiedName, str]]:
    """Key, fields, name and query of each entry that has both, in the order of the file.

    Arguments:
        kind: what a second object under the same name is called.
        section: the map of keys to objects.
        violations: takes what is wrong with any of them.
    """
    taken: dict[QualifiedName, Position] = {}
    for key, entry in section.entries.items():
        fields = entry.node
        name = violations.parsed(fields.get("name"), qualified)
        query = checked_query(fields.get("query"), violations)
        if name:
            claim(kind, name, fields.get("name").at, taken, violations)
        if name and query:
            yield key, fields, name, query
