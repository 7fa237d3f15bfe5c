"""CREATE USER, and what of a statement about users may be kept."""

from __future__ import annotations

import re
from typing import Final

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Kind
from cortex_resources.emulator.errors import invalid_value
from cortex_resources.emulator.outcome import Outcome
from cortex_resources.emulator.statements import creation, properties
from cortex_resources.emulator.statements.creation import Form

_SECRET: Final = re.compile(
    r"(\bPASSWORD\s*=\s*)('[^'\\]*(?:(?:\\.|'')[^'\\]*)*'|\$\$.*?\$\$)", re.I | re.S
)


def without_secrets(sql: str) -> str:
    """A statement as the log keeps it: no password is written down."""
    return _SECRET.sub(r"\1'********'", sql) if "PASSWORD" in sql.upper() else sql


def check(user_type: str | None, password: str | None) -> None:
    """Fail unless properties go together (*CREATE USER*: a service has no password)."""
    if user_type == "SERVICE" and password is not None:
        raise invalid_value("for parameter 'PASSWORD': a user of type SERVICE has none")


def create(call: Call, form: Form) -> Outcome:
    """CREATE USER name [properties]."""
    path = call.path(Kind.USER, call.reader.path())
    names = {"login_name": path[0], "display_name": path[0]}
    fields = names | properties.read(call, Kind.USER)
    check(fields.get("user_type"), fields.get("password"))
    return creation.claim(call, Kind.USER, path, form).finish(fields)
