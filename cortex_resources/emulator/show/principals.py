"""SHOW ROLES, SHOW DATABASE ROLES and SHOW USERS."""

from __future__ import annotations

import json
from typing import Final

from cortex_resources.emulator.access.privileges import USAGE
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import DatabaseRole, Kind, Role, User
from cortex_resources.emulator.outcome import columns
from cortex_resources.emulator.show.cells import Listing, Row, moment, owner_type, true_false, y_n


def _role(call: Call, entity: Role) -> Row:
    user = call.catalog.find(Kind.USER, (call.session.user,))
    is_default = isinstance(user, User) and user.default_role == entity.name
    kinds = [
        call.catalog.by_id(grant.to).kind
        for grant in call.account.grants.on(entity.id)
        if grant.privilege == USAGE
    ]
    return (
        moment(entity.created_on), entity.name, y_n(is_default),
        y_n(entity.name == call.session.role), y_n(entity.id in call.authority.roles),
        kinds.count(Kind.USER), len(kinds) - kinds.count(Kind.USER),
        _granted(call, entity, Kind.ROLE), call.catalog.owner_name(entity), entity.comment,
    )  # fmt: skip


def _granted(call: Call, role: Role | DatabaseRole, kind: Kind) -> int:
    """How many roles of a kind are granted to a role."""
    found = (call.catalog.get(grant.on) for grant in call.account.grants.to(role.id))
    return sum(1 for entity in found if entity is not None and entity.kind is kind)


def _database_role(call: Call, entity: DatabaseRole) -> Row:
    kinds = [call.catalog.by_id(grant.to).kind for grant in call.account.grants.on(entity.id)]
    return (
        moment(entity.created_on), entity.name, "N", "N",
        y_n(entity.id in call.authority.roles), kinds.count(Kind.ROLE),
        kinds.count(Kind.DATABASE_ROLE), _granted(call, entity, Kind.DATABASE_ROLE),
        call.catalog.owner_name(entity), entity.comment, owner_type(call, entity),
        call.catalog.path(entity)[0],
    )  # fmt: skip


def _user(call: Call, entity: User) -> Row:
    return (
        entity.name, moment(entity.created_on), entity.login_name, entity.display_name,
        entity.first_name, entity.last_name, entity.email, None, None, entity.comment,
        true_false(entity.disabled), true_false(entity.must_change_password), "false",
        entity.default_warehouse or "", entity.default_namespace or "", entity.default_role or "",
        json.dumps(list(entity.default_secondary_roles)), "false", "", None,
        call.catalog.owner_name(entity), None, None, None,
        true_false(entity.password is not None), true_false(entity.public_key is not None),
        entity.user_type or "", "false", "false", "false",
    )  # fmt: skip


ROLES: Final = Listing(
    columns(
        "created_on:time", "name", "is_default", "is_current", "is_inherited",
        "assigned_to_users:number", "granted_to_roles:number", "granted_roles:number", "owner",
        "comment",
    ),
    _role,
)  # fmt: skip
DATABASE_ROLES: Final = Listing(
    columns(
        "created_on:time", "name", "is_default", "is_current", "is_inherited",
        "granted_to_roles:number", "granted_to_database_roles:number",
        "granted_database_roles:number", "owner", "comment", "owner_role_type", "database_name",
    ),
    _database_role,
)  # fmt: skip
USERS: Final = Listing(
    columns(
        "name", "created_on:time", "login_name", "display_name", "first_name", "last_name",
        "email", "mins_to_unlock", "days_to_expiry", "comment", "disabled",
        "must_change_password", "snowflake_lock", "default_warehouse", "default_namespace",
        "default_role", "default_secondary_roles", "ext_authn_duo", "ext_authn_uid",
        "mins_to_bypass_mfa", "owner", "last_success_login:time", "expires_at_time:time",
        "locked_until_time:time", "has_password", "has_rsa_public_key", "type", "has_mfa",
        "has_pat", "has_workload_identity",
    ),
    _user,
)  # fmt: skip
