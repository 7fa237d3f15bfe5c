"""How dates and times become text: as the session says, for the statement being compiled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Final

from cortex_resources.emulator.queries.expression import Expr, quote
from cortex_resources.emulator.queries.types import Kind

# session parameter → kind of value; a timestamp without a format of its own has the shared one
PARAMETERS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "DATE_OUTPUT_FORMAT": Kind.DATE,
        "TIME_OUTPUT_FORMAT": Kind.TIME,
        "TIMESTAMP_NTZ_OUTPUT_FORMAT": Kind.TIMESTAMP_NTZ,
        "TIMESTAMP_LTZ_OUTPUT_FORMAT": Kind.TIMESTAMP_LTZ,
        "TIMESTAMP_TZ_OUTPUT_FORMAT": Kind.TIMESTAMP_TZ,
    }
)
_ZONE: Final = "getvariable('sf_zone')"
_WALL: Final = {
    Kind.DATE: ("CAST({0} AS TIMESTAMP)", "0"),
    Kind.TIME: ("(DATE '2000-01-01' + {0})", "0"),
    Kind.TIMESTAMP_NTZ: ("{0}", "0"),
    Kind.TIMESTAMP_LTZ: (f"sf_to_local({{0}}, {_ZONE})", f"sf_offset({{0}}, {_ZONE})"),
    Kind.TIMESTAMP_TZ: ("sf_shift(({0}).utc, ({0}).minutes)", "({0}).minutes"),
}
_CHOSEN: ContextVar[Mapping[Kind, str]] = ContextVar("formats", default=MappingProxyType({}))


@contextmanager
def chosen(formats: Mapping[Kind, str]) -> Iterator[None]:
    """While a statement is compiled: the formats that its session chose, without the defaults."""
    token = _CHOSEN.set(formats)
    try:
        yield
    finally:
        _CHOSEN.reset(token)


def spelled(value: Expr) -> str | None:
    """Engine SQL of the value in the chosen format; None where it is the default one."""
    pattern = _CHOSEN.get().get(value.type.kind)
    if pattern is None:
        return None
    wall, minutes = (form.format(value.sql) for form in _WALL[value.type.kind])
    return f"sf_format_time({wall}, {minutes}, {quote(pattern)})"
