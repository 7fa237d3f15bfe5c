"""Base models: their limits for tuning, where they can be tuned, and their lifecycle in time.

Limits are those of *Fine-tuning (Snowflake Cortex)* in its generations; lifecycle dates those of
*August 2026 Cortex model deprecations*. The list changes often, so it is data with dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

STATUSES: Final = ("GA", "PUPR", "PRPR", "LEGACY", "EOL")
# Where *Fine-tuning (Snowflake Cortex)* says that training runs.
TUNING_REGIONS: Final = (
    "AWS_US_WEST_2", "AWS_US_EAST_1", "AWS_EU_CENTRAL_1", "AZURE_EASTUS2",
)  # fmt: skip
_LEGACY_SINCE: Final = "2026-08-12"
_NOT_BEFORE: Final = "No sooner than 2026-10-14"


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A model that can be asked, and tuned when it has limits: in tokens, rows at one epoch."""

    name: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    rows: int = 0
    legacy_date: str | None = None
    eol_date: str | None = None
    documents: bool = False  # tuned from a Dataset of documents, asked by AI_EXTRACT

    @property
    def tunable(self) -> bool:
        """Whether some generation of the page lists it for tuning."""
        return self.rows > 0

    def lifecycle(self, overrides: Mapping[str, str], now: float) -> str:
        """GA, LEGACY, EOL …; a setting of the account comes before the dates.

        An end of life that is only "no sooner than" a day does not come by itself.
        """
        if self.name in overrides:
            return overrides[self.name]
        return "LEGACY" if self.legacy_date and _day(now) >= self.legacy_date else "GA"


def _day(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).date().isoformat()


ALL: Final = (
    # Its window and its rows are limited in another way: see `documents`.
    BaseModel("arctic-extract", 1_000_000, 1_000_000, 500_000, documents=True),
    BaseModel("llama3-70b", 6_000, 2_000, 21_000, _LEGACY_SINCE, _NOT_BEFORE),
    BaseModel("llama3-8b", 6_000, 2_000, 186_000, _LEGACY_SINCE, _NOT_BEFORE),
    BaseModel("llama3.1-405b"),
    BaseModel("llama3.1-70b", 6_000, 2_000, 13_500, _LEGACY_SINCE, _NOT_BEFORE),
    BaseModel("llama3.1-8b", 20_000, 4_000, 150_000),
    BaseModel("llama3.3-70b"),
    BaseModel("mistral-7b", 28_000, 4_000, 45_000, _LEGACY_SINCE, _NOT_BEFORE),
    BaseModel("mistral-large2"),
    BaseModel("mixtral-8x7b", 28_000, 4_000, 27_000, _LEGACY_SINCE, _NOT_BEFORE),
)
_BY_NAME: Final = {model.name: model for model in ALL}
LANGUAGE: Final = tuple(model for model in ALL if not model.documents)


def find(name: str) -> BaseModel | None:
    """The base model of this name; names are lower case."""
    return _BY_NAME.get(name)
