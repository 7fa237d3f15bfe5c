"""What both kinds of grants share: a named object, a set of lines on it, and whose they are."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Generic, TypeVar

from cortex_resources.errors import ObjectMissingError
from cortex_resources.model.grants import Grantee, Privilege, PrivilegeGrants, RoleGrants, to_lines
from cortex_resources.plan import grants as plan
from cortex_resources.plan.verdict import Plan
from cortex_resources.providers import bag, engine_log
from cortex_resources.providers.bag import Bag
from cortex_resources.providers.lifecycle import Failures, Inputs, KindProvider
from cortex_resources.providers.seat import Seat

Declared = TypeVar("Declared", PrivilegeGrants, RoleGrants)
Line = TypeVar("Line", Privilege, Grantee)


class GrantsProvider(KindProvider, Generic[Declared, Line]):
    """The lifecycle of a set of lines on one object.

    A kind says which properties hold the object and the lines, and how each side is read; what is
    granted and revoked is decided in `plan.grants`.
    """

    lines: ClassVar[str]

    @abstractmethod
    def desired(self, props: Bag) -> Declared:
        """The declaration."""

    @abstractmethod
    def name(self, desired: Declared) -> str:
        """The object in its one spelling."""

    @abstractmethod
    def read_lines(self, text: str) -> frozenset[Line]:
        """Lines out of a property."""

    @abstractmethod
    def held(self, seat: Seat, desired: Declared) -> frozenset[Line]:
        """What the account shows on the object."""

    @abstractmethod
    def first(self, desired: Declared, held: frozenset[Line]) -> tuple[Plan, frozenset[Line]]:
        """The plan of a new resource, and what is ours after it."""

    @abstractmethod
    def settled(
        self, desired: Declared, held: frozenset[Line], granted: frozenset[Line], role: Grantee
    ) -> tuple[Plan, frozenset[Line]]:
        """The plan of a changed resource, and what is ours after it."""

    @abstractmethod
    def visible(
        self, desired: Declared, held: frozenset[Line], role: Grantee | None
    ) -> frozenset[Line]:
        """The part of what is held that this resource looks at."""

    @abstractmethod
    def removal(self, desired: Declared, held: frozenset[Line], granted: frozenset[Line]) -> Plan:
        """The plan that takes away what is ours."""

    def _lines_of(self, props: Bag, key: str) -> frozenset[Line]:
        return self.read_lines(bag.text(props, key))

    def canonical(self, _olds: Bag, news: Inputs) -> Inputs:
        """The object and its sorted lines in one spelling."""
        name = self.name(self.desired(news))
        return {**news, self.named: name, self.lines: to_lines(self._lines_of(news, self.lines))}

    def faults(self, olds: Bag, news: Bag) -> Failures:
        """A revoke needs the stack's permission."""
        return plan.revoke_faults(
            self._lines_of(olds, self.lines),
            self._lines_of(news, self.lines),
            is_same_object=olds.get(self.named) == news.get(self.named),
            allow_revoke=bag.flag(news, "allow_revoke", default=True),
            field=self.lines,
        )

    def made(self, news: Bag) -> tuple[str, Inputs]:
        """Grant what is missing; remember what was there before."""
        desired, seat = self.desired(news), Seat.of(news)
        step, granted = self.first(desired, self.held(seat, desired))
        seat.carry_out(step)
        return bag.text(news, self.named), {"granted": to_lines(granted)}

    def seen(self, props: Bag) -> tuple[Inputs, Inputs] | None:
        """What is held of the declared; a hidden object holds nothing, but is not gone."""
        desired, seat = self.desired(props), Seat.of(props)
        try:
            held = self.held(seat, desired)
        except ObjectMissingError as error:
            engine_log.warning(error.line)
            held = frozenset()
        # Only an exclusive object needs to know who asks: one login less for all others.
        role = seat.running_role if desired.exclusive else None
        return {self.lines: to_lines(self.visible(desired, held, role))}, {}

    def changed(self, olds: Bag, news: Bag) -> Inputs:
        """Grant and revoke the difference; what others granted stays."""
        desired, seat = self.desired(news), Seat.of(news)
        held, ours = self._lines_of(olds, self.lines), self._lines_of(olds, "granted")
        step, granted = self.settled(desired, held, ours, seat.running_role)
        seat.carry_out(step)
        return {"granted": to_lines(granted)}

    def removed(self, props: Bag) -> None:
        """Revoke what this stack granted and is still held."""
        desired, seat, name = self.desired(props), Seat.of(props), bag.text(props, self.named)
        if not bag.flag(props, "allow_revoke", default=True):
            engine_log.info(f"kept what is granted on {name}: policy.allow_revoke is false")
            return
        try:
            held = self.held(seat, desired)
        except ObjectMissingError as error:
            # Grants go with their object; a hidden object is said, not silently passed over.
            engine_log.warning(f"nothing to revoke on {name}: {error.line}")
            return
        seat.carry_out(self.removal(desired, held, self._lines_of(props, "granted")))
