"""Importing this module fills the registries: nodes, functions, aggregates."""

from cortex_resources.emulator.queries import (  # noqa: F401
    arithmetic,
    casts_time,
    literals,
    operators,
    predicates,
    subqueries,
)
from cortex_resources.emulator.queries.functions import (  # noqa: F401
    aggregates,
    calls,
    conditional,
    conversions,
    cortex,
    dates,
    encodings,
    hashing,
    intervals,
    kinds,
    lambdas,
    numeric,
    regex,
    semi,
    session,
    similarity,
    slices,
    text,
    to_numbers,
    typeof,
    units,
    windows,
)
