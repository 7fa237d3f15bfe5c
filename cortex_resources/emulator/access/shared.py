"""The SNOWFLAKE database: shared with the account, so that it is had as a whole or by its roles."""

from __future__ import annotations

from cortex_resources.emulator.access.authority import Authority
from cortex_resources.emulator.access.privileges import USAGE
from cortex_resources.emulator.entities import Kind

NAME = "SNOWFLAKE"


def in_session(held: Authority, name: str) -> bool:
    """Whether a database role of SNOWFLAKE is among the active roles."""
    role = held.catalog.find(Kind.DATABASE_ROLE, (NAME, name))
    return role is not None and role.id in held.roles


def imports(held: Authority, *, granted: bool = False) -> bool:
    """Whether IMPORTED PRIVILEGES are held; `granted`: given by somebody, not by the system.

    What the system gave ACCOUNTADMIN at the beginning is the database, without its roles.
    """
    database = held.catalog.find(Kind.DATABASE, (NAME,))
    if database is None:
        return False
    return any(
        grant.privilege == USAGE and (grant.by is not None or not granted)
        for grant in held.grants.held(database.id, held.roles)
    )


def reads_usage(held: Authority) -> bool:
    """ACCOUNT_USAGE: imported privileges, or the database role (*SNOWFLAKE database roles*)."""
    return imports(held) or in_session(held, "USAGE_VIEWER")
