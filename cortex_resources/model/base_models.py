"""Base models that Snowflake offered for fine-tuning, as a dated table.

Data, not an enum: Snowflake may change the list at any time, so an unknown model is a warning and
the account has the last word. Source: *Fine-tuning (Snowflake Cortex)*, several generations of the
page, and *August 2026 Cortex model deprecations*.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum

AS_OF = datetime.date(2026, 11, 22)
"""The day this table was last compared with the documentation."""

SERVICE_NOTICE = (
    "Cortex Fine-tuning is scheduled for deprecation in Q1 2027 (as of 2026-11-22); models keep"
    " their jobs and names here, and a successor becomes another backend"
)
"""Told once per run. Source: the banner of *Fine-tuning (Snowflake Cortex)*."""

_ON_DATASETS = "arctic-extract"
"""Tuned on a dataset of documents, not on a query (*Fine-tuning arctic-extract models*)."""

_LEGACY = datetime.date(2026, 8, 12)


@dataclass(frozen=True, slots=True)
class BaseModel:
    """One base model and its limits.

    `window`, `prompt_window` and `completion_window` are tokens; longer pairs are truncated
    silently. `rows` is the row limit, training and validation together, at one epoch: divide it by
    the epochs. `legacy_since` is the day from which accounts new to the model cannot use it.
    """

    name: str
    window: int
    prompt_window: int
    completion_window: int
    rows: int
    legacy_since: datetime.date | None = None


BASE_MODELS: dict[str, BaseModel] = {
    model.name: model
    for model in (
        BaseModel("mistral-7b", 32_000, 28_000, 4_000, 45_000, _LEGACY),
        BaseModel("mixtral-8x7b", 32_000, 28_000, 4_000, 27_000, _LEGACY),
        BaseModel("llama3-8b", 8_000, 6_000, 2_000, 186_000, _LEGACY),
        BaseModel("llama3-70b", 8_000, 6_000, 2_000, 21_000, _LEGACY),
        BaseModel("llama3.1-8b", 24_000, 20_000, 4_000, 150_000, _LEGACY),
        BaseModel("llama3.1-70b", 8_000, 6_000, 2_000, 13_500, _LEGACY),
    )
}


class Lifecycle(StrEnum):
    """How far a base model is, in Snowflake's words (*SHOW CORTEX BASE MODELS*)."""

    GA = "GA"
    LEGACY = "LEGACY"
    EOL = "EOL"
    UNKNOWN = "UNKNOWN"
    """The account did not say: an empty answer is no end of life."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What the account says about one base model; dates are free text."""

    name: str
    lifecycle: Lifecycle = Lifecycle.UNKNOWN
    legacy_date: str = ""
    eol_date: str = ""


def notice(name: str) -> str:
    """What a user should know before paying for training on this base model, or nothing."""
    model = BASE_MODELS.get(name)
    if model is None:
        known = ", ".join(BASE_MODELS)
        return f"base model {name} is not in the table of {AS_OF} ({known}); the account decides"
    if model.legacy_since:
        return (
            f"base model {name} is legacy since {model.legacy_since}: only accounts that used it"
            " before may train on it"
        )
    return ""


def unfit(name: str) -> str:
    """Why a base model cannot be tuned on the rows of a query; nothing where it can be."""
    if name.lower() != _ON_DATASETS:
        return ""
    return (
        f"{_ON_DATASETS} is tuned on a dataset of documents, which cannot be declared here;"
        " choose a base model that is tuned on prompts and completions"
    )
