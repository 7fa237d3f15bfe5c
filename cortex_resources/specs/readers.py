"""What a file does not give a job's role that it needs: SELECT on the rows, CREATE FUNCTION."""

from __future__ import annotations

from collections.abc import Iterator

from cortex_resources.model.grants import Securable, SecurableType, held_by, role_named
from cortex_resources.model.stack import DeclaredModel, Stack
from cortex_resources.specs.nodes import Node

_SOURCES = ("training", "validation")


def doubts(stack: Stack, section: Node) -> tuple[str, ...]:
    """Each declared view or snapshot that a model's own role may not read by what stands here.

    And each alias that it may not make. No violation: a role may hold it through another role or a
    grant on what is to come, which no file tells. A preview asks the account, and refuses.
    """
    given = {
        (privilege.privilege, item.on, privilege.grantee)
        for item in stack.privileges
        for privilege in item.privileges
    }
    found = []
    for model in stack.models:
        if model.job.role is None:
            continue
        role = role_named(model.job.role)
        holders = held_by(role, stack.roles)
        for node, word, on, what in _needed(stack, model, section.get(model.key)):
            if not given & {(word, on, held) for held in holders}:
                text = f"no grant here gives {role} {word} on {on}; without it {what}"
                found.append(f"{node.at}: {text}")
    return tuple(found)


def _needed(
    stack: Stack, model: DeclaredModel, fields: Node
) -> Iterator[tuple[Node, str, Securable, str]]:
    """Where it stands, the privilege, the object, and what fails for want of it."""
    for node, on in _read(stack, fields):
        yield node, "SELECT", on, f"{model.job.model} is not submitted"
    if model.alias is not None:
        schema = Securable(SecurableType.SCHEMA, model.alias.name.parent)
        name = fields.get("alias").get("name")
        yield name, "CREATE FUNCTION", schema, f"alias {model.alias.name} is not made"


def _read(stack: Stack, fields: Node) -> Iterator[tuple[Node, Securable]]:
    for source in _SOURCES:
        view, snapshot = fields.get(source).get("view"), fields.get(source).get("snapshot")
        if declared := stack.views.get(view.text or ""):
            yield view, Securable(SecurableType.VIEW, declared.name)
        if frozen := stack.snapshots.get(snapshot.text or ""):
            yield snapshot, Securable(SecurableType.TABLE, frozen.name)
