"""The property bag of a paid job, read into what it declares."""

from __future__ import annotations

from dataclasses import fields
from enum import StrEnum
from typing import TypeVar

from cortex_resources.model.datasets import DatasetVersion
from cortex_resources.model.fingerprints import DataWatch, FingerprintBy, OnDataChange
from cortex_resources.model.guard import Pace, Rate
from cortex_resources.model.job_policy import (
    JobPolicy,
    OnCancelled,
    OnFailure,
    OnMissing,
    OnSupersede,
)
from cortex_resources.model.jobs import FINETUNE, TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.orders import Order
from cortex_resources.providers import bag
from cortex_resources.providers.bag import Bag
from cortex_resources.providers.seat import Owner

W = TypeVar("W", bound=StrEnum)


def desired(props: Bag) -> TrainingJob:
    """The job that a bag declares."""
    return TrainingJob(
        model=QualifiedName.parse(bag.text(props, "model"), depth=3),
        base_model=bag.text(props, "base_model"),
        training_query=bag.text(props, "training_query"),
        validation_query=bag.optional(props, "validation_query"),
        max_epochs=bag.whole(props, "max_epochs"),
        definitions=bag.ordered(props, "definitions"),
        retrain_token=bag.text(props, "retrain_token"),
        data_fingerprint=bag.text(props, "data_fingerprint"),
        training_dataset=_dataset(props, "training_dataset"),
        validation_dataset=_dataset(props, "validation_dataset"),
        max_trained_tokens=bag.whole(props, "max_trained_tokens"),
        max_credits=bag.number(props, "max_credits"),
        max_rows=bag.whole(props, "max_rows"),
        rate=Rate.parse(bag.text(props, "rate")),
        role=bag.optional(props, "role"),
        warehouse=bag.optional(props, "warehouse"),
    )


def _dataset(props: Bag, key: str) -> DatasetVersion | None:
    text = bag.optional(props, key)
    return DatasetVersion.parse(text) if text else None


def addresses(job: TrainingJob) -> dict[str, str]:
    """The datasets of a job in their one spelling; nothing for a job on a query."""
    named = {
        "training_dataset": job.training_dataset,
        "validation_dataset": job.validation_dataset,
    }
    return {key: str(version) for key, version in named.items() if version}


def order(props: Bag) -> Order:
    """The order behind a bag, first attempt."""
    job = desired(props)
    return Order(job, Owner.of(props).marker(job.spec_hash))


def pace(props: Bag) -> Pace:
    """The limits on submits that a bag declares."""
    return Pace(*(bag.whole(props, field.name) for field in fields(Pace)))


def data_watch(props: Bag) -> DataWatch:
    """How the rows of the job are watched."""
    tables = bag.text(props, "data_tables").splitlines()
    return DataWatch(
        FingerprintBy(bag.text(props, "data_watch", FingerprintBy.NONE)),
        bag.text(props, "data_text"),
        tuple(QualifiedName.parse(name) for name in tables),
        bag.ordered(props, "data_queries"),
        OnDataChange(bag.text(props, "on_data_change", OnDataChange.REPORT)),
    )


def policy(props: Bag) -> JobPolicy:
    """What may happen by itself; a property that is not there is its default.

    States that were written before a policy existed hold none of them.
    """
    return JobPolicy(
        on_failure=_word(props, "on_failure", OnFailure.HOLD),
        on_cancelled=_word(props, "on_cancelled", OnCancelled.HOLD),
        on_missing=_word(props, "on_missing", OnMissing.ERROR),
        on_supersede=_word(props, "on_supersede", OnSupersede.CANCEL_FIRST),
        allow_legacy=bag.flag(props, "allow_legacy"),
        abort_after_minutes=bag.number(props, "abort_after_minutes"),
        stall_timeout_minutes=bag.number(props, "stall_timeout_minutes"),
    )


def _word(props: Bag, key: str, default: W) -> W:
    return type(default)(bag.text(props, key, default))


def backend_name(props: Bag) -> str:
    """The service that trains; older states name none."""
    return bag.text(props, "backend", FINETUNE)


def job_id_of(physical: str) -> str:
    """The job's id out of a physical id `DB.SCHEMA/ft_…`."""
    return physical.rpartition("/")[2]
