"""SHOW CORTEX BASE MODELS: what the account offers. Source: *SHOW CORTEX BASE MODELS*."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cortex_resources.model.base_models import Lifecycle, Offer
from cortex_resources.model.effects import Effect, Statement

Row = Mapping[str, object]

_PREVIEWS = {"PUPR": Lifecycle.GA, "PRPR": Lifecycle.GA}
"""Public and private previews may be trained on."""


def show() -> Statement:
    """Read what the account offers; needs no warehouse and may be empty."""
    return Statement(
        "SHOW CORTEX BASE MODELS IN SCHEMA SNOWFLAKE.MODELS", Effect.READ, "base models"
    )


def parse(rows: Sequence[Row], name: str) -> Offer:
    """What is said about one base model; names are compared without case."""
    for row in rows:
        if str(row.get("name") or "").lower() == name.lower():
            word = str(row.get("lifecycle_status") or "").upper()
            return Offer(
                name, _lifecycle(word), _text(row.get("legacy_date")), _text(row.get("eol_date"))
            )
    return Offer(name)


def _lifecycle(word: str) -> Lifecycle:
    if word in _PREVIEWS:
        return _PREVIEWS[word]
    return Lifecycle(word) if word in tuple(Lifecycle) else Lifecycle.UNKNOWN


def _text(value: object) -> str:
    return "" if value is None else str(value)
