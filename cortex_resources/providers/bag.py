"""Property bags: what Pulumi hands over, read into plain values.

Every number arrives as float, keys with no value are missing, previews may hold unknowns, and keys
that begin with `__` are not shown to users. Measured against the SDK's dynamic host.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi.output import Unknown

Bag = Mapping[str, Any]


def text(bag: Bag, key: str, default: str = "") -> str:
    """A text, or the default when the key is missing."""
    value = bag.get(key)
    return default if value is None else str(value)


def optional(bag: Bag, key: str) -> str | None:
    """A text, or None when the key is missing or empty."""
    return text(bag, key) or None


def whole(bag: Bag, key: str) -> int | None:
    """A whole number; Pulumi delivers it as float."""
    value = bag.get(key)
    return None if value is None else int(value)


def number(bag: Bag, key: str) -> float | None:
    """A number."""
    value = bag.get(key)
    return None if value is None else float(value)


def flag(bag: Bag, key: str, *, default: bool = False) -> bool:
    """A boolean."""
    value = bag.get(key)
    return default if value is None else bool(value)


def ordered(bag: Bag, key: str) -> tuple[str, ...]:
    """The texts of a map that is keyed by position."""
    value = bag.get(key) or {}
    return tuple(str(value[k]) for k in sorted(value, key=int))


def by_position(items: Iterable[str]) -> dict[str, str]:
    """Texts as a map keyed by position: one insertion in a list would show as many changes."""
    return {str(at): item for at, item in enumerate(items, start=1)}


def visible(bag: Bag) -> dict[str, Any]:
    """The bag without what belongs to the host."""
    return {key: value for key, value in bag.items() if key != "__provider"}


def has_unknown(value: object) -> bool:
    """Whether anything inside is only known once something else was created."""
    if isinstance(value, Unknown):
        return True
    if isinstance(value, Mapping):
        return any(map(has_unknown, value.values()))
    return isinstance(value, list) and any(map(has_unknown, value))
