"""What time it is for the account: its records carry its own clock, not that of this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cortex_resources.model.effects import Effect, Statement


def now() -> Statement:
    """Read the account's time."""
    return Statement(
        "SELECT DATE_PART(EPOCH_MILLISECOND, CURRENT_TIMESTAMP()) AS NOW_MS",
        Effect.READ,
        "the account's time",
    )


def parse_now(rows: Sequence[Mapping[str, object]]) -> int:
    """Milliseconds since 1970."""
    return int(str(rows[0]["NOW_MS"]))
