"""CREATE ROLE and CREATE DATABASE ROLE."""

from __future__ import annotations

from cortex_resources.emulator.access import ownership
from cortex_resources.emulator.access.grants import Grant
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import DatabaseRole, Kind, Role
from cortex_resources.emulator.outcome import Outcome
from cortex_resources.emulator.statements import creation, dropping, properties
from cortex_resources.emulator.statements.creation import Form


def create_role(call: Call, form: Form) -> Outcome:
    """CREATE ROLE name [COMMENT = …]."""
    name = call.reader.name()
    fields = properties.read(call.reader, Kind.ROLE)
    existing = creation.place(call, Kind.ROLE, (name,), "CREATE ROLE", form)
    if existing is not None and form.if_not_exists:
        return creation.exists_already(existing)
    if existing is not None:
        ownership.bequeath(call.account, existing, call.authority.primary)
        dropping.remove(call.account, existing)
    role = Role(
        id=call.catalog.new_id(Kind.ROLE),
        name=name,
        owner=call.authority.primary,
        created_on=call.now,
        **fields,
    )
    return creation.finish(call, role)


def create_database_role(call: Call, form: Form) -> Outcome:
    """CREATE DATABASE ROLE [db.]name [COMMENT = …]: it starts with USAGE on its database."""
    path = call.path(Kind.DATABASE_ROLE, call.reader.path())
    fields = properties.read(call.reader, Kind.DATABASE_ROLE)
    existing = creation.place(call, Kind.DATABASE_ROLE, path, "CREATE DATABASE ROLE", form)
    if existing is not None and form.if_not_exists:
        return creation.exists_already(existing)
    if existing is not None:
        ownership.bequeath(call.account, existing, call.authority.primary)
        dropping.remove(call.account, existing)
    database = call.authority.resolve(Kind.DATABASE, path[:1])
    role = DatabaseRole(
        id=call.catalog.new_id(Kind.DATABASE_ROLE),
        name=path[1],
        parent=database.id,
        owner=call.authority.primary,
        created_on=call.now,
        **fields,
    )
    outcome = creation.finish(call, role)
    # The system gives it, so `granted_by` is empty and nobody can revoke it.
    call.account.grants.put(Grant("USAGE", database.id, role.id, created_on=call.now))
    return outcome
