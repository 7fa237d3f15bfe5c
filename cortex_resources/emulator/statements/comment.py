"""COMMENT ON."""

from __future__ import annotations

from dataclasses import replace

from cortex_resources.emulator.access import rules
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Kind, Table, View
from cortex_resources.emulator.outcome import Outcome, status
from cortex_resources.emulator.statements import columns, objects

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
    parts = objects.path(reader, kind)
    reader.expect("IS")
    text = reader.string()
    reader.end()
    entity = objects.found_if(call, kind, parts, if_exists=if_exists)
    if entity is not None:
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
    path = call.path(Kind.TABLE, tuple(parts[:-1]))
    table = call.catalog.find_in_namespace(Kind.TABLE, path)
    if not isinstance(table, (Table, View)) or not call.authority.sees(table):
        raise call.authority.missing(Kind.TABLE, path)
    call.authority.require_ownership(table)
    columns.known(table.columns, parts[-1])
    call.catalog.update(
        replace(table, columns=columns.changed(table.columns, parts[-1], comment=text))
    )
    return status(_DONE)
