"""`RoleGrants`: one role or database role and who holds it."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi.dynamic import Resource

from cortex_resources.model.grants import Grantee, GranteeType, role_named, to_lines
from cortex_resources.model.names import QualifiedName
from cortex_resources.providers.role_grants import RoleGrantsProvider
from cortex_resources.resources import declared


class RoleGrants(Resource, module="cortex", name="RoleGrants"):
    """The holders of one role.

    Arguments:
        resource_name: Pulumi's name of it; also its key in query tags.
        role: `SNOWFLAKE.CORTEX_USER` or another database role, or an account role.
        to: roles that get it; a dotted one is a database role.
        users: users that get it; a database role cannot be granted to a user.
        exclusive: revoke it from everybody else.
        allow_revoke: the permission to revoke what this stack granted.
        connection: a name in connections.toml, or `local`; default: the stack's setting.
        opts: Pulumi's options.

    Raises:
        InvalidNameError: a name cannot be read.
    """

    role_granted: pulumi.Output[str]
    grantees: pulumi.Output[str]
    granted: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        role: str,
        to: Sequence[str] = (),
        users: Sequence[str] = (),
        exclusive: bool = False,
        allow_revoke: bool = True,
        connection: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        people = [Grantee(GranteeType.USER, QualifiedName.parse(user, depth=1)) for user in users]
        inputs = {
            "role_granted": str(role_named(role)),
            "grantees": to_lines([*map(role_named, to), *people]),
            "exclusive": exclusive,
            "allow_revoke": allow_revoke,
            "granted": None,
            "connection": declared.connection(connection),
            **declared.hidden(resource_name),
        }
        super().__init__(RoleGrantsProvider(), resource_name, inputs, opts)
