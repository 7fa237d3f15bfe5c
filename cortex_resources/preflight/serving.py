"""What an alias would call, what calls a model, and whether an alias may be made at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from cortex_resources.errors import AccountError, ObjectMissingError
from cortex_resources.model.effects import Statement
from cortex_resources.model.grants import Grantee
from cortex_resources.model.jobs import Marker
from cortex_resources.model.names import QualifiedName, unversioned
from cortex_resources.plan import aliases as plan
from cortex_resources.plan import privileges as privilege_plan
from cortex_resources.preflight import privileges
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


def callers(model: QualifiedName, readers: Sequence[Reader]) -> list[functions.FoundFunction]:
    """The functions of the model's database that carry our marker, as far as any role sees them.

    Raises:
        ObjectMissingError: no role sees the database.
    """
    found: list[functions.FoundFunction] = []
    refusals: list[ObjectMissingError] = []
    for read in readers:
        try:
            found += functions.parse(read(functions.show_beside(model))).values()
        except ObjectMissingError as error:
            refusals.append(error)
    if len(refusals) == len(readers):
        raise refusals[0]
    return [item for item in found if item.marker is not None]


def lacking(
    name: QualifiedName, role: Grantee, declared: privilege_plan.Declared, read: Reader
) -> str:
    """What the role lacks to make a function of that name; nothing where it lacks nothing.

    Where the account may not be asked, nothing is proved against the role.

    Arguments:
        name: the alias.
        role: the role that will make it.
        declared: what the stack itself grants before that.
        read: runs a READ with a role that sees the schema.
    """
    needed = privilege_plan.undeclared(privilege_plan.of_function(name), role, declared)
    with suppress(AccountError):
        if found := privileges.unmet(needed, role, read):
            run = "; ".join(item.grant_to(role) for item in found)
            return f"{role} may not make function {name}; where the objects exist run: {run}"
    return ""
