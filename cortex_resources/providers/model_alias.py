"""The provider of `ModelAlias`: the function under a stable name, and the version that it calls.

`target` speaks of a version by its wished name, as the declaration does; `serves` is the model that
the function really calls. It moves to a version that is cleared (`providers.clearance`); until then
`check` puts what it keeps calling in the place of what is declared, so that a diff compares what
this run will do.
"""

from __future__ import annotations

from functools import partial

from cortex_resources.errors import (
    ObjectExistsError,
    ObjectMissingError,
    OwnershipError,
    PrivilegeMissingError,
)
from cortex_resources.model import aliases
from cortex_resources.model.aliases import ModelAlias
from cortex_resources.model.cost import costs, identity
from cortex_resources.model.names import QualifiedName, unversioned, version_of, versioned
from cortex_resources.plan import aliases as plan
from cortex_resources.plan import privileges as privilege_plan
from cortex_resources.plan.verdict import Plan
from cortex_resources.preflight import serving
from cortex_resources.providers import after_training, bag, clearance, declared_now, engine_log
from cortex_resources.providers.bag import Bag
from cortex_resources.providers.lifecycle import Failures, Inputs, KindProvider
from cortex_resources.providers.seat import Owner, Seat
from cortex_resources.sql import functions as sql

_ELSE = "another body"
"""What a function calls whose body is of no form that we write."""


def _name(text: str) -> QualifiedName:
    return QualifiedName.parse(text, depth=3)


def _desired(props: Bag) -> ModelAlias:
    return ModelAlias(
        name=_name(bag.text(props, "name")),
        comment=bag.text(props, "comment"),
        pin=bag.text(props, "pin"),
    )


def _found(seat: Seat, name: QualifiedName) -> sql.FoundFunction | None:
    """The function, for the connection's role too: this one may have lost it to another owner."""
    return serving.found(name, [viewer.read for viewer in seat.viewers])


def _real(seat: Seat, props: Bag) -> QualifiedName:
    target, owner = _name(bag.text(props, "target")), Owner.of(props).marker("")
    readers = [viewer.read for viewer in seat.viewers]
    digits = bag.text(props, "pin") or version_of(target)
    return serving.real_name(target, digits, owner, readers)


def _outputs(served: plan.Served) -> Inputs:
    return {"target": served.target, "serves": str(served.model or "")}


def _served(props: Bag) -> plan.Served:
    """What the state says; a body of another form calls no model that we know."""
    text = bag.text(props, "serves")
    model = _name(text) if text not in ("", _ELSE) else None
    return plan.Served(bag.text(props, "target"), model)


class ModelAliasProvider(KindProvider):
    """Property bag to `ModelAlias` and back."""

    named = "name"
    compared = (*costs(ModelAlias), "role", "warehouse", "allow_drop", "connection")
    noted = ("taken", "before_drift", clearance.HELD)
    asked_only = ("__declared", "__newest", clearance.CLEARED)
    replacing = identity(ModelAlias)

    def canonical(self, olds: Bag, news: Inputs) -> Inputs:
        """One spelling; a pin names its version in place of the newest."""
        newest = _name(bag.text(news, "target"))
        pin = aliases.pin_of(bag.text(news, "pin")) if bag.text(news, "pin") else ""
        target = versioned(unversioned(newest), pin) if pin else newest
        told = {"pin": pin, "target": str(target), "__newest": str(newest)}
        told["name"] = str(_name(bag.text(news, "name")))
        held = clearance.held(news, partial(aliases.may_move, target, pin))
        if held:
            told["target"] = self._called_meanwhile(olds, news)
        return {**news, **told, **held}

    def _called_meanwhile(self, olds: Bag, news: Bag) -> str:
        """What a function keeps calling that may not move; nothing where there is none yet."""
        before = olds or declared_now.predecessor(type(self).__name__, news)
        return bag.text(before, "before_drift") or bag.text(before, "target")

    def faults(self, olds: Bag, news: Bag) -> Failures:
        """A function that somebody replaced, a pinned version that is not there; at first more."""
        is_known = bool(olds) and olds.get("name") == news.get("name")
        if is_known and (taken := bag.text(olds, "taken")):
            way_out = plan.way_out(_name(bag.text(news, "name")))
            return [("name", OwnershipError(taken, hint=way_out).line)]
        found = [*self._unpinnable(olds, news), *(() if is_known else self._unmakeable(news))]
        if not found and clearance.is_held(news):
            self._tell_waiting(news)
        return found

    def _tell_waiting(self, news: Bag) -> None:
        """A check says so and not a diff: a refresh, too, asks for diffs, and knows nothing new."""
        current, awaited = bag.text(news, "target"), bag.text(news, "__newest")
        if current != awaited:
            engine_log.info(plan.waits(bag.text(news, "name"), current, awaited))

    def _unpinnable(self, olds: Bag, news: Bag) -> Failures:
        target = bag.text(news, "target")
        if not bag.text(news, "pin") or target in (bag.text(news, "__newest"), olds.get("target")):
            return []
        try:
            _real(Seat.of(news), news)
        except ObjectMissingError as error:
            return [("pin", error.line)]
        return []

    def _unmakeable(self, news: Bag) -> Failures:
        """Whether the name is taken, or the role may not make functions."""
        error = after_training.alias_obstacle(_name(bag.text(news, "name")), news)
        if error is None:
            return []
        is_of_role = news.get("role") and isinstance(error, PrivilegeMissingError)
        return [("role" if is_of_role else "name", error.line)]

    def _differs(self, key: str, olds: Bag, news: Bag) -> bool:
        # What only waits is no difference; an older state holds what was declared in its place.
        is_waiting = key == "target" and clearance.is_held(news) and not olds.get("before_drift")
        return super()._differs(key, olds, news) and not is_waiting

    def made(self, news: Bag) -> tuple[str, Inputs]:
        """Create the function, or adopt ours; without clearance only what was served before."""
        seat, name = Seat.fresh(news), _name(bag.text(news, "name"))
        if clearance.is_held(news):
            before = _served(declared_now.predecessor(type(self).__name__, news))
            served = plan.kept(_found(seat, name), before)
        else:
            served = plan.Served(bag.text(news, "target"), _real(seat, news))
        if served.model is not None:
            self._brought(seat, news, served.model)
        return str(name), _outputs(served)

    def _brought(self, seat: Seat, news: Bag, serves: QualifiedName) -> None:
        """Try to create first, look afterwards."""
        desired, marker = _desired(news), Owner.of(news).alias_marker(serves)
        try:
            seat.carry_out(plan.bring(desired, None, marker))
        except (ObjectExistsError, PrivilegeMissingError) as error:
            found = _found(seat, desired.name)
            if found is not None:
                self._settled(seat, plan.bring(desired, found, marker), desired.name)
                return
            if isinstance(error, ObjectExistsError):
                raise
            needed = privilege_plan.of_function(desired.name)
            run = "; ".join(item.grant_to(seat.wanted_role) for item in needed)
            raise PrivilegeMissingError(error.what, hint=f"Check: {run}.") from None

    def _settled(self, seat: Seat, step: Plan, name: QualifiedName) -> None:
        """Change a function that exists; it may have another owner by now."""
        try:
            seat.carry_out(step)
        except PrivilegeMissingError as error:
            raise PrivilegeMissingError(
                error.what, hint=plan.regain(name, seat.wanted_role)
            ) from None

    def seen(self, props: Bag) -> tuple[Inputs, Inputs] | None:
        """What the live function calls; None when it was dropped, empty when it is yet to come."""
        found = _found(Seat.of(props), _name(bag.text(props, "name")))
        target, known = bag.text(props, "target"), bag.text(props, "serves")
        if found is None:
            return ({"target": ""}, {"serves": ""}) if not target else None
        if found.marker is None or found.marker.owner != bag.text(props, "__owner"):
            return {"taken": plan.foreign(found)}, {}
        serves = str(found.serves or _ELSE)
        live = {"target": target if serves == known else serves, "comment": found.comment}
        if found.serves != found.marker.serves:
            live["before_drift"] = str(found.marker.serves)
        return live, {"serves": serves}

    def changed(self, olds: Bag, news: Bag) -> Inputs:
        """Let the function call another version, if that may be served, or change its comment."""
        seat, desired = Seat.fresh(news), _desired(news)
        found = _found(seat, desired.name)
        if clearance.is_held(news):
            served = plan.kept(found, _served(olds))
        else:
            served = plan.Served(bag.text(news, "target"), _real(seat, news))
        if served.model is not None and found is None:
            self._brought(seat, news, served.model)
        elif served.model is not None:
            step = plan.bring(desired, found, Owner.of(news).alias_marker(served.model))
            self._settled(seat, step, desired.name)
        return _outputs(served)

    def removed(self, props: Bag) -> None:
        """Drop the function if it is ours and the stack may; never what it calls."""
        name = _name(bag.text(props, "name"))
        seat = Seat.for_removal(props, sql.show_in(name.parent))
        found = _found(seat, name)
        if found is None and not bag.text(props, "target"):
            return
        allow_drop = bag.flag(props, "allow_drop")
        if found is not None and serving.found(name, [seat.read]) is None:
            engine_log.warning(
                f"kept alias {name}: another role than {seat.wanted_role} owns it now"
            )
            return
        seat.carry_out(plan.drop(name, found, bag.text(props, "__owner"), allow_drop=allow_drop))
