"""SHOW GRANTS and SHOW FUTURE GRANTS in all their forms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cortex_resources.emulator import names
from cortex_resources.emulator.access.grants import ACCOUNT, Grant
from cortex_resources.emulator.access.privileges import OWNERSHIP
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import ROLES, Entity, Kind
from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.outcome import Outcome, StatementType, columns, listing
from cortex_resources.emulator.show.like import read_rest
from cortex_resources.emulator.show.listings import moment
from cortex_resources.emulator.statements import objects

Row = tuple[Any, ...]

_TO = (
    "created_on:time", "privilege", "granted_on", "name", "granted_to", "grantee_name",
    "grant_option", "granted_by",
)  # fmt: skip
_ON = (*_TO, "granted_by_role_type")
_OF = ("created_on:time", "role", "granted_to", "grantee_name", "granted_by")
_USER = ("created_on:time", "role", "granted_to", "grantee_name", "granted_by")
_FUTURE = (
    "created_on:time", "privilege", "grant_on", "name", "grant_to", "grantee_name", "grant_option",
)  # fmt: skip
_HIERARCHY = (*_TO, "inherited_from")


def show(call: Call) -> Outcome:
    """SHOW GRANTS [ON … | TO … | OF …]; without any of these, to the current user."""
    reader = call.reader
    if reader.accept("ON"):
        return _on(call)
    if reader.accept("OF"):
        return _of(call)
    if reader.accept("TO"):
        return _to(call)
    return _answer(call, _USER, _roles_of_user(call, _current_user(call)))


def show_future(call: Call) -> Outcome:
    """SHOW FUTURE GRANTS IN {DATABASE | SCHEMA} c, TO ROLE r."""
    reader = call.reader
    if reader.accept("IN"):
        container = objects.container(call, reader)
        grants = call.account.future_grants.on(container.id)
    else:
        reader.expect("TO")
        grants = call.account.future_grants.to(objects.role(call, reader).id)
    rows = [_future_row(call, grant) for grant in _sorted(call, grants)]
    return _answer(call, _FUTURE, rows)


def _answer(call: Call, declared: tuple[str, ...], rows: list[Row]) -> Outcome:
    chosen = read_rest(call.reader, None)
    kept = rows if chosen.limit is None else rows[: chosen.limit]
    return listing(columns(*declared), kept, StatementType.SHOW)


def _on(call: Call) -> Outcome:
    reader = call.reader
    if reader.accept("ACCOUNT"):
        rows = [_on_row(call, g, None) for g in _sorted(call, call.account.grants.on(ACCOUNT))]
        return _answer(call, _ON, rows)
    kind = objects.kind(reader)
    entity = call.resolve(kind, reader.path())
    grants = call.account.grants.on(entity.id)
    if kind in ROLES:
        grants = [grant for grant in grants if grant.privilege == OWNERSHIP]
    rows = [_owner_row(call, entity)] if entity.owner else []
    rows += [_on_row(call, grant, entity) for grant in _sorted(call, grants)]
    return _answer(call, _ON, rows)


def _owner_row(call: Call, entity: Entity) -> Row:
    owner = call.catalog.by_id(str(entity.owner))
    grant = Grant(OWNERSHIP, entity.id, owner.id, True, owner.id, entity.created_on)
    return _on_row(call, grant, entity)


def _on_row(call: Call, grant: Grant, entity: Entity | None) -> Row:
    by = call.catalog.get(grant.by)
    return (*_to_row(call, grant, entity), by.kind.underscored if by else "")


def _to_row(call: Call, grant: Grant, entity: Entity | None = None) -> Row:
    found = entity if entity is not None else call.catalog.get(grant.on)
    grantee = call.catalog.by_id(grant.to)
    by = call.catalog.get(grant.by)
    return (
        moment(grant.created_on),
        grant.privilege,
        _word(call, found.kind) if found else ACCOUNT,
        call.catalog.qualified(found) if found else call.account.locator,
        grantee.kind.underscored,
        names.quoted(grantee.name),
        "true" if grant.option else "false",
        by.name if by else "",
    )


def _word(call: Call, kind: Kind) -> str:
    """How SHOW GRANTS names a kind; accounts differ in what they call a model."""
    return call.account.settings.granted_on_model if kind is Kind.MODEL else kind.underscored


def _of(call: Call) -> Outcome:
    reader = call.reader
    kind = Kind(reader.accept_any("DATABASE ROLE", "ROLE") or _refuse(call))
    role = _role(call, kind)
    rows: list[Row] = []
    for grant in _sorted(call, call.account.grants.on(role.id)):
        grantee, by = call.catalog.by_id(grant.to), call.catalog.get(grant.by)
        rows.append(
            (
                moment(grant.created_on), role.name, grantee.kind.underscored,
                names.quoted(grantee.name), by.name if by else "",
            )
        )  # fmt: skip
    return _answer(call, _OF, rows)


def _refuse(call: Call) -> str:
    token = call.reader.token
    raise unsupported(f"SHOW GRANTS … {token.value if token else ''}")


def _role(call: Call, kind: Kind) -> Entity:
    path = call.path(kind, call.reader.path())
    found = call.catalog.find(kind, path)
    if found is None:
        raise call.authority.missing(kind, path)
    return found


def _to(call: Call) -> Outcome:
    reader = call.reader
    word = reader.accept_any("DATABASE ROLE", "ROLE", "USER") or _refuse(call)
    if word == "USER":
        user = call.resolve(Kind.USER, (reader.name(),))
        return _answer(call, _USER, _roles_of_user(call, user))
    role = _role(call, Kind(word))
    if not reader.accept("INCLUDE", "HIERARCHY"):
        return _answer(call, _TO, _held_by(call, role))
    rows: list[Row] = []
    for role_id in sorted(call.account.closure((role.id,)), key=_number):
        below = call.catalog.by_id(role_id)
        if below.name == "PUBLIC" and below.id != role.id:
            continue
        origin = "" if below.id == role.id else call.catalog.qualified(below)
        rows += [(*row, origin) for row in _held_by(call, below)]
    return _answer(call, _HIERARCHY, rows)


def _held_by(call: Call, role: Entity) -> list[Row]:
    owned = [
        Grant(OWNERSHIP, entity.id, role.id, True, role.id, entity.created_on)
        for entity in call.catalog.owned_by(role.id)
    ]
    grants = _sorted(call, [*call.account.grants.to(role.id), *owned])
    return [_to_row(call, grant) for grant in grants]


def _current_user(call: Call) -> Entity:
    found = call.catalog.find(Kind.USER, (call.session.user,))
    if found is None:
        raise call.authority.missing(Kind.USER, (call.session.user,))
    return found


def _roles_of_user(call: Call, user: Entity) -> list[Row]:
    rows: list[Row] = []
    for grant in _sorted(call, call.account.grants.to(user.id)):
        role, by = call.catalog.by_id(grant.on), call.catalog.get(grant.by)
        if role.kind in ROLES:
            rows.append(
                (
                    moment(grant.created_on), role.name, "USER", names.quoted(user.name),
                    by.name if by else "",
                )
            )  # fmt: skip
    return rows


def _future_row(call: Call, grant: Grant) -> Row:
    grantee = call.catalog.by_id(grant.to)
    container = call.catalog.qualified(call.catalog.by_id(grant.on))
    kind = Kind(grant.future)
    return (
        moment(grant.created_on),
        grant.privilege,
        _word(call, kind),
        f"{container}.<{kind.underscored}>",
        grantee.kind.underscored,
        names.quoted(grantee.name),
        "true" if grant.option else "false",
    )


def _sorted(call: Call, grants: Iterable[Grant]) -> list[Grant]:
    def order(grant: Grant) -> tuple[str, str, str]:
        entity = call.catalog.get(grant.on)
        return entity.name if entity else "", grant.privilege, call.catalog.by_id(grant.to).name

    return sorted(grants, key=order)


def _number(entity_id: str) -> int:
    return int(entity_id[1:])
