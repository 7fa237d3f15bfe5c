"""CREATE SCHEMA, and what ALTER SCHEMA can do beyond the common forms."""

from __future__ import annotations

from dataclasses import replace

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Entity, Kind, Schema
from cortex_resources.emulator.outcome import Outcome
from cortex_resources.emulator.statements import cloning, creation, properties
from cortex_resources.emulator.statements.creation import Form


def create(call: Call, form: Form) -> Outcome:
    """CREATE SCHEMA name [CLONE s] [WITH MANAGED ACCESS] […]: the session moves into it."""
    reader = call.reader
    path = call.path(Kind.SCHEMA, reader.path())
    source = cloning.source(call, Kind.SCHEMA)
    managed = reader.accept("WITH", "MANAGED", "ACCESS")
    fields = properties.read(call, Kind.SCHEMA)
    place = creation.claim(call, Kind.SCHEMA, path, form)
    if place.stands:
        return place.told()
    if isinstance(source, Schema):
        managed = managed or source.managed_access
    schema = place.fill({**fields, "managed_access": managed, "transient": form.transient})
    if source is not None:
        cloning.copy_contents(call, source, schema)
    call.session.database, call.session.schema = path
    return creation.created(schema)


def alter(call: Call, schema: Entity) -> bool:
    """{ENABLE | DISABLE} MANAGED ACCESS; whether the statement was this."""
    assert isinstance(schema, Schema)  # noqa: S101 - chosen by kind
    word = call.reader.accept_any("ENABLE", "DISABLE")
    if word is None:
        return False
    call.reader.expect("MANAGED", "ACCESS")
    call.reader.end()
    call.authority.require_ownership(schema)
    call.catalog.update(replace(schema, managed_access=word == "ENABLE"))
    return True
