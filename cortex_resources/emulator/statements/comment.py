"""COMMENT ON."""

from __future__ import annotations

from dataclasses import replace

from cortex_resources.emulator.access import rules
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Kind, Table
from cortex_resources.emulator.errors import SnowflakeError
from cortex_resources.emulator.outcome import Outcome, status
from cortex_resources.emulator.statements import objects

_DONE = "Statement executed successfully."


def run(call: Call) -> Outcome:
    """COMMENT [IF EXISTS] ON kind name IS 'text'."""
    reader = call.reader
    reader.expect("COMMENT")
    if_exists = reader.if_exists()
    reader.expect("ON")
    if reader.accept("COLUMN"):
        return _on_column(call)
    kind = objects.kind(reader)
    parts = reader.path()
    reader.expect("IS")
    text = reader.string()
    reader.end()
    try:
        entity = call.resolve(kind, parts)
    except SnowflakeError as error:
        if if_exists and error.errno == 2003:
            return status(_DONE)
        raise
    call.authority.permit(rules.SET, entity)
    call.catalog.update(replace(entity, comment=text))
    return status(_DONE)


def _on_column(call: Call) -> Outcome:
    reader = call.reader
    parts = [reader.name()]
    while reader.accept("."):
        parts.append(reader.name())
    reader.expect("IS")
    text = reader.string()
    reader.end()
    table = call.resolve(Kind.TABLE, tuple(parts[:-1]))
    call.authority.require_ownership(table)
    assert isinstance(table, Table)  # noqa: S101 - resolved by kind
    if parts[-1] not in {column.name for column in table.columns}:
        raise SnowflakeError(
            904, "42000", f"SQL compilation error:\ninvalid identifier '{parts[-1]}'"
        )
    columns = tuple(
        replace(column, comment=text) if column.name == parts[-1] else column
        for column in table.columns
    )
    call.catalog.update(replace(table, columns=columns))
    return status(_DONE)
