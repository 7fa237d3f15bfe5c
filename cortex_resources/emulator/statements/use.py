"""USE: role, secondary roles, database, schema, warehouse."""

from __future__ import annotations

from cortex_resources.emulator.access import rules
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Kind, Role
from cortex_resources.emulator.errors import SnowflakeError, inoperable
from cortex_resources.emulator.outcome import Effect, Outcome, status

_DONE = "Statement executed successfully."


def run(call: Call) -> Outcome:
    """USE …"""
    reader = call.reader
    reader.expect("USE")
    noun = reader.accept_any("SECONDARY ROLES", "ROLE", "DATABASE", "SCHEMA", "WAREHOUSE")
    if noun == "SECONDARY ROLES":
        _secondary(call)
    elif noun == "ROLE":
        _role(call, reader.name())
    elif noun == "WAREHOUSE":
        _warehouse(call, reader.name())
    else:
        parts = reader.path()
        _place(call, noun or ("DATABASE" if len(parts) == 1 else "SCHEMA"), parts)
    reader.end()
    return status(_DONE, Effect.READ)


def _secondary(call: Call) -> None:
    """ALL, NONE or a list; each role of a list is checked at once (USE SECONDARY ROLES)."""
    which = call.reader.accept_any("ALL", "NONE")
    named: list[str] = []
    while which is None:
        named.append(_assumable(call, call.reader.name()))
        if not call.reader.accept(","):
            break
    call.session.secondary_all = which == "ALL" and call.session.restricted_role is None
    call.session.secondary_roles = list(dict.fromkeys(named))


def _role(call: Call, name: str) -> None:
    call.session.role = _assumable(call, name)


def _assumable(call: Call, name: str) -> str:
    role = call.catalog.role(name)
    if role is None:
        raise inoperable()
    if not _allowed(call, role):
        raise SnowflakeError(
            3013,
            "42501",
            f"SQL access control error:\nRequested role '{name}' is not assigned to the"
            " executing user. Specify another role to activate.",
        )
    return name


def _allowed(call: Call, role: Role) -> bool:
    """Whether the user has the role, and the token of the login allows it."""
    restricted = call.session.restricted_role
    if restricted is not None and role.name != restricted:
        return False
    return call.account.may_assume(call.session.user, role)


def _warehouse(call: Call, name: str) -> None:
    warehouse = call.catalog.find(Kind.WAREHOUSE, (name,))
    if warehouse is None or not call.authority.may(rules.USE, warehouse):
        raise inoperable()
    call.session.warehouse = name


def _place(call: Call, noun: str, parts: tuple[str, ...]) -> None:
    kind = Kind(noun)
    path = call.path(kind, parts)
    if path[1:] == ("INFORMATION_SCHEMA",):  # whoever uses the database uses it
        kind = Kind.DATABASE
    found = call.catalog.find(kind, path[:1] if kind is Kind.DATABASE else path)
    authority = call.authority
    if found is None or not (authority.may(rules.USE, found) and authority.reaches(found)):
        raise inoperable()
    call.session.database = path[0]
    if len(path) > 1:
        call.session.schema = path[1]
        return
    public = call.catalog.find(Kind.SCHEMA, (path[0], "PUBLIC"))
    call.session.schema = "PUBLIC" if public is not None else None
