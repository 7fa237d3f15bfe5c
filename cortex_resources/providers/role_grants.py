"""The provider of `RoleGrants`: one role or database role and who holds it."""

from __future__ import annotations

from cortex_resources.model.grants import Grantee, RoleGrants, grantees_of
from cortex_resources.plan import role_grants
from cortex_resources.providers import bag
from cortex_resources.providers.bag import Bag
from cortex_resources.providers.grants_lifecycle import GrantsProvider
from cortex_resources.providers.seat import Seat
from cortex_resources.sql import grants as sql

Grantees = frozenset[Grantee]


class RoleGrantsProvider(GrantsProvider[RoleGrants, Grantee]):
    """Property bag to `RoleGrants` and back."""

    named, lines = "role_granted", "grantees"
    compared = ("role_granted", "grantees", "exclusive", "allow_revoke", "connection")
    replacing = frozenset({"role_granted"})
    decisions = role_grants

    def desired(self, props: Bag) -> RoleGrants:
        """The declaration."""
        return RoleGrants(
            role=Grantee.parse(bag.text(props, "role_granted")),
            grantees=grantees_of(bag.text(props, "grantees")),
            exclusive=bag.flag(props, "exclusive"),
        )

    def name(self, desired: RoleGrants) -> str:
        """The object in its one spelling."""
        return str(desired.role)

    def read_lines(self, text: str) -> Grantees:
        """Lines out of a property."""
        return grantees_of(text)

    def held(self, seat: Seat, desired: RoleGrants) -> Grantees:
        """Who holds the role in the account."""
        return sql.parse_holders(seat.read(sql.show_of(desired.role)), desired.role)
