"""Names in a stack file: how deep they are, and that nothing is declared twice."""

from __future__ import annotations

from functools import partial

from cortex_resources.model.names import QualifiedName
from cortex_resources.specs.nodes import Position
from cortex_resources.specs.violations import Violations

qualified = partial(QualifiedName.parse, depth=3)
"""Read `database.schema.name`."""

account_object = partial(QualifiedName.parse, depth=1)
"""Read the name of a role or warehouse."""


def claim(
    kind: str,
    name: QualifiedName,
    at: Position,
    taken: dict[QualifiedName, Position],
    violations: Violations,
) -> None:
    """Note a second object of one kind under one name."""
    first = taken.setdefault(name, at)
    if first is not at:
        violations.add(at, f"the {kind} {name} is already declared at {first}; rename one of them")
