"""The provider of `PrivilegeGrants`: one object and every privilege declared on it."""

from __future__ import annotations

from cortex_resources.errors import ObjectMissingError
from cortex_resources.model.grants import (
    PrivilegeGrants,
    Securable,
    privileges_of,
    to_lines,
)
from cortex_resources.plan import grants as plan
from cortex_resources.providers import bag, engine_log
from cortex_resources.providers.bag import Bag
from cortex_resources.providers.lifecycle import Failures, Inputs, KindProvider
from cortex_resources.providers.seat import Seat
from cortex_resources.sql import grants as sql


def _desired(props: Bag) -> PrivilegeGrants:
    return PrivilegeGrants(
        on=Securable.parse(bag.text(props, "on")),
        privileges=privileges_of(bag.text(props, "privileges")),
        exclusive=bag.flag(props, "exclusive"),
    )


class PrivilegeGrantsProvider(KindProvider):
    """Property bag to `PrivilegeGrants` and back."""

    compared = ("on", "privileges", "exclusive", "allow_revoke", "connection")
    replacing = frozenset({"on", "connection"})

    def canonical(self, _olds: Bag, news: Inputs) -> Inputs:
        """Sorted lines in one spelling."""
        desired = _desired(news)
        return {**news, "on": str(desired.on), "privileges": to_lines(desired.privileges)}

    def faults(self, olds: Bag, news: Bag) -> Failures:
        """A revoke needs the stack's permission."""
        return plan.revoke_faults(
            privileges_of(bag.text(olds, "privileges")),
            _desired(news).privileges,
            is_same_object=olds.get("on") == news.get("on"),
            allow_revoke=bag.flag(news, "allow_revoke", default=True),
        )

    def made(self, news: Bag) -> tuple[str, Inputs]:
        """Grant what is missing; remember what was there before."""
        desired, seat = _desired(news), Seat.of(news)
        held = sql.parse_privileges(seat.read(sql.show_on(desired.on)), desired.on)
        step = plan.first(desired, held)
        seat.carry_out(step.plan)
        return str(desired.on), {"granted": to_lines(step.granted)}

    def seen(self, props: Bag) -> tuple[Inputs, Inputs] | None:
        """What is held of the declared; a hidden object holds nothing, but is not gone."""
        desired, seat = _desired(props), Seat.of(props)
        try:
            held = sql.parse_privileges(seat.read(sql.show_on(desired.on)), desired.on)
        except ObjectMissingError as error:
            engine_log.warning(error.line)
            held = frozenset()
        # Only an exclusive object needs to know who asks: one statement less for all others.
        role = seat.running_role if desired.exclusive else None
        return {"privileges": to_lines(plan.visible(desired, held, running_role=role))}, {}

    def changed(self, olds: Bag, news: Bag) -> Inputs:
        """Grant and revoke the difference; what others granted stays."""
        desired, seat = _desired(news), Seat.of(news)
        held = privileges_of(bag.text(olds, "privileges"))
        granted = privileges_of(bag.text(olds, "granted"))
        step = plan.privileges(desired, held, granted, running_role=seat.running_role)
        seat.carry_out(step.plan)
        return {"granted": to_lines(step.granted)}

    def removed(self, props: Bag) -> None:
        """Revoke what this stack granted and is still held."""
        desired, seat = _desired(props), Seat.of(props)
        granted = privileges_of(bag.text(props, "granted"))
        if not bag.flag(props, "allow_revoke", default=True):
            engine_log.info(f"kept the privileges on {desired.on}: policy.allow_revoke is false")
            return
        try:
            held = sql.parse_privileges(seat.read(sql.show_on(desired.on)), desired.on)
        except ObjectMissingError as error:
            # Privileges go with their object; a hidden object is said, not silently passed over.
            engine_log.warning(f"no privileges to revoke on {desired.on}: {error.line}")
            return
        seat.carry_out(plan.removal(desired.on, held, granted))
