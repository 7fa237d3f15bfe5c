"""Who may call the Cortex functions (*Cortex AI Functions*, required privileges)."""

from __future__ import annotations

from cortex_resources.emulator.access.authority import Authority
from cortex_resources.emulator.access.privileges import USAGE
from cortex_resources.emulator.entities import Kind


def may_tune(held: Authority) -> bool:
    """FINETUNE: the database role CORTEX_USER; AI_FUNCTIONS_USER does not cover it."""
    return _in_session(held, "CORTEX_USER") or _imports(held)


def may_infer(held: Authority) -> bool:
    """Completions and token counts: either database role, and USE AI FUNCTIONS on the account."""
    role = may_tune(held) or _in_session(held, "AI_FUNCTIONS_USER")
    return role and held.has_on_account("USE AI FUNCTIONS")


def _in_session(held: Authority, name: str) -> bool:
    role = held.catalog.find(Kind.DATABASE_ROLE, ("SNOWFLAKE", name))
    return role is not None and role.id in held.roles


def _imports(held: Authority) -> bool:
    """Whether somebody granted IMPORTED PRIVILEGES on SNOWFLAKE, which bring its roles along.

    That is why closing Cortex takes two REVOKEs. What the system gave ACCOUNTADMIN at the
    beginning is the database alone.
    """
    database = held.catalog.find(Kind.DATABASE, ("SNOWFLAKE",))
    if database is None:
        return False
    return any(
        grant.privilege == USAGE and grant.by is not None
        for grant in held.grants.held(database.id, held.roles)
    )
