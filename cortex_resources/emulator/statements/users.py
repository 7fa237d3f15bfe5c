"""CREATE USER, and what of a statement about users may be kept."""

from __future__ import annotations

import re
from typing import Final

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Kind, User
from cortex_resources.emulator.errors import invalid_value
from cortex_resources.emulator.outcome import Outcome
from cortex_resources.emulator.statements import creation, dropping, properties
from cortex_resources.emulator.statements.creation import Form

_SECRET: Final = re.compile(
    r"(\bPASSWORD\s*=\s*)('[^'\\]*(?:(?:\\.|'')[^'\\]*)*'|\$\$.*?\$\$)", re.I | re.S
)


def without_secrets(sql: str) -> str:
    """A statement as the log keeps it: no password is written down."""
    return _SECRET.sub(r"\1'********'", sql) if "PASSWORD" in sql.upper() else sql


def checked(user: User) -> User:
    """A user whose properties go together (*CREATE USER*: a service has no password)."""
    if user.user_type == "SERVICE" and user.password is not None:
        raise invalid_value("for parameter 'PASSWORD': a user of type SERVICE has none")
    return user


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
    return creation.finish(call, checked(user))
