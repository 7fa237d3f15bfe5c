"""SHOW REPLICATION DATABASES: this account stands alone, so it has no replicated database."""

from __future__ import annotations

from typing import Final

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.outcome import Outcome, StatementType, columns, listing
from cortex_resources.emulator.show import like

_COLUMNS: Final = (
    "region_group", "snowflake_region", "created_on:time", "account_name", "name", "comment",
    "is_primary", "primary", "replication_allowed_to_accounts", "failover_allowed_to_accounts",
    "organization_name", "account_locator",
)  # fmt: skip


def databases(call: Call) -> Outcome:
    """SHOW REPLICATION DATABASES [LIKE …] [WITH PRIMARY account.database]."""
    reader = call.reader
    like.read_like(reader)
    if reader.accept("WITH", "PRIMARY"):
        reader.path()
    reader.end()
    return listing(columns(*_COLUMNS), (), StatementType.SHOW)
