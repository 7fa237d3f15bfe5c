"""What an alias would call, what calls a model, and whether an alias may be made at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace

from cortex_resources.errors import (
    AccountError,
    CortexError,
    ObjectMissingError,
    OwnershipError,
    PrivilegeMissingError,
)
from cortex_resources.model.aliases import AliasMarker
from cortex_resources.model.effects import Statement
from cortex_resources.model.grants import Grantee
from cortex_resources.model.jobs import Marker
from cortex_resources.model.names import QualifiedName, unversioned
from cortex_resources.plan import aliases as plan
from cortex_resources.plan import privileges as privilege_plan
from cortex_resources.preflight import presence, privileges
from cortex_resources.sql import functions, models

Rows = list[dict[str, object]]
Reader = Callable[[Statement], Rows]


def real_name(
    target: QualifiedName, digits: str, owner: Marker, readers: Iterable[Reader]
) -> QualifiedName:
    """The name under which a version of a model really is, for the first role that sees it.

    Arguments:
        target: the wished name of the version.
        digits: its hash, or what it begins with.
        owner: a marker of this stack.
        readers: run a READ, each with another role; at least one.

    Raises:
        ObjectMissingError: no role sees such a version.
    """
    refused: ObjectMissingError | None = None
    for read in readers:
        try:
            found = models.parse(read(models.show_versions(unversioned(target))))
            return plan.version(target, digits, owner, found)
        except ObjectMissingError as error:
            refused = error
    assert refused is not None  # noqa: S101 - there is a reader
    raise refused


def found(name: QualifiedName, readers: Sequence[Reader]) -> functions.FoundFunction | None:
    """A function as the first role that sees it is shown it; its body only where it is ours.

    Arguments:
        name: the alias.
        readers: run a READ, each with another role; what the later ones may not see is not there.

    Raises:
        ObjectMissingError: the schema may only be hidden from the first role.
    """
    first, *others = readers
    seen = _seen(name, first)
    for read in others:
        with suppress(ObjectMissingError):
            seen = seen or _seen(name, read)
    return seen


def _seen(name: QualifiedName, read: Reader) -> functions.FoundFunction | None:
    def look() -> functions.FoundFunction | None:
        item = functions.parse(read(functions.show_in(name.parent))).get(name)
        return item and _with_body(item, read)

    return presence.sought(look, read, name.parent)


def _with_body(item: functions.FoundFunction, read: Reader) -> functions.FoundFunction:
    """The same with the model that it calls, which only the body of a function of ours tells."""
    if item.marker is None:
        return item
    return replace(item, serves=functions.parse_body(read(functions.describe(item.name))))


def callers(model: QualifiedName, readers: Sequence[Reader]) -> list[functions.FoundFunction]:
    """The functions of the model's database that carry our marker, as far as any role sees them.

    Raises:
        ObjectMissingError: no role sees the database.
    """
    items: list[functions.FoundFunction] = []
    refusals: list[ObjectMissingError] = []
    for read in readers:
        try:
            beside = functions.parse(read(functions.show_beside(model))).values()
            items += [_as_far_as_seen(item, read) for item in beside if item.marker is not None]
        except ObjectMissingError as error:
            refusals.append(error)
    if len(refusals) == len(readers):
        raise refusals[0]
    return items


def _as_far_as_seen(item: functions.FoundFunction, read: Reader) -> functions.FoundFunction:
    """Whose body this role may not read says by its marker what it calls."""
    with suppress(ObjectMissingError, PrivilegeMissingError):
        return _with_body(item, read)
    return item


def obstacle(
    name: QualifiedName,
    owner: AliasMarker,
    *,
    role: Callable[[], Grantee],
    declared: privilege_plan.Declared,
    revoked: privilege_plan.Declared,
    read: Reader,
) -> CortexError | None:
    """Why an alias cannot be made: another has its name, or its role may not make functions.

    Arguments:
        name: the alias.
        owner: our marker, whatever it serves.
        role: the role that will make it; asked only where there is no function yet.
        declared: what the stack itself grants before that.
        revoked: what it takes away before that.
        read: runs a READ with the connection's own role.
    """
    item = None
    with suppress(ObjectMissingError, PrivilegeMissingError):
        # Perhaps only the role of the alias sees the schema; it is asked when it makes it.
        item = _seen(name, read)
    if item is None:
        return lacking(name, role(), declared, revoked, read)
    if not owner.is_same_stack(item.marker):
        return OwnershipError(plan.foreign(item), hint=plan.way_out(name))
    return None


def lacking(
    name: QualifiedName,
    role: Grantee,
    declared: privilege_plan.Declared,
    revoked: privilege_plan.Declared,
    read: Reader,
) -> PrivilegeMissingError | None:
    """What the role lacks to make a function of that name.

    Where the account may not be asked, nothing is proved against the role.

    Arguments:
        name: the alias.
        role: the role that will make it.
        declared: what the stack itself grants before that.
        revoked: what it takes away before that.
        read: runs a READ with a role that sees the schema.
    """
    needed = privilege_plan.of_function(name)
    with suppress(AccountError):
        found = privileges.unmet(needed, role, declared, read, revoked=revoked)
        return privilege_plan.not_made(name, role, found, revoked) if found else None
    return None
