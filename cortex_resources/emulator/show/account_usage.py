"""SNOWFLAKE.ACCOUNT_USAGE: the whole account, without the delay that Snowflake's views have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from cortex_resources.emulator.access.authority import Authority
from cortex_resources.emulator.access.grants import ACCOUNT, Grant
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Entity, Kind, Schema, Table, User, View
from cortex_resources.emulator.finetune import usage
from cortex_resources.emulator.show import query_history
from cortex_resources.emulator.show.cells import Row, moment, owner_type
from cortex_resources.emulator.show.grant_rows import owner_grant

_Rows = Callable[[Call, Authority, Entity], Iterable[Row]]
_ROLES: Final = (Kind.ROLE, Kind.DATABASE_ROLE)


def _grants_to_roles(call: Call, _authority: Authority, _database: Entity) -> Iterator[Row]:
    """Every privilege and role that a role holds; ownership is one of them."""
    owned = [grant for entity in call.catalog.everything() for grant in owner_grant(entity)]
    for grant in (*owned, *call.account.grants.all()):
        grantee = call.catalog.by_id(grant.to)
        if grantee.kind in _ROLES:
            yield _grant_row(call, grant, grantee)


def _grant_row(call: Call, grant: Grant, grantee: Entity) -> Row:
    entity, by = call.catalog.get(grant.on), call.catalog.get(grant.by)
    at, path = moment(grant.created_on), call.catalog.path(entity) if entity else ()
    kind = entity.kind.underscored if entity else ACCOUNT
    return (
        at, at, grant.privilege, kind, entity.name if entity else call.account.locator,
        path[0] if len(path) > 1 else None, path[1] if len(path) > 2 else None,
        grantee.kind.underscored, grantee.name, "true" if grant.option else "false",
        by.name if by else None, None, by.kind.underscored if by else "",
    )  # fmt: skip


def _grants_to_users(call: Call, _authority: Authority, _database: Entity) -> Iterator[Row]:
    for grant in call.account.grants.all():
        grantee, role = call.catalog.by_id(grant.to), call.catalog.get(grant.on)
        if grantee.kind is Kind.USER and role is not None and role.kind in _ROLES:
            by = call.catalog.get(grant.by)
            yield (
                moment(grant.created_on), None, role.name, "USER", grantee.name,
                by.name if by else None,
            )  # fmt: skip


def _roles(call: Call, _authority: Authority, _database: Entity) -> Iterator[Row]:
    for kind in _ROLES:
        for role in call.catalog.all(kind):
            path = call.catalog.path(role)
            yield (
                moment(role.created_on), None, role.name, role.comment or None,
                call.catalog.owner_name(role) or None, kind.underscored,
                path[0] if len(path) > 1 else None, owner_type(call, role),
            )  # fmt: skip


def _users(call: Call, _authority: Authority, _database: Entity) -> Iterator[Row]:
    for user in call.catalog.all(Kind.USER):
        assert isinstance(user, User)  # noqa: S101 - chosen by kind
        yield (
            user.name, moment(user.created_on), None, user.login_name or user.name,
            user.display_name or user.name, user.first_name or None, user.last_name or None,
            user.email or None, "true" if user.must_change_password else "false",
            "true" if user.password else "false", user.comment or None,
            "true" if user.disabled else "false", user.default_warehouse, user.default_namespace,
            user.default_role, call.catalog.owner_name(user) or None,
            "true" if user.public_key else "false", user.user_type,
        )  # fmt: skip


def _query_history(call: Call, _authority: Authority, _database: Entity) -> Iterator[Row]:
    yield from query_history.everything(call)


def _databases(call: Call, _authority: Authority, _database: Entity) -> Iterator[Row]:
    for one in call.catalog.all(Kind.DATABASE):
        at = moment(one.created_on)
        yield (
            one.name, call.catalog.owner_name(one) or None,
            "YES" if getattr(one, "transient", False) else "NO", one.comment or None, at, at, None,
            call.catalog.retention_days(one), owner_type(call, one),
        )  # fmt: skip


def _schemata(call: Call, _authority: Authority, _database: Entity) -> Iterator[Row]:
    for one in call.catalog.all(Kind.SCHEMA):
        assert isinstance(one, Schema)  # noqa: S101 - chosen by kind
        at, path = moment(one.created_on), call.catalog.path(one)
        yield (
            one.name, path[0], call.catalog.owner_name(one) or None,
            call.catalog.retention_days(one), "YES" if one.transient else "NO",
            "YES" if one.managed_access else "NO", one.comment or None, at, at, None,
            owner_type(call, one),
        )  # fmt: skip


def _tables(call: Call, _authority: Authority, _database: Entity) -> Iterator[Row]:
    for one in (*call.catalog.all(Kind.TABLE), *call.catalog.all(Kind.VIEW)):
        table = one if isinstance(one, Table) else None
        database, schema, name = call.catalog.path(one)
        at = moment(one.created_on)
        yield (
            name, schema, database, call.catalog.owner_name(one) or None,
            "BASE TABLE" if table else "VIEW", "YES" if table and table.transient else "NO",
            call.catalog.retention_days(one) if table else None, at, at, None,
            one.comment or None, owner_type(call, one),
        )  # fmt: skip


def _views(call: Call, authority: Authority, _database: Entity) -> Iterator[Row]:
    for one in call.catalog.all(Kind.VIEW):
        assert isinstance(one, View)  # noqa: S101 - chosen by kind
        database, schema, name = call.catalog.path(one)
        at, hidden = moment(one.created_on), one.secure and not authority.owns(one)
        yield (
            name, schema, database, call.catalog.owner_name(one) or None,
            None if hidden else one.text, "YES" if one.secure else "NO", one.comment or None, at,
            at, None, owner_type(call, one),
        )  # fmt: skip


def _fine_tuning(call: Call, _authority: Authority, _database: Entity) -> Iterator[Row]:
    ended, rates = call.account.fine_tuning.jobs.ever(), call.account.settings.token_credits
    for used in usage.history(ended, call.now, rates):
        hour, until = moment(used.hour), moment(used.until)
        yield hour, until, used.base_model, used.credits, used.tokens


VIEWS: Final[dict[str, tuple[tuple[str, ...], _Rows]]] = {
    "GRANTS_TO_ROLES": (
        (
            "CREATED_ON:time", "MODIFIED_ON:time", "PRIVILEGE", "GRANTED_ON", "NAME",
            "TABLE_CATALOG", "TABLE_SCHEMA", "GRANTED_TO", "GRANTEE_NAME", "GRANT_OPTION",
            "GRANTED_BY", "DELETED_ON:time", "GRANTED_BY_ROLE_TYPE",
        ),
        _grants_to_roles,
    ),
    "GRANTS_TO_USERS": (
        (
            "CREATED_ON:time", "DELETED_ON:time", "ROLE", "GRANTED_TO", "GRANTEE_NAME",
            "GRANTED_BY",
        ),
        _grants_to_users,
    ),
    "ROLES": (
        (
            "CREATED_ON:time", "DELETED_ON:time", "NAME", "COMMENT", "OWNER", "ROLE_TYPE",
            "ROLE_DATABASE_NAME", "OWNER_ROLE_TYPE",
        ),
        _roles,
    ),
    "USERS": (
        (
            "NAME", "CREATED_ON:time", "DELETED_ON:time", "LOGIN_NAME", "DISPLAY_NAME",
            "FIRST_NAME", "LAST_NAME", "EMAIL", "MUST_CHANGE_PASSWORD", "HAS_PASSWORD", "COMMENT",
            "DISABLED", "DEFAULT_WAREHOUSE", "DEFAULT_NAMESPACE", "DEFAULT_ROLE", "OWNER",
            "HAS_RSA_PUBLIC_KEY", "TYPE",
        ),
        _users,
    ),
    "QUERY_HISTORY": (query_history.COLUMNS, _query_history),
    "DATABASES": (
        (
            "DATABASE_NAME", "DATABASE_OWNER", "IS_TRANSIENT", "COMMENT", "CREATED:time",
            "LAST_ALTERED:time", "DELETED:time", "RETENTION_TIME:number", "OWNER_ROLE_TYPE",
        ),
        _databases,
    ),
    "SCHEMATA": (
        (
            "SCHEMA_NAME", "CATALOG_NAME", "SCHEMA_OWNER", "RETENTION_TIME:number",
            "IS_TRANSIENT", "IS_MANAGED_ACCESS", "COMMENT", "CREATED:time", "LAST_ALTERED:time",
            "DELETED:time", "OWNER_ROLE_TYPE",
        ),
        _schemata,
    ),
    "TABLES": (
        (
            "TABLE_NAME", "TABLE_SCHEMA", "TABLE_CATALOG", "TABLE_OWNER", "TABLE_TYPE",
            "IS_TRANSIENT", "RETENTION_TIME:number", "CREATED:time", "LAST_ALTERED:time",
            "DELETED:time", "COMMENT", "OWNER_ROLE_TYPE",
        ),
        _tables,
    ),
    "VIEWS": (
        (
            "TABLE_NAME", "TABLE_SCHEMA", "TABLE_CATALOG", "TABLE_OWNER", "VIEW_DEFINITION",
            "IS_SECURE", "COMMENT", "CREATED:time", "LAST_ALTERED:time", "DELETED:time",
            "OWNER_ROLE_TYPE",
        ),
        _views,
    ),
    "CORTEX_FINE_TUNING_USAGE_HISTORY": (
        (
            "START_TIME:time", "END_TIME:time", "MODEL_NAME", "TOKEN_CREDITS:credits",
            "TOKENS:number",
        ),
        _fine_tuning,
    ),
}  # fmt: skip
# Views that Snowflake has, of things that this account does not measure or does not have.
ELSEWHERE: Final = frozenset(
    {
        "ACCESS_HISTORY", "COPY_HISTORY", "COLUMNS", "CORTEX_AI_FUNCTIONS_USAGE_HISTORY",
        "CORTEX_FUNCTIONS_QUERY_USAGE_HISTORY", "CORTEX_FUNCTIONS_USAGE_HISTORY", "FUNCTIONS",
        "LOGIN_HISTORY", "METERING_DAILY_HISTORY", "METERING_HISTORY", "OBJECT_DEPENDENCIES",
        "POLICY_REFERENCES", "PROCEDURES", "SESSIONS", "STAGES", "STORAGE_USAGE",
        "TABLE_STORAGE_METRICS", "TAG_REFERENCES", "TAGS", "TASK_HISTORY",
        "WAREHOUSE_LOAD_HISTORY", "WAREHOUSE_METERING_HISTORY", "WAREHOUSE_EVENTS_HISTORY",
        "DATA_TRANSFER_HISTORY", "DATABASE_STORAGE_USAGE_HISTORY", "QUERY_ATTRIBUTION_HISTORY",
        "AGGREGATE_QUERY_HISTORY", "TABLE_CONSTRAINTS", "CREDENTIALS", "NETWORK_POLICIES",
    }
)  # fmt: skip
