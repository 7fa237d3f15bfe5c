"""Functions by Snowflake name: importing this package fills the registry."""

from cortex_resources.emulator.queries.functions import (  # noqa: F401
    aggregates,
    calls,
    conditional,
    conversions,
    cortex,
    dates,
    hashing,
    intervals,
    numeric,
    regex,
    semi,
    session,
    text,
    units,
    windows,
)
