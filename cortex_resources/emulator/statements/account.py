"""ALTER ACCOUNT SET and UNSET, for the one account parameter that changes something here."""

from __future__ import annotations

from cortex_resources.emulator import settings
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.errors import insufficient, invalid_value, unsupported
from cortex_resources.emulator.outcome import Outcome, status
from cortex_resources.emulator.statements.targets import PARAMETER


def alter(call: Call) -> Outcome:
    """ALTER ACCOUNT {SET p = 'ENABLED' | 'DISABLED'} | {UNSET p}, as ACCOUNTADMIN."""
    reader = call.reader
    verb = reader.accept_any("SET", "UNSET")
    if verb is None:
        raise unsupported("ALTER ACCOUNT other than SET and UNSET")
    name = reader.word()
    if name != PARAMETER:
        raise unsupported(f"account parameter {name}")
    enabled = verb == "SET" and _enabled(call)
    reader.end()
    admin = call.catalog.role("ACCOUNTADMIN")
    if admin is None or admin.id not in call.authority.roles:
        raise insufficient("account", call.account.locator)
    account = call.account
    wanted = {"inherited_grants": enabled}
    account.settings = settings.change(account.store, account.settings, wanted)
    return status("Statement executed successfully.")


def _enabled(call: Call) -> bool:
    call.reader.expect("=")
    value = str(call.reader.scalar()).upper()
    if value not in ("ENABLED", "DISABLED"):
        raise invalid_value(f"[{value}] for parameter '{PARAMETER}'")
    return value == "ENABLED"
