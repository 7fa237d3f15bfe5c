"""A grant that stays in a stack file although what it is on leaves with this very run.

The preview would call the grant unchanged, or move it to a name that nothing has; the run would
then drop the function with what is granted on it, or fail.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from cortex_resources.errors import AccountError, ObjectMissingError
from cortex_resources.model import aliases
from cortex_resources.model.effects import Statement
from cortex_resources.model.grants import Securable, SecurableType
from cortex_resources.model.names import unversioned
from cortex_resources.sql import functions, grants

Reader = Callable[[Statement], list[dict[str, object]]]


def orphaned(on: Securable, before: Securable | None, stack: str, read: Reader) -> str:
    """Why a grant cannot stay, with the way out; nothing where it can, or nothing is proved.

    Arguments:
        on: what the grant names, which nothing else in the stack file makes.
        before: what it was on at the last run.
        stack: project and stack, as a marker tells them.
        read: runs a READ with the role that grants.
    """
    with suppress(AccountError):
        if on.type is SecurableType.FUNCTION and _is_alias(on, stack, read):
            return (
                f"{on} is an alias that leaves the stack and is dropped with what is granted on it:"
                " take this grant out with it, or keep the alias"
            )
        if before is not None and _was_version(on, before) and not _is_there(on, read):
            return (
                f"{on} leaves the stack, and nothing has that name: take this grant out with the"
                f" model, or name the version that it was on, {before}, where that is kept"
            )
    return ""


def _is_alias(on: Securable, stack: str, read: Reader) -> bool:
    """Whether a function carries the marker of this stack."""
    if on != aliases.function(on.name):
        return False
    found = functions.parse(read(functions.show_in(on.name.parent))).get(on.name)
    marker = found.marker if found else None
    return marker is not None and f"{marker.project}/{marker.stack}" == stack


def _was_version(on: Securable, before: Securable) -> bool:
    """Whether the grant was on a version of a model that it names without one now."""
    is_model = on.type is before.type is SecurableType.MODEL
    return is_model and on.name != before.name and on.name == unversioned(before.name)


def _is_there(on: Securable, read: Reader) -> bool:
    try:
        read(grants.show_on(on))
    except ObjectMissingError:
        return False
    return True
