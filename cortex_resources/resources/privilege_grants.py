"""`PrivilegeGrants`: one object and every privilege declared on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
from pulumi.dynamic import Resource

from cortex_resources.model.grants import Privilege, Securable, role_named, to_lines
from cortex_resources.providers.clearance import CLEARED
from cortex_resources.providers.privilege_grants import FOREIGN, PrivilegeGrantsProvider
from cortex_resources.resources import declared


class PrivilegeGrants(Resource, module="cortex", name="PrivilegeGrants"):
    """Privileges on one object.

    Arguments:
        resource_name: Pulumi's name of it; also its key in query tags.
        on: the object with its type, `SCHEMA DB.ML`.
        to: privileges by grantee: `{"TRAINER": ["USAGE", "CREATE MODEL"]}`; a dotted grantee is a
            database role. Append ` with GRANT OPTION` to a privilege to pass the right on.
        exclusive: revoke what is not declared here, except OWNERSHIP and the running role's.
        allow_revoke: the permission to revoke what this stack granted.
        connection: a name in connections.toml, or `local`; default: the stack's setting.
        cleared: which version may be served, where that decides: while it is empty nothing is
            granted or revoked, and the object of the last run stays.
        foreign: nothing else in the program makes the object. Where it was an alias or a model of
            this stack, the preview refuses a grant that would stay behind.
        opts: Pulumi's options.

    Raises:
        InvalidNameError: a name cannot be read.
    """

    on: pulumi.Output[str]
    privileges: pulumi.Output[str]
    granted: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        on: pulumi.Input[str],
        to: Mapping[str, Sequence[str]],
        exclusive: bool = False,
        allow_revoke: bool = True,
        connection: str | None = None,
        cleared: pulumi.Input[str] | None = None,
        foreign: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        option = " with GRANT OPTION"
        lines = [
            Privilege(word.removesuffix(option), role_named(role), word.endswith(option))
            for role, words in to.items()
            for word in words
        ]
        inputs = {
            "on": _spelled(on) if isinstance(on, str) else on,
            "privileges": to_lines(lines),
            "exclusive": exclusive,
            "allow_revoke": allow_revoke,
            "granted": None,
            "connection": declared.connection(connection),
            **({} if cleared is None else {CLEARED: cleared}),
            **({FOREIGN: True} if foreign else {}),
            **declared.hidden(resource_name),
        }
        super().__init__(PrivilegeGrantsProvider(), resource_name, inputs, opts)


def _spelled(on: str) -> str:
    return str(Securable.parse(on))
