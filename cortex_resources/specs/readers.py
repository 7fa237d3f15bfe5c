"""Who reads what is trained on: a warning where the file gives the job's role no SELECT on it."""

from __future__ import annotations

from collections.abc import Iterator

from cortex_resources.model.grants import Securable, SecurableType, held_by, role_named
from cortex_resources.model.stack import Stack
from cortex_resources.specs.nodes import Node

_SOURCES = ("training", "validation")


def doubts(stack: Stack, section: Node) -> tuple[str, ...]:
    """Each declared view or snapshot that a model's own role is not given SELECT on here.

    No violation: a role may hold it through another role or a grant on what is to come, which no
    file tells. The preview of a paid job asks the account, and refuses.
    """
    given = {
        (item.on, privilege.grantee)
        for item in stack.privileges
        for privilege in item.privileges
        if privilege.privilege == "SELECT"
    }
    found = []
    for model in stack.models:
        fields = section.get(model.key)
        if model.job.role is None:
            continue
        role = role_named(model.job.role)
        for node, on in _read(stack, fields):
            if not given & {(on, held) for held in held_by(role, stack.roles)}:
                found.append(
                    f"{node.at}: no grant here gives {role} SELECT on {on}; without it"
                    f" {model.job.model} is not submitted"
                )
    return tuple(found)


def _read(stack: Stack, fields: Node) -> Iterator[tuple[Node, Securable]]:
    for source in _SOURCES:
        view, snapshot = fields.get(source).get("view"), fields.get(source).get("snapshot")
        if declared := stack.views.get(view.text or ""):
            yield view, Securable(SecurableType.VIEW, declared.name)
        if frozen := stack.snapshots.get(snapshot.text or ""):
            yield snapshot, Securable(SecurableType.TABLE, frozen.name)
