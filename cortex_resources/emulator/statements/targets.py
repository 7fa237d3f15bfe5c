"""The target of a GRANT or REVOKE: the account, an object, ALL or FUTURE ones in a container."""

from __future__ import annotations

from dataclasses import dataclass

from cortex_resources.emulator.access import privileges
from cortex_resources.emulator.access.grants import ACCOUNT
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Entity, Kind
from cortex_resources.emulator.errors import syntax_error, unsupported
from cortex_resources.emulator.reader import Reader
from cortex_resources.emulator.statements import objects


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
        if self.kind is Kind.ACCOUNT:
            return [ACCOUNT]
        if self.future and self.container is not None:
            return [self.container.id]
        return [entity.id for entity in self.entities]


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
    if every := reader.accept_any("ALL", "FUTURE"):
        if every == "ALL" and reader.at("INHERITED"):
            raise unsupported("inherited grants")
        kind = objects.plural(reader)
        reader.expect("IN")
        container = objects.container(call, reader)
        if every == "FUTURE":
            return Target(kind, container=container, future=True)
        within = tuple(call.catalog.within(container, kind))
        return Target(kind, entities=within, container=container)
    kind = objects.kind(reader)
    return Target(kind, entities=(call.resolve(kind, reader.path()),))


def checked(kind: Kind, wanted: list[str] | None) -> list[str]:
    """The privileges as they are kept; a privilege that the kind has not is refused."""
    if wanted is None:
        return privileges.all_of(kind)
    for privilege in wanted:
        if privilege != privileges.OWNERSHIP and privilege not in privileges.known(kind):
            raise syntax_error(f"unexpected privilege '{privilege}' for a {kind.value.lower()}.")
    return list(dict.fromkeys(privileges.effective(privilege) for privilege in wanted))
