"""The provider of `ModelAlias`: the function under a stable name, and the version that it calls.

`target` speaks of a version by its wished name, as the declaration does; `serves` is the model that
the function really calls. It moves to a version that is cleared (`providers.clearance`).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial

from cortex_resources.errors import (
    ObjectExistsError,
    ObjectMissingError,
    OwnershipError,
    PrivilegeMissingError,
)
from cortex_resources.model import aliases
from cortex_resources.model.aliases import AliasMarker, ModelAlias
from cortex_resources.model.cost import costs, identity
from cortex_resources.model.grants import Grantee, role_named
from cortex_resources.model.names import QualifiedName, unversioned, version_of, versioned
from cortex_resources.plan import aliases as plan
from cortex_resources.plan import privileges as privilege_plan
from cortex_resources.plan.verdict import Plan
from cortex_resources.preflight import presence, serving, submit
from cortex_resources.providers import bag, clearance, declared_now, engine_log
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


def _marker(props: Bag, serves: QualifiedName) -> AliasMarker:
    owner = Owner.of(props)
    return AliasMarker(owner.project, owner.stack, owner.key, serves)


def _owner(props: Bag) -> str:
    owner = Owner.of(props)
    return f"{owner.project}/{owner.stack}/{owner.key}"


def _seen_by(seat: Seat, name: QualifiedName) -> sql.FoundFunction | None:
    """The function as one role sees it; its body is read where it carries a marker of ours."""

    def look() -> sql.FoundFunction | None:
        found = sql.parse(seat.read(sql.show_in(name.parent))).get(name)
        if found is None or found.marker is None:
            return found
        return replace(found, serves=sql.parse_body(seat.read(sql.describe(name))))

    return presence.sought(look, seat.read, name.parent)


def _found(seat: Seat, name: QualifiedName) -> sql.FoundFunction | None:
    """The function, for the connection's role too: this one may have lost it to another owner."""
    found = _seen_by(seat, name)
    if found is None and seat.role is not None:
        with suppress(ObjectMissingError):
            found = _seen_by(seat.of_connection, name)
    return found


def _real(seat: Seat, props: Bag) -> QualifiedName:
    target, owner = _name(bag.text(props, "target")), Owner.of(props).marker("")
    readers = [viewer.read for viewer in seat.viewers]
    digits = bag.text(props, "pin") or version_of(target)
    return serving.real_name(target, digits, owner, readers)


def _outputs(target: str, serves: QualifiedName | str | None) -> Inputs:
    return {"target": target, "serves": str(serves or "")}


def _role(seat: Seat) -> Grantee:
    return seat.running_role if seat.role is None else role_named(seat.role)


class ModelAliasProvider(KindProvider):
    """Property bag to `ModelAlias` and back."""

    named = "name"
    compared = (*costs(ModelAlias), "role", "warehouse", "allow_drop", "connection")
    noted = ("taken", clearance.HELD)
    asked_only = ("__declared", "__newest", clearance.CLEARED)
    replacing = identity(ModelAlias)

    def canonical(self, _olds: Bag, news: Inputs) -> Inputs:
        """One spelling; a pin names its version in place of the newest."""
        newest = _name(bag.text(news, "target"))
        pin = aliases.pin_of(bag.text(news, "pin")) if bag.text(news, "pin") else ""
        target = versioned(unversioned(newest), pin) if pin else newest
        told = {"pin": pin, "target": str(target), "__newest": str(newest)}
        told["name"] = str(_name(bag.text(news, "name")))
        held = clearance.held(news, partial(aliases.may_move, target, pin))
        return {**news, **told, **held}

    def faults(self, olds: Bag, news: Bag) -> Failures:
        """A function that somebody replaced, a pinned version that is not there; at first more."""
        is_known = bool(olds) and olds.get("name") == news.get("name")
        if is_known and (taken := bag.text(olds, "taken")):
            way_out = plan.way_out(_name(bag.text(news, "name")))
            return [("name", OwnershipError(taken, hint=way_out).line)]
        found = [*self._unpinnable(olds, news), *(() if is_known else self._unmakeable(news))]
        if not found and clearance.is_held(news):
            self._tell_waiting(olds, news)
        return found

    def _tell_waiting(self, olds: Bag, news: Bag) -> None:
        """A check says so and not a diff: a refresh, too, asks for diffs, and knows nothing new."""
        before = olds or declared_now.predecessor(type(self).__name__, news)
        current, target = bag.text(before, "target"), bag.text(news, "target")
        if current != target:
            engine_log.info(plan.waits(bag.text(news, "name"), current, target))

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
        """Whether the name is taken, or the role may not make functions; before a job is paid."""
        name, seat = _name(bag.text(news, "name")), Seat.of(news)
        found = None
        with suppress(ObjectMissingError, PrivilegeMissingError):
            # Perhaps only the role of the alias sees the schema; it is asked when it makes it.
            found = _found(seat.of_connection, name)
        if found is None:
            declared = submit.declared_in(bag.text(news, "__declared"))
            text = serving.lacking(name, _role(seat), declared, seat.of_connection.read)
            return [("role" if seat.role else "name", text)] if text else []
        if not _marker(news, name).is_same_stack(found.marker):
            error = OwnershipError(plan.foreign(found), hint=plan.way_out(name))
            return [("name", error.line)]
        return []

    def _differs(self, key: str, olds: Bag, news: Bag) -> bool:
        return super()._differs(key, olds, news) and not (
            key == "target" and clearance.is_held(news)
        )

    def made(self, news: Bag) -> tuple[str, Inputs]:
        """Create the function, or adopt ours; without clearance only what was served before."""
        seat, name = Seat.fresh(news), bag.text(news, "name")
        if not clearance.is_held(news):
            target, serves = bag.text(news, "target"), _real(seat, news)
            self._brought(seat, news, serves)
            return name, _outputs(target, serves)
        return name, self._kept_serving(seat, news)

    def _kept_serving(self, seat: Seat, news: Bag) -> Inputs:
        """What may not move goes on: under a new name, or under a new key."""
        name = _name(bag.text(news, "name"))
        found = _found(seat, name)
        before = declared_now.predecessor(type(self).__name__, news)
        text, target = bag.text(before, "serves"), bag.text(before, "target")
        if found is not None and found.marker is not None:
            # A function that is not this stack's is refused below.
            text = target = str(found.serves or found.marker.serves)
        if not text:
            return _outputs("", None)
        self._brought(seat, news, _name(text))
        return _outputs(target, text)

    def _brought(self, seat: Seat, news: Bag, serves: QualifiedName) -> None:
        """Try to create first, look afterwards."""
        desired, marker = _desired(news), _marker(news, serves)
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
            run = "; ".join(item.grant_to(_role(seat)) for item in needed)
            raise PrivilegeMissingError(error.what, hint=f"Check: {run}.") from None

    def _settled(self, seat: Seat, step: Plan, name: QualifiedName) -> None:
        """Change a function that exists; it may have another owner by now."""
        try:
            seat.carry_out(step)
        except PrivilegeMissingError as error:
            raise PrivilegeMissingError(error.what, hint=plan.regain(name, _role(seat))) from None

    def seen(self, props: Bag) -> tuple[Inputs, Inputs] | None:
        """What the live function calls; None when it was dropped, empty when it is yet to come."""
        found = _found(Seat.of(props), _name(bag.text(props, "name")))
        target, known = bag.text(props, "target"), bag.text(props, "serves")
        if found is None:
            return ({"target": ""}, {"serves": ""}) if not target else None
        if found.marker is None or found.marker.owner != _owner(props):
            return {"taken": plan.foreign(found)}, {}
        serves = str(found.serves or _ELSE)
        live = target if serves == known else serves
        return {"target": live, "comment": found.comment}, {"serves": serves}

    def changed(self, olds: Bag, news: Bag) -> Inputs:
        """Let the function call another version, if that may be served, or change its comment."""
        seat, desired = Seat.fresh(news), _desired(news)
        found = _found(seat, desired.name)
        target, serves = bag.text(olds, "target"), bag.text(olds, "serves")
        if not clearance.is_held(news):
            target, serves = bag.text(news, "target"), str(_real(seat, news))
        elif serves == _ELSE and found is not None and found.marker is not None:
            # What we last let it call, before somebody wrote another body.
            target = serves = str(found.marker.serves)
        if serves and found is None:
            self._brought(seat, news, _name(serves))
        elif serves:
            step = plan.bring(desired, found, _marker(news, _name(serves)))
            self._settled(seat, step, desired.name)
        return _outputs(target, serves)

    def removed(self, props: Bag) -> None:
        """Drop the function if it is ours and the stack may; never what it calls."""
        name = _name(bag.text(props, "name"))
        seat = Seat.for_removal(props, sql.show_in(name.parent))
        found = _found(seat, name)
        if found is None and not bag.text(props, "target"):
            return
        allow_drop = bag.flag(props, "allow_drop")
        if found is not None and _seen_by(seat, name) is None:
            engine_log.warning(f"kept alias {name}: another role than {_role(seat)} owns it now")
            return
        seat.carry_out(plan.drop(name, found, _owner(props), allow_drop=allow_drop))
