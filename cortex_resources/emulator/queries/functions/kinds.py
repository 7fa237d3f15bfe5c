"""What a VARIANT holds: TYPEOF, the tests IS_… and the readers AS_…"""

from __future__ import annotations

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.casts import cast, to_variant
from cortex_resources.emulator.queries.expression import Expr, call, derive
from cortex_resources.emulator.queries.registry import scalar
from cortex_resources.emulator.queries.spelling import sized_number
from cortex_resources.emulator.queries.types import (
    ARRAY,
    BINARY,
    BOOLEAN,
    DATE,
    FLOAT,
    NUMBER,
    OBJECT,
    TEXT,
    TIME,
    TIMESTAMP_LTZ,
    TIMESTAMP_NTZ,
    TIMESTAMP_TZ,
    VARIANT,
    Type,
)


@scalar("TYPEOF", least=1)
def typeof(values: list[Expr]) -> Expr:
    """TYPEOF."""
    return call("sf_kind", TEXT, to_variant(values[0]))


KINDS = {
    "IS_ARRAY": ("ARRAY",),
    "IS_OBJECT": ("OBJECT",),
    "IS_VARCHAR": ("VARCHAR",),
    "IS_CHAR": ("VARCHAR",),
    "IS_BOOLEAN": ("BOOLEAN",),
    "IS_INTEGER": ("INTEGER",),
    "IS_DECIMAL": ("INTEGER", "DECIMAL"),
    "IS_DOUBLE": ("INTEGER", "DECIMAL", "DOUBLE"),
    "IS_REAL": ("INTEGER", "DECIMAL", "DOUBLE"),
}
MARKED = (BINARY, DATE, TIME, TIMESTAMP_LTZ, TIMESTAMP_NTZ, TIMESTAMP_TZ)
KINDS |= {f"IS_{kind.kind.value}": (kind.kind.value,) for kind in MARKED}
KINDS["IS_DATE_VALUE"] = ("DATE",)
AS_KINDS: dict[str, tuple[str, Type]] = {
    **{f"AS_{kind.kind.value}": (f"IS_{kind.kind.value}", kind) for kind in MARKED},
    "AS_ARRAY": ("IS_ARRAY", ARRAY),
    "AS_OBJECT": ("IS_OBJECT", OBJECT),
    "AS_VARCHAR": ("IS_VARCHAR", TEXT),
    "AS_CHAR": ("IS_VARCHAR", TEXT),
    "AS_BOOLEAN": ("IS_BOOLEAN", BOOLEAN),
    "AS_INTEGER": ("IS_INTEGER", NUMBER),
    "AS_DOUBLE": ("IS_DOUBLE", FLOAT),
    "AS_REAL": ("IS_REAL", FLOAT),
}


def _is(value: Expr, name: str) -> Expr:
    kinds = ", ".join(f"'{kind}'" for kind in KINDS[name])
    return derive(f"({typeof([value]).sql} IN ({kinds}))", BOOLEAN, value)


def _register_kinds() -> None:
    for name in KINDS:

        def test(values: list[Expr], which: str = name) -> Expr:
            return _is(values[0], which)

        scalar(name, least=1)(test)
    for name, (which, kind) in AS_KINDS.items():

        def read(values: list[Expr], which: str = which, kind: Type = kind) -> Expr:
            found = to_variant(values[0])
            only = derive(f"CASE WHEN {_is(found, which).sql} THEN {found.sql} END", VARIANT, found)
            return cast(only, kind)

        scalar(name, least=1)(read)


_register_kinds()


@scalar("AS_DECIMAL", "AS_NUMBER", least=1, most=3)
def as_decimal(values: list[Expr]) -> Expr:
    """A VARIANT that is a decimal, else NULL."""
    sizes = [one.constant for one in values[1:]]
    found = to_variant(values[0])
    only = derive(f"CASE WHEN {_is(found, 'IS_DECIMAL').sql} THEN {found.sql} END", VARIANT, found)
    if not all(isinstance(size, int) for size in sizes):
        raise unsupported("AS_DECIMAL with a computed precision")
    return cast(only, sized_number(sizes))
