"""Which of several functions of one name a call means ("Naming and overloading procedures and
UDFs"), and its arguments as values of the declared types.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from cortex_resources.emulator.queries.casts import cast
from cortex_resources.emulator.queries.context import Column, UserFunction
from cortex_resources.emulator.queries.expression import Expr
from cortex_resources.emulator.queries.types import TIMESTAMPS, Kind, Type

# The types that a value is taken as without being asked to, the nearest first ("Data type
# conversion", coercion).
_COERCED: Final[dict[Kind, tuple[Kind, ...]]] = {
    Kind.TEXT: (
        Kind.VARIANT, Kind.FLOAT, Kind.NUMBER, Kind.BOOLEAN, Kind.DATE, Kind.TIME, *TIMESTAMPS,
    ),
    Kind.NUMBER: (Kind.FLOAT, Kind.VARIANT, Kind.TEXT, Kind.BOOLEAN),
    Kind.FLOAT: (Kind.NUMBER, Kind.VARIANT, Kind.TEXT, Kind.BOOLEAN),
    Kind.BOOLEAN: (Kind.TEXT, Kind.NUMBER, Kind.VARIANT),
    Kind.DATE: (*TIMESTAMPS, Kind.TEXT, Kind.VARIANT),
    Kind.TIME: (Kind.TEXT, Kind.VARIANT),
    Kind.TIMESTAMP_NTZ: (*TIMESTAMPS, Kind.DATE, Kind.TIME, Kind.TEXT, Kind.VARIANT),
    Kind.TIMESTAMP_LTZ: (*TIMESTAMPS, Kind.DATE, Kind.TIME, Kind.TEXT, Kind.VARIANT),
    Kind.TIMESTAMP_TZ: (*TIMESTAMPS, Kind.DATE, Kind.TIME, Kind.TEXT, Kind.VARIANT),
    Kind.VARIANT: (
        Kind.TEXT, Kind.NUMBER, Kind.FLOAT, Kind.BOOLEAN, Kind.OBJECT, Kind.ARRAY, Kind.DATE,
        Kind.TIME, *TIMESTAMPS,
    ),
    Kind.OBJECT: (Kind.VARIANT,),
    Kind.ARRAY: (Kind.VARIANT,),
}  # fmt: skip


@dataclass(slots=True)
class Given:
    """The arguments of a call, by place or by name; `default` makes those left out."""

    placed: list[Expr]
    named: dict[str, Expr]
    default: Callable[[Column], Expr]

    @property
    def values(self) -> list[Expr]:
        """All of them, as they are written."""
        return [*self.placed, *self.named.values()]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.placed) + len(self.named)

    def of(self, function: UserFunction) -> list[Expr] | None:
        """The values in the order of a function's arguments; None when they do not fit."""
        arguments = function.arguments
        placed = zip((argument.name for argument in arguments), self.placed, strict=False)
        given = {**dict(placed), **self.named}
        missing = [argument for argument in arguments if argument.name not in given]
        if len(given) < self.count or len(given) + len(missing) > len(arguments):
            return None
        if any(argument.default is None for argument in missing):
            return None
        given |= {argument.name: self.default(argument) for argument in missing}
        return [given[argument.name] for argument in arguments]


def chosen(
    functions: Sequence[UserFunction], given: Given
) -> tuple[UserFunction, list[Expr]] | None:
    """The function whose types are nearest to the values, with the values as it takes them."""
    best: tuple[int, UserFunction, list[Expr]] | None = None
    for function in functions:
        values = given.of(function)
        if values is None:
            continue
        pairs = list(zip(values, (one.type for one in function.arguments), strict=True))
        steps = [_distance(value.type, wanted) for value, wanted in pairs]
        far = sum(step for step in steps if step is not None)
        if None not in steps and (best is None or far < best[0]):
            best = far, function, [taken(value, wanted) for value, wanted in pairs]
    return None if best is None else best[1:]


def _distance(value: Type, wanted: Type) -> int | None:
    """How far a type is from another; None when a value is not taken as one of it."""
    if value.kind in (wanted.kind, Kind.NULL):
        return 0
    order = _COERCED.get(value.kind, ())
    return 1 + order.index(wanted.kind) if wanted.kind in order else None


def taken(value: Expr, wanted: Type) -> Expr:
    """A value as one of the declared type."""
    return value if value.type.kind is wanted.kind else cast(value, wanted)
