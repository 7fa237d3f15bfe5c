"""The provider of `PrivilegeGrants`: one object and every privilege declared on it.

What is granted on a version of a model moves with what is served: until a newer version may be
served (`providers.clearance`) everything stays as the last run left it.
"""

from __future__ import annotations

from pulumi.dynamic import DiffResult

from cortex_resources.model.cost import costs, identity
from cortex_resources.model.grants import (
    Privilege,
    PrivilegeGrants,
    Securable,
    SecurableType,
    privileges_of,
)
from cortex_resources.plan import privilege_grants
from cortex_resources.preflight import leaving
from cortex_resources.providers import bag, clearance, declared_now, engine_log
from cortex_resources.providers.bag import Bag
from cortex_resources.providers.grants_lifecycle import GrantsProvider
from cortex_resources.providers.lifecycle import Failures, Inputs
from cortex_resources.providers.seat import Owner, Seat
from cortex_resources.sql import grants as sql

Privileges = frozenset[Privilege]


FOREIGN = "__foreign"
"""The property of a grant on what nothing in its stack file makes, as far as the file tells."""


class PrivilegeGrantsProvider(GrantsProvider[PrivilegeGrants, Privilege]):
    """Property bag to `PrivilegeGrants` and back."""

    named, lines = "on", "privileges"
    compared = (*costs(PrivilegeGrants), "allow_revoke", "connection")
    asked_only = (clearance.CLEARED, clearance.HELD, FOREIGN)
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

    def canonical(self, olds: Bag, news: Inputs) -> Inputs:
        """While nothing may move, the object and the lines of the state; at first no line."""
        inputs = super().canonical(olds, news)
        held = clearance.held(news, bool)
        if not held:
            return inputs
        kept = {key: olds[key] for key in (self.named, self.lines) if key in olds}
        return {**inputs, **(kept or {self.lines: ""}), **held}

    def faults(self, olds: Bag, news: Bag) -> Failures:
        """A revoke needs the stack's permission; what waits is said."""
        if clearance.is_held(news):
            self._tell_waiting(news)
        return [*super().faults(olds, news), *self._left_behind(olds, news)]

    def _left_behind(self, olds: Bag, news: Bag) -> Failures:
        """What nothing in the stack file makes is looked at: it may leave with this run."""
        on, before = (bag.text(props, self.named) for props in (news, olds))
        is_kept = "allow_drop" in bag.text(news, declared_now.WITHHELD).split()
        desired = Securable.parse(on)
        if not news.get(FOREIGN) or (is_kept and desired.type is SecurableType.FUNCTION):
            return []
        seat, owner = Seat.of(news), Owner.of(news)
        was = Securable.parse(before) if before else None
        text = leaving.orphaned(desired, was, f"{owner.project}/{owner.stack}", seat.read)
        return [(self.named, text)] if text else []

    def _tell_waiting(self, news: Bag) -> None:
        """What stays because no newer version of a model may be served yet."""
        engine_log.info(
            f"grants on {news[self.named]} stay as they are until the newest version is ready and"
            " has passed"
        )

    def read_lines(self, text: str) -> Privileges:
        """Lines out of a property."""
        return privileges_of(text)

    def held(self, seat: Seat, desired: PrivilegeGrants) -> Privileges:
        """What the account shows on the object."""
        return sql.parse_privileges(seat.read(sql.show_on(desired.on)), desired.on)
