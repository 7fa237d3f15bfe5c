"""INFORMATION_SCHEMA.FUNCTIONS: the functions that users made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from cortex_resources.emulator.access.authority import Authority
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import ColumnSpec, Entity, Function, Kind
from cortex_resources.emulator.show.cells import Row, moment
from cortex_resources.emulator.show.functions import argument_list
from cortex_resources.emulator.show.information_none import ROUTINE
from cortex_resources.emulator.show.information_relations import typed, visible

FUNCTIONS: Final = (
    "FUNCTION_CATALOG", "FUNCTION_SCHEMA", "FUNCTION_NAME", "FUNCTION_OWNER", *ROUTINE,
    "FUNCTION_LANGUAGE", "FUNCTION_DEFINITION", "VOLATILITY", "IS_NULL_CALL", "IS_SECURE",
    "CREATED:time", "LAST_ALTERED:time", "COMMENT", "IS_EXTERNAL", "IS_AGGREGATE",
    "IS_MEMOIZABLE",
)  # fmt: skip


def functions(call: Call, authority: Authority, database: Entity) -> Iterable[Row]:
    """A row for each function; the body of a secure one only for its owner."""
    for entity in visible(call, authority, database, Kind.FUNCTION):
        assert isinstance(entity, Function)  # noqa: S101 - chosen by kind
        hidden = entity.secure and not authority.owns(entity)
        at = moment(entity.created_on)
        yield (
            *call.catalog.path(entity), call.catalog.owner_name(entity), argument_list(entity),
            *_result(entity), "SQL", None if hidden else entity.body, entity.volatility, None,
            "YES" if entity.secure else "NO", at, at, entity.comment or None, "NO", "NO",
            "YES" if entity.memoizable else "NO",
        )  # fmt: skip


def _result(function: Function) -> tuple[Any, ...]:
    """The type of the result and its sizes, as far as its kind has them."""
    _, *sizes = typed(ColumnSpec("", function.returns))
    return (function.returns, *sizes)
