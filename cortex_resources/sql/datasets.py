"""SHOW DATASETS and SHOW VERSIONS IN DATASET. Source: *Snowflake Datasets*, *SHOW DATASETS*, *SHOW
VERSIONS IN DATASET*."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cortex_resources.model.effects import Effect, Statement
from cortex_resources.model.names import QualifiedName
from cortex_resources.sql.literals import pattern

NAMES = ("version", "name")
"""Where the name of a version stands: pages of two generations differ."""


def show(dataset: QualifiedName) -> Statement:
    """Read the datasets of its schema that LIKE takes for this name."""
    return Statement(
        f"SHOW DATASETS LIKE {pattern(dataset.name)} IN SCHEMA {dataset.parent}",
        Effect.READ,
        f"is {dataset.name} there",
    )


def show_versions(dataset: QualifiedName) -> Statement:
    """Read the versions of one dataset."""
    return Statement(
        f"SHOW VERSIONS IN DATASET {dataset}", Effect.READ, f"versions of dataset {dataset}"
    )


def parse_versions(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """Their names, as stored."""
    found = (next((row[column] for column in NAMES if row.get(column)), None) for row in rows)
    return [str(name) for name in found if name is not None]
