"""SHOW USER FUNCTIONS, SHOW FUNCTIONS and DESCRIBE FUNCTION."""

from __future__ import annotations

from typing import Final

from cortex_resources.emulator import names
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Argument, Entity, Function, signature
from cortex_resources.emulator.outcome import Outcome, StatementType, columns, listing
from cortex_resources.emulator.show.cells import Listing, Row, moment, place, y_n

_NO_COMMENT: Final = "user-defined function"


def argument_list(function: Function) -> str:
    """The arguments with their types, as DESCRIBE and SHOW GRANTS spell them."""
    listed = (f"{names.quoted(one.name)} {one.short}" for one in function.arguments)
    return f"({', '.join(listed)})"


def _short(argument: Argument) -> str:
    """The type of an argument, after DEFAULT where a call may leave it out."""
    return argument.short if argument.default is None else f"DEFAULT {argument.short}"


def _function(call: Call, entity: Function) -> Row:
    database, schema = place(call, entity)
    types = ", ".join(_short(one) for one in entity.arguments)
    returns = entity.returns.partition("(")[0]
    called = f"{signature(entity.name, [types])} RETURN {returns}"
    return (
        moment(entity.created_on), entity.name, schema, "N", "N", "N",
        entity.least, len(entity.arguments),
        called, entity.comment or _NO_COMMENT, database, "N", "N",
        y_n(entity.secure), "N", "SQL", y_n(entity.memoizable), "N",
    )  # fmt: skip


FUNCTIONS: Final = Listing(
    columns(
        "created_on:time", "name", "schema_name", "is_builtin", "is_aggregate", "is_ansi",
        "min_num_arguments:number", "max_num_arguments:number", "arguments", "description",
        "catalog_name", "is_table_function", "valid_for_clustering", "is_secure",
        "is_external_function", "language", "is_memoizable", "is_data_metric",
    ),
    _function,
)  # fmt: skip


def describe(call: Call, entity: Entity) -> Outcome:
    """DESCRIBE FUNCTION: properties and their values; a secure body only for its owner."""
    assert isinstance(entity, Function)  # noqa: S101 - chosen by kind
    rows = [
        ("signature", argument_list(entity)),
        ("returns", entity.returns),
        ("language", "SQL"),
    ]
    if not entity.secure or call.authority.owns(entity):
        rows.append(("body", entity.body))
    return listing(columns("property", "value"), rows, StatementType.DESCRIBE)
