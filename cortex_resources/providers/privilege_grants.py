"""The provider of `PrivilegeGrants`: one object and every privilege declared on it."""

from __future__ import annotations

from pulumi.dynamic import DiffResult

from cortex_resources.model.cost import costs, identity
from cortex_resources.model.grants import (
    Privilege,
    PrivilegeGrants,
    Securable,
    privileges_of,
)
from cortex_resources.plan import privilege_grants
from cortex_resources.providers import bag, declared_now
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
    decisions = privilege_grants

    def diff(self, id_: str, olds: Bag, news: Bag) -> DiffResult:
        """Compare, and let the jobs of this run know what they will not hold any more."""
        if not bag.has_unknown({key: news.get(key) for key in self.compared}):
            desired, held = self.desired(news), privileges_of(bag.text(olds, "privileges"))
            ours = privileges_of(bag.text(olds, "granted"))
            declared_now.note_revoked(desired.on, privilege_grants.revoked(desired, held, ours))
        return super().diff(id_, olds, news)

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
