"""CREATE ROLE and CREATE DATABASE ROLE."""

from __future__ import annotations

from cortex_resources.emulator.access.grants import Grant
from cortex_resources.emulator.access.privileges import USAGE
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Kind
from cortex_resources.emulator.outcome import Outcome
from cortex_resources.emulator.statements import creation, properties
from cortex_resources.emulator.statements.creation import Form


def create_role(call: Call, form: Form) -> Outcome:
    """CREATE ROLE name [COMMENT = …]."""
    path = call.path(Kind.ROLE, call.reader.path())
    fields = properties.read(call, Kind.ROLE)
    return creation.claim(call, Kind.ROLE, path, form).finish(fields)


def create_database_role(call: Call, form: Form) -> Outcome:
    """CREATE DATABASE ROLE [db.]name [COMMENT = …]: it starts with USAGE on its database."""
    path = call.path(Kind.DATABASE_ROLE, call.reader.path())
    fields = properties.read(call, Kind.DATABASE_ROLE)
    place = creation.claim(call, Kind.DATABASE_ROLE, path, form)
    if place.stands:
        return place.told()
    role = place.fill(fields)
    # The system gives it, so `granted_by` is empty and nobody can revoke it.
    call.account.grants.put(Grant(USAGE, str(role.parent), role.id, created_on=call.now))
    return creation.created(role)
