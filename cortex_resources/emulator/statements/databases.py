"""CREATE DATABASE."""

from __future__ import annotations

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Database, Kind, Schema
from cortex_resources.emulator.outcome import Outcome
from cortex_resources.emulator.statements import creation, dropping, properties
from cortex_resources.emulator.statements.creation import Form


def create(call: Call, form: Form) -> Outcome:
    """CREATE DATABASE name [properties]: with a PUBLIC schema; the session moves into it."""
    reader = call.reader
    name = reader.name()
    fields = properties.read(reader, Kind.DATABASE)
    existing = creation.place(call, Kind.DATABASE, (name,), "CREATE DATABASE", form)
    if existing is not None and form.if_not_exists:
        return creation.exists_already(existing)
    if existing is not None:
        dropping.remove(call.account, existing)
    database = Database(
        id=call.catalog.new_id(Kind.DATABASE),
        name=name,
        owner=call.authority.primary,
        created_on=call.now,
        transient=form.transient,
        **fields,
    )
    outcome = creation.finish(call, database)
    public = Schema(
        id=call.catalog.new_id(Kind.SCHEMA),
        name="PUBLIC",
        parent=database.id,
        owner=call.authority.primary,
        created_on=call.now,
    )
    call.catalog.add(public)
    call.session.database, call.session.schema = name, "PUBLIC"
    return outcome
