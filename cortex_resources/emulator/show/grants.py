"""SHOW GRANTS and SHOW FUTURE GRANTS in all their forms (*SHOW GRANTS*)."""

from __future__ import annotations

from typing import Final

from cortex_resources.emulator.access.grants import ACCOUNT, Grant
from cortex_resources.emulator.access.privileges import USAGE
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import ROLES, Entity, Kind
from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.outcome import Outcome, StatementType, columns, listing
from cortex_resources.emulator.show import grant_rows
from cortex_resources.emulator.show.grant_rows import GrantRows, Row, owner_grant
from cortex_resources.emulator.statements import objects
from cortex_resources.emulator.statements.targets import securable

_HIERARCHY: Final = (*grant_rows.TO, "inherited_from")


def show(call: Call) -> Outcome:
    """SHOW GRANTS [ON … | TO … | OF …]; without any of these, to the current user."""
    reader = call.reader
    if reader.accept("ON"):
        return _on(call)
    if reader.accept("OF"):
        return _of(call)
    if reader.accept("TO"):
        return _to(call)
    return _to_user(call, _user(call, call.session.user))


def show_future(call: Call) -> Outcome:
    """SHOW FUTURE GRANTS IN {DATABASE | SCHEMA} c, TO [DATABASE] ROLE r."""
    reader = call.reader
    if reader.accept("IN"):
        grants = _future_in(call)
    else:
        reader.expect("TO")
        kind = Kind(reader.accept_any("DATABASE ROLE", "ROLE") or _refuse(call))
        role = _role(call, kind)
        grants = _visible(call, role, call.account.future_grants.to(role.id))
    return _answer(call, grant_rows.FUTURE, GrantRows(call).future(grants))


def _future_in(call: Call) -> list[Grant]:
    """Those of the container that comes next; INFORMATION_SCHEMA is one, and has none."""
    reader = call.reader
    start = reader.position
    if reader.accept("SCHEMA"):
        database, schema = call.path(Kind.SCHEMA, reader.path())
        if schema == "INFORMATION_SCHEMA":
            call.resolve(Kind.DATABASE, (database,))
            return []
    reader.position = start
    return list(call.account.future_grants.on(objects.container(call, reader).id))


def _answer(call: Call, declared: tuple[str, ...], rows: list[Row]) -> Outcome:
    """Unlike other SHOW statements, this one is narrowed by LIMIT alone."""
    limit = call.reader.integer() if call.reader.accept("LIMIT") else None
    call.reader.end()
    return listing(columns(*declared), rows[:limit], StatementType.SHOW)


def _refuse(call: Call) -> str:
    token = call.reader.token
    if token is None:
        raise call.reader.unexpected()
    raise unsupported(f"SHOW GRANTS … {token.value}")


def _on(call: Call) -> Outcome:
    reader = call.reader
    rows = GrantRows(call, on=True)
    declared = rows.columns(grant_rows.ON)
    if reader.accept("ACCOUNT"):
        found = [*call.account.grants.on(ACCOUNT), *call.account.inherited_grants.on(ACCOUNT)]
        return _answer(call, declared, rows.on(found))
    entity = securable(call, *objects.named(reader))
    grants = call.account.grants.on(entity.id)
    if entity.kind in ROLES:  # who has the role is another form: OF ROLE
        grants = [grant for grant in grants if grant.privilege != USAGE]
    grants += call.account.inherited_grants.on(entity.id)
    made = rows.on(owner_grant(entity)) + rows.on(grants)
    return _answer(call, declared, made + rows.inherited_on(entity))


def _of(call: Call) -> Outcome:
    kind = Kind(call.reader.accept_any("DATABASE ROLE", "ROLE") or _refuse(call))
    role = _role(call, kind)
    held = [grant for grant in call.account.grants.on(role.id) if grant.privilege == USAGE]
    return _answer(call, grant_rows.OF, GrantRows(call).of(held, role))


def _to(call: Call) -> Outcome:
    reader = call.reader
    word = reader.accept_any("DATABASE ROLE", "ROLE", "USER") or _refuse(call)
    if word == "USER":
        return _to_user(call, _user(call, reader.name()))
    role = _role(call, Kind(word))
    rows = GrantRows(call)
    if not reader.accept("INCLUDE", "HIERARCHY"):
        return _answer(call, rows.columns(grant_rows.TO), rows.to(_held_by(call, role)))
    found: list[Row] = []
    for below in _tree(call, role):
        origin = "" if below.id == role.id else call.catalog.qualified(below)
        found += rows.below(_held_by(call, below), origin)
    return _answer(call, _HIERARCHY, found)


def _tree(call: Call, role: Entity) -> list[Entity]:
    """A role and all below it, in the order of their creation; PUBLIC only by itself."""
    found = map(call.catalog.by_id, call.account.closure((role.id,)))
    kept = [below for below in found if below.name != "PUBLIC" or below.id == role.id]
    return sorted(kept, key=lambda below: int(below.id[1:]))


def _held_by(call: Call, role: Entity) -> list[Grant]:
    """Everything a role holds, ownership and inherited grants among it, as far as it is seen."""
    owned = [grant for entity in call.catalog.owned_by(role.id) for grant in owner_grant(entity)]
    granted = [*call.account.grants.to(role.id), *call.account.inherited_grants.to(role.id)]
    return _visible(call, role, [*granted, *owned])


def _visible(call: Call, role: Entity, grants: list[Grant]) -> list[Grant]:
    """All of them to who has the role, owns it or manages grants; else those on seen objects."""
    authority = call.authority
    if role.id in authority.roles or authority.owns(role) or authority.manages_grants:
        return grants
    return [grant for grant in grants if _sees(call, grant.on)]


def _sees(call: Call, target: str) -> bool:
    entity = call.catalog.get(target)
    return entity is None or call.authority.sees(entity)


def _role(call: Call, kind: Kind) -> Entity:
    path = call.path(kind, call.reader.path())
    found = call.catalog.find(kind, path)
    if found is None:
        raise call.authority.missing(kind, path)
    return found


def _user(call: Call, name: str) -> Entity:
    """A user: oneself, or one that the active roles see."""
    found = call.catalog.find(Kind.USER, (name,))
    if found is None or not (name == call.session.user or call.authority.sees(found)):
        raise call.authority.missing(Kind.USER, (name,))
    return found


def _to_user(call: Call, user: Entity) -> Outcome:
    rows = GrantRows(call)
    roles: list[Grant] = []
    privileges: list[Grant] = []
    for grant in call.account.grants.to(user.id):
        entity = call.catalog.get(grant.on)
        (roles if entity is not None and entity.kind in ROLES else privileges).append(grant)
    shown = rows.user(roles)
    if not privileges:
        return _answer(call, grant_rows.USER, shown)
    return _answer(call, grant_rows.USER_PRIVILEGES, rows.user_privileges(shown, privileges))
