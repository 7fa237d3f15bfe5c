"""CREATE DATABASE."""

from __future__ import annotations

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Kind, Schema
from cortex_resources.emulator.outcome import Outcome
from cortex_resources.emulator.statements import cloning, creation, properties
from cortex_resources.emulator.statements.creation import Form


def create(call: Call, form: Form) -> Outcome:
    """CREATE DATABASE name [CLONE d] [properties]: the session moves into its PUBLIC schema."""
    reader = call.reader
    name = reader.name()
    source = cloning.source(call, Kind.DATABASE)
    fields = properties.read(call, Kind.DATABASE)
    place = creation.claim(call, Kind.DATABASE, (name,), form)
    if place.stands:
        return place.told()
    database = place.fill({**fields, "transient": form.transient})
    if source is not None:
        cloning.copy_contents(call, source, database)
    else:
        call.catalog.add(
            Schema(
                id=call.catalog.new_id(Kind.SCHEMA),
                name="PUBLIC",
                parent=database.id,
                owner=database.owner,
                created_on=call.now,
            )
        )
    public = call.catalog.find(Kind.SCHEMA, (name, "PUBLIC"))
    call.session.database, call.session.schema = name, "PUBLIC" if public else None
    return creation.created(database)
