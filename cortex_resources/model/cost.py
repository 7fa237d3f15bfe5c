"""The cost of changing a field, carried by the field's type.

A planner, the content hash, the schema's documentation and the reports all read it from here,
so that no list of field names exists elsewhere.
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
