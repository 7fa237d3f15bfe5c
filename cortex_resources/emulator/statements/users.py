"""CREATE USER."""

from __future__ import annotations

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Kind, User
from cortex_resources.emulator.outcome import Outcome
from cortex_resources.emulator.statements import creation, dropping, properties
from cortex_resources.emulator.statements.creation import Form


def create(call: Call, form: Form) -> Outcome:
    """CREATE USER name [properties]."""
    name = call.reader.name()
    fields = {"login_name": name, "display_name": name, **properties.read(call.reader, Kind.USER)}
    existing = creation.place(call, Kind.USER, (name,), "CREATE USER", form)
    if existing is not None and form.if_not_exists:
        return creation.exists_already(existing)
    if existing is not None:
        dropping.remove(call.account, existing)
    user = User(
        id=call.catalog.new_id(Kind.USER),
        name=name,
        owner=call.authority.primary,
        created_on=call.now,
        **fields,
    )
    return creation.finish(call, user)
