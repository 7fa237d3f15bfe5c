"""Whose an object is, by the marker that it carries: `cortex-resources <project>/<stack>/<key>`."""

from __future__ import annotations


def is_same_stack(found: str, ours: str) -> bool:
    """Whether an object is this stack's, perhaps under another key: a resource may be renamed."""
    return found.startswith(ours[: ours.rindex("/") + 1])
