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

EPOCHS = range(1, 11)
"""Values `max_epochs` may have (*FINETUNE ('CREATE')*); one base model allows fewer."""

_LEGACY = datetime.date(2026, 8, 12)


@dataclass(frozen=True, slots=True)
class PairLimits:
    """What a base model takes of prompts and completions.

    `window`, `prompt_window` and `completion_window` are tokens; longer pairs are truncated
    silently. `rows` is the row limit, training and validation together, at one epoch: divide it by
    the epochs.
    """

    window: int
    prompt_window: int
    completion_window: int
    rows: int


@dataclass(frozen=True, slots=True)
class BaseModel:
    """One base model.

    Arguments:
        name: as FINETUNE takes it.
        pairs: the limits on pairs; None for a model that is tuned on a dataset of documents.
        legacy_since: the day from which accounts new to the model cannot train on it.
        tuned_legacy_since: the same of calling what was tuned on it.
        epochs: values `max_epochs` may have.
    """

    name: str
    pairs: PairLimits | None
    legacy_since: datetime.date | None = None
    tuned_legacy_since: datetime.date | None = None
    epochs: range = EPOCHS


BASE_MODELS: dict[str, BaseModel] = {
    model.name: model
    for model in (
        BaseModel("mistral-7b", PairLimits(32_000, 28_000, 4_000, 45_000), _LEGACY),
        BaseModel("mixtral-8x7b", PairLimits(32_000, 28_000, 4_000, 27_000), _LEGACY),
        BaseModel("llama3-8b", PairLimits(8_000, 6_000, 2_000, 186_000), _LEGACY),
        BaseModel("llama3-70b", PairLimits(8_000, 6_000, 2_000, 21_000), _LEGACY),
        BaseModel(
            "llama3.1-8b",
            PairLimits(24_000, 20_000, 4_000, 150_000),
            # Only its fine-tuned variant is on the list of deprecations.
            tuned_legacy_since=_LEGACY,
        ),
        BaseModel("llama3.1-70b", PairLimits(8_000, 6_000, 2_000, 13_500), _LEGACY),
        # *Fine-tuning arctic-extract models*: at most 1,000 files and questions times pages up to
        # 50,000, which only the account can count.
        BaseModel("arctic-extract", None, epochs=range(2, 11)),
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


def notice(name: str, *, allow_legacy: bool = False) -> str:
    """What a user should know before paying for training on this base model, or nothing."""
    model = BASE_MODELS.get(name.lower())
    if model is None:
        known = ", ".join(BASE_MODELS)
        return (
            f"base model {name} is not in the table of {AS_OF} ({known}): check the name, for only"
            " the account decides"
        )
    if model.legacy_since and allow_legacy:
        return (
            f"base model {name} is legacy since {model.legacy_since}: only accounts that used it"
            " before may train on it, and call what was tuned"
        )
    if model.legacy_since:
        return (
            f"base model {name} is legacy since {model.legacy_since} and refused for a new job:"
            " choose another, or set allow_legacy: true where your account may use it"
        )
    if model.tuned_legacy_since:
        return (
            f"base model {name} may be trained on, but what is tuned on it is legacy since"
            f" {model.tuned_legacy_since}: only accounts that used such a model before may call it"
        )
    return ""


def pair_limits(name: str) -> PairLimits | None:
    """The limits on prompts and completions; None where there are none or none are known."""
    model = BASE_MODELS.get(name.lower())
    return model.pairs if model else None


def takes_datasets(name: str) -> bool:
    """Whether a base model is tuned on documents; one that is not in the table is not known to."""
    model = BASE_MODELS.get(name.lower())
    return model is not None and model.pairs is None


def unfit(name: str, *, on_dataset: bool) -> str:
    """Why a base model cannot be tuned on such data; nothing where it can be, or is not known."""
    if takes_datasets(name) and not on_dataset:
        return (
            f"{name} is tuned on a dataset of documents: write training: {{dataset:"
            ' "snow://dataset/DATABASE.SCHEMA.DATASET/versions/VERSION"}'
        )
    if on_dataset and pair_limits(name):
        return (
            f"{name} is tuned on prompts and completions: write training: {{query: …}} or {{view:"
            " …}, or choose base_model: arctic-extract"
        )
    return ""


def epochs_of(name: str) -> range:
    """The numbers of epochs that a base model takes; those of most where it is not known."""
    model = BASE_MODELS.get(name.lower())
    return model.epochs if model else EPOCHS


def epochs_fault(name: str, epochs: int | None) -> str:
    """Why a number of epochs is not taken; nothing where it is, or is left to Snowflake."""
    allowed = epochs_of(name)
    if epochs is None or epochs in allowed:
        return ""
    return f"max_epochs is {epochs}: choose {allowed[0]} to {allowed[-1]}, which {name} takes"
