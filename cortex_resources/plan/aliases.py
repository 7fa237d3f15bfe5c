"""What to do about the alias of a model: which version it calls, and when it is left alone.

A function is replaced or dropped only while its comment carries this stack's marker.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cortex_resources.errors import ObjectMissingError, OwnershipError
from cortex_resources.model.aliases import AliasMarker, ModelAlias, function
from cortex_resources.model.grants import Grantee
from cortex_resources.model.jobs import Marker, ModelRecord
from cortex_resources.model.names import QualifiedName, unversioned
from cortex_resources.plan.verdict import Plan, Verdict
from cortex_resources.sql import functions as sql
from cortex_resources.sql import models


def bring(desired: ModelAlias, found: sql.FoundFunction | None, marker: AliasMarker) -> Plan:
    """Make the function exist and call what its marker says.

    Arguments:
        desired: the declaration.
        found: what stands under its name, None when nothing does.
        marker: ours, with the model that shall be called.

    Raises:
        OwnershipError: the function is not this stack's.
    """
    if found is None:
        return Plan(Verdict.CREATE, (sql.create(desired, marker),))
    if not marker.is_same_stack(found.marker):
        raise OwnershipError(foreign(found), hint=way_out(found.name))
    if (found.marker, found.serves, found.comment) == (marker, marker.serves, desired.comment):
        return Plan(Verdict.NO_CHANGE)
    return Plan(Verdict.UPDATE, (sql.replace(desired, marker),))


@dataclass(frozen=True, slots=True)
class Served:
    """Which version a function calls.

    Arguments:
        target: the version by its wished name, or by its real one where that is all we know.
        model: its real name; None where there is no function yet.
    """

    target: str = ""
    model: QualifiedName | None = None


def kept(found: sql.FoundFunction | None, before: Served) -> Served:
    """What an alias goes on calling while the declared version may not be served.

    The marker tells what we last let it call, whatever somebody made of the body since.

    Arguments:
        found: what stands under its name; None when nothing does.
        before: what the state knows, perhaps of the alias whose place this one takes.
    """
    if found is None or found.marker is None:
        return before
    last = found.marker.serves
    return before if before.model == last else Served(str(last), last)


def foreign(found: sql.FoundFunction) -> str:
    """What is said of a function that is not this stack's."""
    if found.marker is None:
        return f"function {found.name} does not carry the marker of this stack"
    return f"function {found.name} belongs to {found.marker.owner}"


def way_out(name: QualifiedName) -> str:
    """What to do about it."""
    return f"If nobody needs it run: DROP {function(name)}. Or declare another name for the alias."


def regain(name: QualifiedName, role: Grantee) -> str:
    """What to do about a function of ours that the role may not change."""
    item = function(name)
    return (
        f"Where another role owns it now run: GRANT OWNERSHIP ON {item} TO {role} COPY CURRENT"
        " GRANTS."
    )


def drop(
    name: QualifiedName, found: sql.FoundFunction | None, owner: str, *, allow_drop: bool
) -> Plan:
    """Remove a function that is ours, if the stack may; what it calls stays.

    Arguments:
        name: the alias.
        found: what stands there.
        owner: project, stack and key, as in our marker.
        allow_drop: the stack's permission.
    """
    if found is None:
        return Plan.leaving(f"alias {name} is already gone")
    if not allow_drop:
        return Plan.leaving(f"kept alias {name}: policy.allow_drop is false")
    if found.marker is None or found.marker.owner != owner:
        return Plan.leaving(f"kept function {name}: it no longer carries our marker")
    return Plan(Verdict.DROP, (sql.drop(name),), (f"dropped alias {name}",))


def version(
    target: QualifiedName, digits: str, owner: Marker, found: Mapping[QualifiedName, ModelRecord]
) -> QualifiedName:
    """The real name of a version: Snowflake may have saved it under a suffixed one.

    Arguments:
        target: the wished name of the version.
        digits: its hash, or what it begins with.
        owner: a marker of this stack.
        found: the models under that name, as far as LIKE tells.

    Raises:
        ObjectMissingError: there is no such version.
    """
    ours, borrowed = {}, None
    for name, model in found.items():
        marker = models.marker_of(model.comment)
        is_it = marker is not None and marker.spec_hash.startswith(digits)
        if is_it and owner.is_same_stack(marker):
            ours[name] = model
        if name == target and (is_it or marker is None):
            borrowed = name
    if target in ours or not ours:
        if borrowed is None:
            raise _missing(target, found)
        return borrowed
    # A copy carries the marker of its model, too, and is younger.
    return min(ours.values(), key=lambda model: (model.created_on or 0, model.name)).name


def _missing(target: QualifiedName, found: Iterable[QualifiedName]) -> ObjectMissingError:
    wish = unversioned(target)
    names = sorted(name for name in found if name.name.startswith(f"{wish.name}__"))
    listed = ", ".join(map(str, names)) or "none that this role sees"
    return ObjectMissingError(
        f"there is no model {target} to serve",
        hint=f"Versions of {wish} are: {listed}. Pin one of them, or take the pin out.",
    )


def waits(name: str, current: str, target: str) -> str:
    """What is said while a version may not be served yet."""
    if not current:
        return f"{name} is created once {target} is ready and has passed"
    return f"{name} keeps calling {current} until {target} is ready and has passed"


def called(model: QualifiedName, found: Iterable[sql.FoundFunction]) -> OwnershipError | None:
    """Why a model may not be dropped: the alias of some stack calls it.

    It does so by its body; and by its marker, since somebody's other body is brought back.
    """
    for item in found:
        if item.marker is not None and model in (item.serves, item.marker.serves):
            return OwnershipError(
                f"model {model} is served by function {item.name} of {item.marker.owner}",
                hint="Let that alias serve another version, or take it out of its stack first; if"
                f" no stack declares it, as after a rename: DROP {function(item.name)}. The model"
                " was not dropped.",
            )
    return None
