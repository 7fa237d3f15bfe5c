"""CREATE WAREHOUSE."""

from __future__ import annotations

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Kind, Warehouse
from cortex_resources.emulator.outcome import Outcome
from cortex_resources.emulator.statements import creation, dropping, properties
from cortex_resources.emulator.statements.creation import Form


def create(call: Call, form: Form) -> Outcome:
    """CREATE WAREHOUSE name [properties]: the session uses it from now on."""
    name = call.reader.name()
    fields = properties.read(call.reader, Kind.WAREHOUSE)
    existing = creation.place(call, Kind.WAREHOUSE, (name,), "CREATE WAREHOUSE", form)
    if existing is not None and form.if_not_exists:
        return creation.exists_already(existing)
    if existing is not None:
        dropping.remove(call.account, existing)
    warehouse = Warehouse(
        id=call.catalog.new_id(Kind.WAREHOUSE),
        name=name,
        owner=call.authority.primary,
        created_on=call.now,
        **fields,
    )
    outcome = creation.finish(call, warehouse)
    call.session.warehouse = name
    return outcome
