"""Who may call the Cortex functions (*Cortex AI Functions*, required privileges)."""

from __future__ import annotations

from cortex_resources.emulator.access import shared
from cortex_resources.emulator.access.authority import Authority


def may_tune(held: Authority) -> bool:
    """FINETUNE: the database role CORTEX_USER; AI_FUNCTIONS_USER does not cover it.

    IMPORTED PRIVILEGES bring the roles of the database along; that is why closing Cortex takes
    two REVOKEs.
    """
    return shared.in_session(held, "CORTEX_USER") or shared.imports(held, granted=True)


def may_infer(held: Authority) -> bool:
    """Completions and token counts: either database role, and USE AI FUNCTIONS on the account."""
    role = may_tune(held) or shared.in_session(held, "AI_FUNCTIONS_USER")
    return role and held.has_on_account("USE AI FUNCTIONS")
