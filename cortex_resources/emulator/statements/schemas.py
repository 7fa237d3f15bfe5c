"""CREATE SCHEMA."""

from __future__ import annotations

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Kind, Schema
from cortex_resources.emulator.outcome import Outcome
from cortex_resources.emulator.statements import creation, dropping, properties
from cortex_resources.emulator.statements.creation import Form


def create(call: Call, form: Form) -> Outcome:
    """CREATE SCHEMA name [WITH MANAGED ACCESS] [properties]: the session moves into it."""
    reader = call.reader
    path = call.path(Kind.SCHEMA, reader.path())
    managed = reader.accept("WITH", "MANAGED", "ACCESS")
    fields = properties.read(reader, Kind.SCHEMA)
    existing = creation.place(call, Kind.SCHEMA, path, "CREATE SCHEMA", form)
    if existing is not None and form.if_not_exists:
        return creation.exists_already(existing)
    if existing is not None:
        dropping.remove(call.account, existing)
    database = call.authority.resolve(Kind.DATABASE, path[:1])
    schema = Schema(
        id=call.catalog.new_id(Kind.SCHEMA),
        name=path[1],
        parent=database.id,
        owner=call.authority.primary,
        created_on=call.now,
        managed_access=managed,
        transient=form.transient,
        **fields,
    )
    outcome = creation.finish(call, schema)
    call.session.database, call.session.schema = path
    return outcome
