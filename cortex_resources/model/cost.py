"""The cost of changing a field, carried by the field's type.

Providers read from here what to compare and what replaces, the documentation what to tell.
"""

from __future__ import annotations

import dataclasses
import typing
from enum import StrEnum
from typing import Annotated, Any, TypeVar

T = TypeVar("T")


class Cost(StrEnum):
    """What a change of one field costs."""

    RETRAINS = "retrains"
    """A new paid job."""
    REPLACES = "replaces"
    """A new object under another identity."""
    UPDATES = "updates"
    """A statement or two; nothing is lost or paid."""


Retrains = Annotated[T, Cost.RETRAINS]
Replaces = Annotated[T, Cost.REPLACES]
Updates = Annotated[T, Cost.UPDATES]


def costs(kind: type[Any]) -> dict[str, Cost]:
    """The cost of each field of a dataclass.

    Raises:
        TypeError: a field does not say its cost.
    """
    hints = typing.get_type_hints(kind, include_extras=True)
    found: dict[str, Cost] = {}
    for field in dataclasses.fields(kind):
        marks = [m for m in getattr(hints[field.name], "__metadata__", ()) if isinstance(m, Cost)]
        if len(marks) != 1:
            raise TypeError(f"{kind.__name__}.{field.name} does not say what a change costs")
        found[field.name] = marks[0]
    return found


def identity(kind: type[Any]) -> frozenset[str]:
    """The fields that cannot change in place: another value is another object."""
    return frozenset(name for name, cost in costs(kind).items() if cost is not Cost.UPDATES)
