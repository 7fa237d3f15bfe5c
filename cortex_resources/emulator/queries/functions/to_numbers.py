"""TO_NUMBER and TO_DOUBLE with their formats."""

from __future__ import annotations

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.casts import cast, text
from cortex_resources.emulator.queries.expression import Expr, derive
from cortex_resources.emulator.queries.registry import scalar
from cortex_resources.emulator.queries.spelling import sized_number
from cortex_resources.emulator.queries.types import FLOAT


def to_number(values: list[Expr], attempt: bool) -> Expr:
    """TO_NUMBER(value [, format] [, precision [, scale]])."""
    sizes = [one.constant for one in values[1:]]
    value = values[0]
    if sizes and isinstance(sizes[0], str):
        found = "sf_try_number_format" if attempt else "sf_number_format"
        value = derive(f"{found}({value.sql}, {values[1].sql})", value.type, value)
        sizes = sizes[1:]
    if not all(isinstance(size, int) for size in sizes):
        raise unsupported("TO_NUMBER with a computed precision")
    kind = sized_number(sizes[:2])
    return cast(value, kind, attempt)


@scalar("TO_NUMBER", "TO_DECIMAL", "TO_NUMERIC", least=1, most=4)
def to_number_call(values: list[Expr]) -> Expr:
    """TO_NUMBER."""
    return to_number(values, attempt=False)


@scalar("TRY_TO_NUMBER", "TRY_TO_DECIMAL", "TRY_TO_NUMERIC", least=1, most=4)
def try_to_number_call(values: list[Expr]) -> Expr:
    """TRY_TO_NUMBER."""
    return to_number(values, attempt=True)


def _to_double(values: list[Expr], prefix: str) -> Expr:
    value = values[0]
    if len(values) > 1:
        read = f"{prefix}number_format({text(value).sql}, {text(values[1]).sql})"
        value = derive(read, value.type, *values)
    return cast(value, FLOAT, attempt=prefix == "sf_try_")


@scalar("TO_DOUBLE", least=1, most=2)
def to_double(values: list[Expr]) -> Expr:
    """TO_DOUBLE(value [, format])."""
    return _to_double(values, "sf_")


@scalar("TRY_TO_DOUBLE", least=1, most=2)
def try_to_double(values: list[Expr]) -> Expr:
    """TRY_TO_DOUBLE(value [, format])."""
    return _to_double(values, "sf_try_")
