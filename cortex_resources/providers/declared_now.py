"""What the program of this run declares: only ever a reason to keep something, or not to pay.

The engine checks every declared resource before it removes anything, and checks none in a destroy.
So a removal can know whether its object has a successor, as after a rename of the resource or a
forced replacement, and whether the policy of this very run forbids it. Nothing here is a truth
about the account, and nothing is permitted because of it. In the same way a job that is planned
knows what this run will have revoked before it is submitted.
"""

from __future__ import annotations

from cortex_resources.model.grants import Privilege, Securable
from cortex_resources.providers import bag
from cortex_resources.providers.bag import Bag

_objects: set[tuple[str, str]] = set()
_keys: set[tuple[str, str]] = set()
_versioned: set[tuple[str, str]] = set()
_refused: set[tuple[str, str]] = set()
_differing: set[tuple[str, str]] = set()
_retaining: set[str] = set()
_replaced: dict[tuple[str, str], Bag] = {}
_revoked: dict[Securable, frozenset[Privilege]] = {}

PERMISSIONS = ("allow_drop", "allow_revoke")
WITHHELD = "__withheld"
"""The property in which every resource tells what the policy of the whole run forbids: the last
view or model may have left the stack in this very run. It is kept in no state."""


def _stack(props: Bag) -> str:
    project, _, rest = bag.text(props, "__owner").partition("/")
    return f"{project}/{rest.partition('/')[0]}"


def note(kind: str, name: str, props: Bag) -> None:
    """This run declares the object of that name under the key of the properties."""
    _objects.add((kind, name))
    _keys.add((kind, bag.text(props, "__owner")))
    _versioned.add((kind, bag.text(props, "model")))
    withheld = bag.text(props, WITHHELD).split()
    _refused.update(
        (_stack(props), key) for key in PERMISSIONS if props.get(key) is False or key in withheld
    )
    if props.get("retain") is True or "retain" in withheld:
        _retaining.add(_stack(props))


def note_replaced(kind: str, olds: Bag) -> None:
    """This run replaces the resource of that state."""
    _replaced[(kind, bag.text(olds, "__owner"))] = olds


def note_revoked(on: Securable, privileges: frozenset[Privilege]) -> None:
    """This run takes exactly these privileges on the object away."""
    _revoked[on] = privileges


def revoked() -> frozenset[tuple[Securable, Privilege]]:
    """What this run takes away from any object."""
    return frozenset((on, item) for on, items in _revoked.items() for item in items)


def note_difference(kind: str, name: str, *, is_open: bool) -> None:
    """This run is yet to change the object of that name, or has done so."""
    (_differing.add if is_open else _differing.discard)((kind, name))


def is_to_change(kind: str) -> bool:
    """Whether this run is yet to change an object of that kind."""
    return any(differing == kind for differing, _ in _differing)


def predecessor(kind: str, props: Bag) -> Bag:
    """The state that this run replaces under the key of the properties; empty if it does not."""
    return _replaced.get((kind, bag.text(props, "__owner")), {})


def has_successor(kind: str, name: str) -> bool:
    """Whether this run declares the same object, perhaps under another key."""
    return (kind, name) in _objects


def has_next_version(kind: str, props: Bag) -> bool:
    """Whether this run declares the same model, perhaps of another spec and under another key."""
    model = bag.text(props, "model")
    return bool(model) and (kind, model) in _versioned


def is_declared(kind: str, props: Bag) -> bool:
    """Whether this run declares the key, perhaps with another object."""
    return (kind, bag.text(props, "__owner")) in _keys


def restricted(props: Bag) -> Bag:
    """The properties with the permissions that this run takes back, and what it retains."""
    stack = _stack(props)
    kept = {"retain": True} if stack in _retaining else {}
    return {**props, **kept, **{key: False for key in PERMISSIONS if (stack, key) in _refused}}
