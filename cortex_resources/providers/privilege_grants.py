"""The provider of `PrivilegeGrants`: one object and every privilege declared on it."""

from __future__ import annotations

from cortex_resources.model.cost import costs, identity
from cortex_resources.model.grants import (
    Grantee,
    Privilege,
    PrivilegeGrants,
    Securable,
    privileges_of,
)
from cortex_resources.plan import grants as plan
from cortex_resources.plan.verdict import Plan
from cortex_resources.providers import bag
from cortex_resources.providers.bag import Bag
from cortex_resources.providers.grants_lifecycle import GrantsProvider
from cortex_resources.providers.seat import Seat
from cortex_resources.sql import grants as sql

Privileges = frozenset[Privilege]


class PrivilegeGrantsProvider(GrantsProvider[PrivilegeGrants, Privilege]):
    """Property bag to `PrivilegeGrants` and back."""

    named, lines = "on", "privileges"
    compared = (*costs(PrivilegeGrants), "allow_revoke", "connection")
    replacing = identity(PrivilegeGrants)

    def desired(self, props: Bag) -> PrivilegeGrants:
        """The declaration."""
        return PrivilegeGrants(
            on=Securable.parse(bag.text(props, "on")),
            privileges=privileges_of(bag.text(props, "privileges")),
            exclusive=bag.flag(props, "exclusive"),
        )

    def name(self, desired: PrivilegeGrants) -> str:
        """The object in its one spelling."""
        return str(desired.on)

    def read_lines(self, text: str) -> Privileges:
        """Lines out of a property."""
        return privileges_of(text)

    def held(self, seat: Seat, desired: PrivilegeGrants) -> Privileges:
        """What the account shows on the object."""
        return sql.parse_privileges(seat.read(sql.show_on(desired.on)), desired.on)

    def first(self, desired: PrivilegeGrants, held: Privileges) -> tuple[Plan, Privileges]:
        """Only grants: nothing that no preview showed is revoked."""
        step = plan.first(desired, held)
        return step.plan, step.granted

    def settled(
        self, desired: PrivilegeGrants, held: Privileges, granted: Privileges, role: Grantee
    ) -> tuple[Plan, Privileges]:
        """Grants and revokes the difference."""
        step = plan.privileges(desired, held, granted, running_role=role)
        return step.plan, step.granted

    def visible(
        self, desired: PrivilegeGrants, held: Privileges, role: Grantee | None
    ) -> Privileges:
        """What is declared, or everything on an exclusive object."""
        return plan.visible(desired, held, running_role=role)

    def removal(self, desired: PrivilegeGrants, held: Privileges, granted: Privileges) -> Plan:
        """Takes away what is ours."""
        return plan.removal(desired.on, held, granted)
