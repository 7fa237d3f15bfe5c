"""The provider of `RoleGrants`: one role or database role and who holds it."""

from __future__ import annotations

from cortex_resources.errors import ObjectMissingError
from cortex_resources.model.grants import Grantee, RoleGrants, grantees_of, to_lines
from cortex_resources.plan import grants as plan
from cortex_resources.providers import bag, engine_log
from cortex_resources.providers.bag import Bag
from cortex_resources.providers.lifecycle import Failures, Inputs, KindProvider
from cortex_resources.providers.seat import Seat
from cortex_resources.sql import grants as sql


def _desired(props: Bag) -> RoleGrants:
    return RoleGrants(
        role=Grantee.parse(bag.text(props, "role_granted")),
        grantees=grantees_of(bag.text(props, "grantees")),
        exclusive=bag.flag(props, "exclusive"),
    )


class RoleGrantsProvider(KindProvider):
    """Property bag to `RoleGrants` and back."""

    compared = ("role_granted", "grantees", "exclusive", "allow_revoke", "connection")
    replacing = frozenset({"role_granted", "connection"})

    def canonical(self, _olds: Bag, news: Inputs) -> Inputs:
        """Sorted lines in one spelling."""
        desired = _desired(news)
        return {**news, "role_granted": str(desired.role), "grantees": to_lines(desired.grantees)}

    def faults(self, olds: Bag, news: Bag) -> Failures:
        """A revoke needs the stack's permission."""
        return plan.revoke_faults(
            grantees_of(bag.text(olds, "grantees")),
            _desired(news).grantees,
            is_same_object=olds.get("role_granted") == news.get("role_granted"),
            allow_revoke=bag.flag(news, "allow_revoke", default=True),
            field="grantees",
        )

    def made(self, news: Bag) -> tuple[str, Inputs]:
        """Grant to whom it is missing; remember who held it before."""
        desired, seat = _desired(news), Seat.of(news)
        held = sql.parse_holders(seat.read(sql.show_of(desired.role)), desired.role)
        step = plan.first_holders(desired, held)
        seat.carry_out(step.plan)
        return str(desired.role), {"granted": to_lines(step.granted)}

    def seen(self, props: Bag) -> tuple[Inputs, Inputs] | None:
        """Which declared grantees hold it; a hidden role is held by nobody, but is not gone."""
        desired, seat = _desired(props), Seat.of(props)
        try:
            held = sql.parse_holders(seat.read(sql.show_of(desired.role)), desired.role)
        except ObjectMissingError as error:
            engine_log.warning(error.line)
            held = frozenset()
        role = seat.running_role if desired.exclusive else None
        return {"grantees": to_lines(plan.visible_holders(desired, held, running_role=role))}, {}

    def changed(self, olds: Bag, news: Bag) -> Inputs:
        """Grant and revoke the difference."""
        desired, seat = _desired(news), Seat.of(news)
        held = grantees_of(bag.text(olds, "grantees"))
        granted = grantees_of(bag.text(olds, "granted"))
        step = plan.roles(desired, held, granted, running_role=seat.running_role)
        seat.carry_out(step.plan)
        return {"granted": to_lines(step.granted)}

    def removed(self, props: Bag) -> None:
        """Revoke it from those to whom this stack granted it."""
        desired, seat = _desired(props), Seat.of(props)
        granted = grantees_of(bag.text(props, "granted"))
        if not bag.flag(props, "allow_revoke", default=True):
            engine_log.info(f"kept the grants of {desired.role}: policy.allow_revoke is false")
            return
        try:
            held = sql.parse_holders(seat.read(sql.show_of(desired.role)), desired.role)
        except ObjectMissingError as error:
            engine_log.warning(f"nothing to revoke of {desired.role}: {error.line}")
            return
        empty = RoleGrants(desired.role, frozenset())
        seat.carry_out(plan.roles(empty, held & granted, granted).plan)
