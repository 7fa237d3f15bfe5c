"""What a new account holds: system roles, the first user, a warehouse, the SNOWFLAKE database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cortex_resources.emulator import passwords
from cortex_resources.emulator.access.grants import ACCOUNT, Grant
from cortex_resources.emulator.access.ownership import SYSTEM_ROLES
from cortex_resources.emulator.access.privileges import USAGE
from cortex_resources.emulator.entities import (
    Database,
    DatabaseRole,
    Kind,
    Role,
    Schema,
    User,
    Warehouse,
)

if TYPE_CHECKING:
    from cortex_resources.emulator.account import Account

USER: Final = "LOCAL_ADMIN"
PASSWORD: Final = "local"  # noqa: S105 - the documented password of a local account
# `passwords.protect(PASSWORD)`, made once: the derivation is slow on purpose, the password public.
PROTECTED: Final = "scrypt$7SYRLgiZueTvFSQ6K/RFlw==$gc6V+XttoZVfjM96B8z5oSejZlU5UZ/Q6AmQC1Yfnjg="
WAREHOUSE: Final = "COMPUTE_WH"

_HIERARCHY: Final = (
    ("SECURITYADMIN", "ACCOUNTADMIN"),
    ("SYSADMIN", "ACCOUNTADMIN"),
    ("USERADMIN", "SECURITYADMIN"),
)
_ACCOUNT_PRIVILEGES: Final = {
    "SECURITYADMIN": ("MANAGE GRANTS",),
    "USERADMIN": ("CREATE ROLE", "CREATE USER"),
    "SYSADMIN": ("CREATE DATABASE", "CREATE WAREHOUSE"),
    "PUBLIC": ("USE AI FUNCTIONS",),
}
_DATABASE_ROLES: Final = ("CORTEX_USER", "AI_FUNCTIONS_USER", "OBJECT_VIEWER", "USAGE_VIEWER")

# Its user logs in without that derivation too.
passwords.remember(PASSWORD, PROTECTED)


def fill(account: Account) -> None:
    """Make the first entities of an empty account."""
    roles = {name: _role(account, name) for name in SYSTEM_ROLES}
    for below, above in _HIERARCHY:
        account.grants.put(Grant(USAGE, roles[below], roles[above], created_on=_now(account)))
    for role, held in _ACCOUNT_PRIVILEGES.items():
        for privilege in held:
            account.grants.put(
                Grant(
                    privilege, ACCOUNT, roles[role], role != "PUBLIC",
                    by=roles["ACCOUNTADMIN"] if role == "PUBLIC" else None,
                    created_on=_now(account),
                )
            )  # fmt: skip
    _user(account, roles)
    _snowflake(account, roles)
    warehouse = Warehouse(
        id=account.catalog.new_id(Kind.WAREHOUSE),
        name=WAREHOUSE,
        owner=roles["SYSADMIN"],
        created_on=_now(account),
    )
    account.catalog.add(warehouse)
    by = roles["SYSADMIN"]
    account.grants.put(Grant(USAGE, warehouse.id, roles["PUBLIC"], by=by, created_on=_now(account)))


def _role(account: Account, name: str) -> str:
    role = Role(id=account.catalog.new_id(Kind.ROLE), name=name, created_on=_now(account))
    account.catalog.add(role)
    return role.id


def _user(account: Account, roles: dict[str, str]) -> None:
    user = User(
        id=account.catalog.new_id(Kind.USER),
        name=USER,
        login_name=USER,
        display_name=USER,
        owner=roles["ACCOUNTADMIN"],
        created_on=_now(account),
        password=PROTECTED,
        default_role="ACCOUNTADMIN",
        default_warehouse=WAREHOUSE,
    )
    account.catalog.add(user)
    for name in SYSTEM_ROLES[:-1]:
        account.grants.put(Grant(USAGE, roles[name], user.id, created_on=_now(account)))


def _snowflake(account: Account, roles: dict[str, str]) -> None:
    """The shared database: nobody here owns it; CORTEX_USER is given to PUBLIC, revocably."""
    database = Database(
        id=account.catalog.new_id(Kind.DATABASE), name="SNOWFLAKE", created_on=_now(account)
    )
    account.catalog.add(database)
    for name in ("ACCOUNT_USAGE", "CORTEX", "MODELS"):
        account.catalog.add(
            Schema(
                id=account.catalog.new_id(Kind.SCHEMA),
                name=name,
                parent=database.id,
                created_on=_now(account),
            )
        )
    for name in _DATABASE_ROLES:
        role = DatabaseRole(
            id=account.catalog.new_id(Kind.DATABASE_ROLE),
            name=name,
            parent=database.id,
            created_on=_now(account),
        )
        account.catalog.add(role)
        if name == "CORTEX_USER":
            by, public = roles["ACCOUNTADMIN"], roles["PUBLIC"]
            account.grants.put(Grant(USAGE, role.id, public, by=by, created_on=_now(account)))
    account.grants.put(
        Grant(USAGE, database.id, roles["ACCOUNTADMIN"], True, created_on=_now(account))
    )


def _now(account: Account) -> float:
    return account.clock.seconds()
