"""The rows of SHOW GRANTS: one for each grant, in time linear in their number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from cortex_resources.emulator import names
from cortex_resources.emulator.access.grants import ACCOUNT, Grant
from cortex_resources.emulator.access.privileges import OWNERSHIP
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Entity, Function, Kind
from cortex_resources.emulator.show.cells import moment
from cortex_resources.emulator.show.functions import argument_list

Row = tuple[Any, ...]

TO: Final = (
    "created_on:time", "privilege", "granted_on", "name", "granted_to", "grantee_name",
    "grant_option", "granted_by",
)  # fmt: skip
ON: Final = (*TO, "granted_by_role_type")
OF: Final = ("created_on:time", "role", "granted_to", "grantee_name", "granted_by")
USER: Final = OF
# Accounts in which a user holds privileges itself show these columns too.
USER_PRIVILEGES: Final = (*USER, "privilege", "granted_on", "name", "grant_option")
FUTURE: Final = (
    "created_on:time", "privilege", "grant_on", "name", "grant_to", "grantee_name", "grant_option",
)  # fmt: skip
# Shown once inherited grants are enabled; the names after `is_inherited` are ours.
INHERITED: Final = ("is_inherited", "inherited_from_type", "inherited_from_name")
_OWN: Final = ("false", "", "")


def owner_grant(entity: Entity) -> list[Grant]:
    """Ownership as a grant, none for what the system owns."""
    if entity.owner is None:
        return []
    return [Grant(OWNERSHIP, entity.id, entity.owner, True, entity.owner, entity.created_on)]


class GrantRows:
    """Makes the rows of one statement; each entity's names are worked out once."""

    def __init__(self, call: Call, *, on: bool = False) -> None:
        self._call = call
        self._on = on  # for SHOW GRANTS ON, which names a function as other statements do
        self._securables: dict[str, tuple[str, str]] = {}
        self._grantees: dict[str, tuple[str, str]] = {}
        self._grantors: dict[str, tuple[str, str]] = {}
        self._inherited = call.account.settings.inherited_grants

    def columns(self, declared: tuple[str, ...]) -> tuple[str, ...]:
        """The columns of TO and ON, with those of inherited grants when the account has them."""
        return (*declared, *INHERITED) if self._inherited else declared

    def to(self, grants: Iterable[Grant]) -> list[Row]:
        """Rows without the kind of the grantor, as SHOW GRANTS TO prints them."""
        return [(*self._base(grant), *self._origin(grant)) for grant in self._sorted(grants)]

    def below(self, grants: Iterable[Grant], origin: str) -> list[Row]:
        """Rows of a role in a tree, each with the role that brings it."""
        return [(*self._base(grant), origin) for grant in self._sorted(grants)]

    def on(self, grants: Iterable[Grant]) -> list[Row]:
        """Rows with the kind of the grantor, as SHOW GRANTS ON prints them."""
        return [
            (*self._base(grant), self._grantor(grant)[1], *self._origin(grant))
            for grant in self._sorted(grants)
        ]

    def inherited_on(self, entity: Entity) -> list[Row]:
        """What an entity inherits from its containers and the account, as rows of ON."""
        rows: list[Row] = []
        for container in (*self._call.catalog.parents(entity), None):
            target = container.id if container else ACCOUNT
            grants = [
                grant
                for grant in self._call.account.inherited_grants.on(target)
                if grant.future == entity.kind.value
            ]
            kind, name = self._securable(entity.id)
            for grant in self._sorted(grants):
                base = self._base(grant)
                origin = ("true", *self._securable(grant.on)) if self._inherited else ()
                rows.append((*base[:2], kind, name, *base[4:], self._grantor(grant)[1], *origin))
        return rows

    def of(self, grants: Iterable[Grant], role: Entity) -> list[Row]:
        """Who has a role."""
        return [
            (
                moment(grant.created_on), role.name, *self._grantee(grant.to),
                self._grantor(grant)[0],
            )
            for grant in self._sorted(grants)
        ]  # fmt: skip

    def user(self, grants: Iterable[Grant]) -> list[Row]:
        """The roles of a user, as the classic columns."""
        return [
            (
                moment(grant.created_on), self._call.catalog.by_id(grant.on).name,
                *self._grantee(grant.to), self._grantor(grant)[0],
            )
            for grant in self._sorted(grants)
        ]  # fmt: skip

    def user_privileges(self, roles: list[Row], grants: Iterable[Grant]) -> list[Row]:
        """The roles of a user and the privileges that it holds itself, in the wider columns."""
        rows: list[Row] = [(*row, "USAGE", "ROLE", row[1], "false") for row in roles]
        for grant in self._sorted(grants):
            base = self._base(grant)
            rows.append((base[0], None, base[4], base[5], base[7], *base[1:4], base[6]))
        return rows

    def future(self, grants: Iterable[Grant]) -> list[Row]:
        """Grants that wait for objects to come."""
        return [self._base(grant)[:7] for grant in self._sorted(grants)]

    def _base(self, grant: Grant) -> Row:
        return (
            moment(grant.created_on),
            grant.privilege,
            *self._target(grant),
            *self._grantee(grant.to),
            "true" if grant.option else "false",
            self._grantor(grant)[0],
        )

    def _target(self, grant: Grant) -> tuple[str, str]:
        if not grant.future:
            return self._securable(grant.on)
        kind = Kind(grant.future)
        place = "" if grant.on == ACCOUNT else f"{self._securable(grant.on)[1]}."
        return self._word(kind), f"{place}<{kind.underscored}>"

    def _origin(self, grant: Grant) -> Row:
        """The columns of inherited grants, in an account that has them."""
        if not self._inherited:
            return ()
        return ("true", *self._securable(grant.on)) if grant.future else _OWN

    def _securable(self, entity_id: str) -> tuple[str, str]:
        """How an object is called: its kind and its full name."""
        found = self._securables.get(entity_id)
        if found is None:
            entity = self._call.catalog.get(entity_id)
            found = (
                (self._word(entity.kind), self._name(entity))
                if entity
                else (ACCOUNT, self._call.account.locator)
            )
            self._securables[entity_id] = found
        return found

    def _name(self, entity: Entity) -> str:
        """The full name; that of a function has its types, TO a role its result too (observed)."""
        path = self._call.catalog.path(entity)
        if not isinstance(entity, Function):
            return names.qualified(path)
        if self._on:
            types = ", ".join(one.short for one in entity.arguments)
            return f"{names.qualified(path)}({types})"
        return names.qualified(
            (*path[:-1], f"{entity.name}{argument_list(entity)}:{entity.returns}")
        )

    def _word(self, kind: Kind) -> str:
        """How SHOW GRANTS names a kind; accounts differ in what they call a model."""
        settings = self._call.account.settings
        return settings.granted_on_model if kind is Kind.MODEL else kind.underscored

    def _grantee(self, entity_id: str) -> tuple[str, str]:
        found = self._grantees.get(entity_id)
        if found is None:
            entity = self._call.catalog.by_id(entity_id)
            shown = names.quoted(entity.name)
            if entity.kind is Kind.DATABASE_ROLE and self._qualifies:
                shown = self._call.catalog.qualified(entity)
            found = self._grantees[entity_id] = (entity.kind.underscored, shown)
        return found

    @property
    def _qualifies(self) -> bool:
        """Whether the account puts the database before the name of a database role."""
        return self._call.account.settings.database_role_grantee == "qualified"

    def _grantor(self, grant: Grant) -> tuple[str, str]:
        """The role in whose name it was granted, and its kind; empty for the system."""
        if grant.by is None:
            return "", ""
        found = self._grantors.get(grant.by)
        if found is None:
            by = self._call.catalog.get(grant.by)
            found = (by.name, by.kind.underscored) if by else ("", "")
            self._grantors[grant.by] = found
        return found

    def _sorted(self, grants: Iterable[Grant]) -> list[Grant]:
        def order(grant: Grant) -> tuple[str, str, str]:
            entity = self._call.catalog.get(grant.on)
            return entity.name if entity else "", grant.privilege, self._grantee(grant.to)[1]

        return sorted(grants, key=order)
