"""What both kinds of grants share: a named object, a set of lines on it, and whose they are."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Generic

from pulumi.dynamic import DiffResult

from cortex_resources.errors import ObjectMissingError
from cortex_resources.model.grants import to_lines
from cortex_resources.plan import grants as plan
from cortex_resources.plan.grants import Decisions, Declared, Line
from cortex_resources.providers import bag, engine_log, previewed
from cortex_resources.providers.bag import Bag
from cortex_resources.providers.lifecycle import Failures, Inputs, KindProvider
from cortex_resources.providers.seat import Seat


class GrantsProvider(KindProvider, Generic[Declared, Line]):
    """The lifecycle of a set of lines on one object.

    A kind says which properties hold the object and the lines, how each side is read, and which
    module of `plan` decides what is granted and revoked.
    """

    lines: ClassVar[str]
    decisions: Decisions[Declared, Line]

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

    def _lines_of(self, props: Bag, key: str) -> frozenset[Line]:
        return self.read_lines(bag.text(props, key))

    def _is_known_by(self, props: Bag) -> bool:
        """Whether the object was ever there: something is declared on it, or was granted."""
        return bool(self._lines_of(props, self.lines) or bag.text(props, "granted"))

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
        try:
            held = self.held(seat, desired)
        except ObjectMissingError:
            if self._lines_of(news, self.lines):
                raise
            # Nothing is declared on it yet: it may still be made.
            held = frozenset()
        step = self.decisions.first(desired, held)
        seat.carry_out(step.plan)
        return bag.text(news, self.named), {"granted": to_lines(step.granted)}

    def seen(self, props: Bag) -> tuple[Inputs, Inputs] | None:
        """What is held of the declared; a hidden object holds nothing, but is not gone."""
        desired, seat = self.desired(props), Seat.of(props)
        try:
            held = self.held(seat, desired)
        except ObjectMissingError as error:
            if self._is_known_by(props):
                engine_log.warning(error.line)
            held = frozenset()
        # Only an exclusive object needs to know who asks: one login less for all others.
        role = seat.running_role if desired.exclusive else None
        seen = self.decisions.visible(desired, held, running_role=role)
        return {self.lines: to_lines(seen)}, {}

    def diff(self, id_: str, olds: Bag, news: Bag) -> DiffResult:
        """Compare; on an exclusive object what is compared is kept for the run after a preview."""
        if bag.flag(news, "exclusive"):
            previewed.note(self._key(news), bag.text(olds, self.lines))
        return super().diff(id_, olds, news)

    def _key(self, news: Bag) -> str:
        return f"{type(self).__name__} {bag.text(news, '__owner')}"

    def _held_at_preview(self, news: Bag, held: frozenset[Line]) -> frozenset[Line]:
        """What is held, without what the preview of this `up` cannot have shown."""
        if not bag.flag(news, "exclusive") or (saw := previewed.taken(self._key(news))) is None:
            return held
        declared = self._lines_of(news, self.lines)
        acted, appeared = plan.as_shown(held, self.read_lines(saw), declared)
        for line in sorted(map(str, appeared)):
            engine_log.warning(
                f"{line} on {bag.text(news, self.named)} appeared after the preview and stays:"
                " the next preview shows it, and that `pulumi up` revokes it"
            )
        return acted

    def changed(self, olds: Bag, news: Bag) -> Inputs:
        """Grant and revoke the difference; what others granted stays."""
        desired, seat = self.desired(news), Seat.of(news)
        held, ours = self._lines_of(olds, self.lines), self._lines_of(olds, "granted")
        held = self._held_at_preview(news, held)
        step = self.decisions.settled(desired, held, ours, running_role=seat.running_role)
        seat.carry_out(step.plan)
        return {"granted": to_lines(step.granted)}

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
            if self._is_known_by(props):
                engine_log.warning(f"nothing to revoke on {name}: {error.line}")
            return
        ours = self._lines_of(props, "granted")
        seat.carry_out(self.decisions.removal(desired, held, ours))
