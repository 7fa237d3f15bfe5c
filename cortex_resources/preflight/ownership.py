"""Does this role own an object, itself or through a role below it?

Source: *Overview of Access Control*, role hierarchy: a role has what the roles below it own.
"""

from __future__ import annotations

from collections.abc import Callable

from cortex_resources.model.effects import Statement
from cortex_resources.model.grants import Grantee
from cortex_resources.preflight import privileges


def is_held(
    owner: str,
    running_role: Callable[[], Grantee],
    read: Callable[[Statement], list[dict[str, object]]],
) -> bool:
    """Whether the running role may alter and drop what that role owns.

    Arguments:
        owner: the owner as SHOW names it; nothing where it does not say.
        running_role: the running role; asked only if there is an owner.
        read: runs a READ with it; asked only when the owner is another role.
    """
    if not owner:
        return True
    role = running_role()
    if owner == role.name.name:
        return True
    return any(owner == below.name.name for below in privileges.closure(role, read))
