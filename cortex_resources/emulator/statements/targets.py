"""The target of a GRANT or REVOKE: the account, an object, ALL or FUTURE ones in a container."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cortex_resources.emulator.access import privileges, refusals, shared
from cortex_resources.emulator.access.grants import ACCOUNT
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import IN_SCHEMA, Entity, Kind
from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.reader import Reader
from cortex_resources.emulator.statements import objects

# Bulk grants on roles are documented nowhere, those on database roles do not work in Snowflake.
_BULK: Final = IN_SCHEMA | {Kind.SCHEMA}


PARAMETER: Final = "FEATURE_RBAC_INHERITED_GRANTS"
OPT_IN: Final = f"ALTER ACCOUNT SET {PARAMETER} = 'ENABLED'"


@dataclass(frozen=True, slots=True)
class Target:
    """What a grant is on. `entities` is empty for the account and for future objects."""

    kind: Kind
    entities: tuple[Entity, ...] = ()
    container: Entity | None = None
    future: bool = False

    @property
    def ids(self) -> list[str]:
        """The ids that grants on this target carry."""
        return [ACCOUNT] if self.kind is Kind.ACCOUNT else [e.id for e in self.entities]

    @property
    def places(self) -> list[Entity]:
        """The entities and the container that the target is about."""
        return [*self.entities, *([self.container] if self.container else [])]

    @property
    def done(self) -> str:
        """What a statement about it answers."""
        done = "Statement executed successfully."
        if self.container is None or self.future:
            return done
        return f"{done} {len(self.entities)} objects affected."


def read_privileges(reader: Reader) -> list[str] | None:
    """The list before ON; None means ALL."""
    if reader.accept("ALL"):
        reader.accept("PRIVILEGES")
        return None
    found: list[str] = []
    while True:
        privilege = reader.accept_any(*privileges.LONGEST_FIRST)
        if privilege is None:
            raise reader.unexpected()
        found.append(privilege)
        if not reader.accept(","):
            return found


def read_target(call: Call, reader: Reader) -> Target:
    """The part after ON."""
    reader.expect("ON")
    if reader.accept("ACCOUNT"):
        return Target(Kind.ACCOUNT)
    every = reader.accept_any("ALL", "FUTURE")
    if every is None:
        found = securable(call, *objects.named(reader))
        return Target(found.kind, entities=(found,))
    kind = objects.plural(reader)
    if kind not in _BULK:
        raise unsupported(f"grants on {every.lower()} {kind.plural}")
    reader.expect("IN")
    container = objects.container(call, reader)
    if kind is Kind.SCHEMA and container.kind is Kind.SCHEMA:
        raise reader.unexpected()
    if every == "FUTURE":
        return Target(kind, container=container, future=True)
    within = filter(call.authority.governs, call.catalog.within(container, kind))
    return Target(kind, entities=tuple(within), container=container)


def securable(call: Call, kind: Kind | None, parts: tuple[str, ...]) -> Entity:
    """The object of this name that privileges can be granted on, or shown of; else error 2003.

    Without a kind it is a table or a view.
    """
    if kind is Kind.USER and parts == (call.session.user,):
        return call.resolve(kind, parts)
    path = call.path(kind or Kind.TABLE, parts)
    found = call.catalog.find_in_namespace(kind or Kind.TABLE, path)
    if found is None or kind not in (None, found.kind) or not call.authority.governs(found):
        raise call.authority.missing(kind or Kind.TABLE, path)
    return found


def checked(call: Call, kind: Kind, wanted: list[str] | None) -> list[str]:
    """The privileges as they were written, once each; one that the kind has not is refused."""
    if wanted is None:
        if not privileges.all_of(kind):
            raise refusals.invalid_privilege("ALL", kind.value.lower())
        return privileges.all_of(kind)
    for privilege in wanted:
        delegated = privilege == privileges.MANAGE_GRANTS and kind is not Kind.ACCOUNT
        if delegated and not call.account.settings.inherited_grants:
            raise unsupported(f"MANAGE GRANTS on a {kind.value.lower()}, unless {OPT_IN}")
        if privilege != privileges.OWNERSHIP and privilege not in privileges.known(kind):
            raise refusals.invalid_privilege(privilege, kind.value.lower())
    return list(dict.fromkeys(wanted))


def check_shared(call: Call, target: Target, wanted: list[str], verb: str) -> None:
    """A shared database gives all or nothing: IMPORTED PRIVILEGES, which no other gives."""
    for place in target.places:
        top = (call.catalog.parents(place) or [place])[-1]
        whole = top.kind is Kind.DATABASE and top.name == shared.NAME
        if whole and wanted != [privileges.IMPORTED]:
            raise refusals.imported(verb)
        if not whole and privileges.IMPORTED in wanted:
            raise refusals.not_imported(place.name)


def check_grantee(call: Call, kind: Kind, places: Iterable[Entity], grantee: Entity) -> None:
    """A database role holds privileges only inside its own database."""
    if grantee.kind is not Kind.DATABASE_ROLE:
        return
    tops = [(call.catalog.parents(place) or [place])[-1] for place in places]
    outside = any(top.id != grantee.parent for top in tops)
    if outside or kind in (Kind.ACCOUNT, Kind.WAREHOUSE, Kind.ROLE, Kind.USER):
        raise refusals.outside_database(
            "can be granted privileges only on its own database and the objects in it"
        )
