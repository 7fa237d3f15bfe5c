"""`models:` to the model, and warnings about what is allowed but worth knowing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cortex_resources.model import base_models, datasets
from cortex_resources.model.datasets import DatasetVersion
from cortex_resources.model.fingerprints import DataWatch
from cortex_resources.model.grants import Securable, SecurableType
from cortex_resources.model.guard import Rate
from cortex_resources.model.job_policy import (
    JobPolicy,
    OnCancelled,
    OnFailure,
    OnMissing,
    OnSupersede,
)
from cortex_resources.model.jobs import TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.snapshots import DatasetSnapshot
from cortex_resources.model.stack import DeclaredModel, Wait
from cortex_resources.model.views import TrainingView, reading
from cortex_resources.specs import aliases, gates, watched
from cortex_resources.specs.names import account_object, claim, qualified
from cortex_resources.specs.nodes import Node, Position
from cortex_resources.specs.queries import checked_query
from cortex_resources.specs.violations import Violations, nearest, suggestion


@dataclass(frozen=True, slots=True)
class Sources:
    """What models refer to elsewhere in the file.

    Arguments:
        keys: every key under `views:` and `snapshots:`.
        views, snapshots: those without violations.
        rates: credits per million tokens by base model in lower case.
    """

    keys: Mapping[str, frozenset[str]]
    views: Mapping[str, TrainingView]
    snapshots: Mapping[str, DatasetSnapshot]
    rates: Mapping[str, Rate]


def build(section: Node, sources: Sources, violations: Violations) -> tuple[DeclaredModel, ...]:
    """Every model, in the order of the file."""
    models: list[DeclaredModel] = []
    taken: dict[QualifiedName, Position] = {}
    called: dict[QualifiedName, Position] = {}
    for key, entry in section.entries.items():
        fields = entry.node
        if model := _model(key, fields, sources, violations):
            models.append(model)
            claim("model", model.job.model, fields.get("name").at, taken, violations)
            if model.alias:
                at = fields.get("alias").get("name").at
                claim("alias", model.alias.name, at, called, violations)
    return tuple(models)


def check_epochs(section: Node, violations: Violations) -> None:
    """Note epochs that a base model does not take; the schema's bounds are those of most."""
    for entry in section.entries.values():
        base_model, epochs = entry.node.get("base_model").text or "", entry.node.get("max_epochs")
        if base_models.epochs_of(base_model) == base_models.EPOCHS:
            continue
        if told := base_models.epochs_fault(base_model, epochs.whole):
            violations.last(epochs.at, told)


def warnings(section: Node) -> tuple[str, ...]:
    """What the account may refuse later, each with its position."""
    found = []
    for entry in section.entries.values():
        node = entry.node.get("base_model")
        allowed = entry.node.get("allow_legacy").flag is True
        if node.text and (notice := base_models.notice(node.text, allow_legacy=allowed)):
            near = nearest(node.text, base_models.BASE_MODELS)
            meant = f"; did you mean {near}?" if near not in ("", node.text.lower()) else ""
            found.append(f"{node.at}: {notice}{meant}")
    return tuple(found)


def _model(
    key: str, fields: Node, sources: Sources, violations: Violations
) -> DeclaredModel | None:
    job = _job(fields, sources, violations)
    alias = aliases.build(fields, violations)
    _check_budget(fields, sources, violations)
    if job is None:
        return None
    wait = fields.get("wait").text
    stated: dict[str, Any] = {
        "comment": fields.get("comment").text,
        "wait": Wait(wait) if wait in tuple(Wait) else None,
        "wait_minutes": fields.get("wait_minutes").number,
        "job_policy": _policy(fields),
    }
    return DeclaredModel(
        key=key,
        job=job,
        alias=alias,
        reads=tuple(dict.fromkeys(_read(fields, sources))),
        data=_watched(fields, sources, violations),
        gate=gates.build(fields, job.model, violations),
        thresholds=gates.thresholds(fields.get("gate")),
        **{name: value for name, value in stated.items() if value is not None},
    )


_KINDS_OF_DATA = frozenset({"view", "snapshot", "query", "dataset"})

_WORDS: dict[str, type[StrEnum]] = {
    "on_failure": OnFailure,
    "on_cancelled": OnCancelled,
    "on_missing": OnMissing,
    "on_supersede": OnSupersede,
}


def _policy(fields: Node) -> JobPolicy:
    """What may happen by itself; a value of another type is the schema's violation."""
    written: dict[str, Any] = {
        key: words(text)
        for key, words in _WORDS.items()
        if (text := fields.get(key).text) in tuple(words)
    }
    legacy = fields.get("allow_legacy").flag
    return JobPolicy(
        **written,
        allow_legacy=False if legacy is None else legacy,
        abort_after_minutes=fields.get("abort_after_minutes").number,
        stall_timeout_minutes=fields.get("stall_timeout_minutes").number,
    )


def _job(fields: Node, sources: Sources, violations: Violations) -> TrainingJob | None:
    name = violations.parsed(fields.get("name"), qualified)
    training = _query(fields.get("training"), sources, violations)
    validation = _query(fields.get("validation"), sources, violations)
    run_as, budget = fields.get("run_as"), fields.get("budget")
    role = violations.parsed(run_as.get("role"), account_object)
    warehouse = violations.parsed(run_as.get("warehouse"), account_object)
    base_model = fields.get("base_model").text
    documents = violations.parsed(fields.get("training").get("dataset"), DatasetVersion.parse)
    held_out = violations.parsed(fields.get("validation").get("dataset"), DatasetVersion.parse)
    _check_base_model(fields, base_model or "", violations)
    if not (name and (training or documents) and base_model):
        return None
    job = TrainingJob(
        model=name,
        base_model=base_model,
        training_query=training,
        validation_query=validation or None,
        max_epochs=fields.get("max_epochs").whole,
        definitions=_definitions(fields, sources),
        retrain_token=fields.get("retrain_token").text or "",
        max_trained_tokens=budget.get("max_trained_tokens").whole,
        max_credits=budget.get("max_credits").number,
        max_rows=budget.get("max_rows").whole,
        rate=sources.rates.get(base_model.lower()),
        training_dataset=documents,
        validation_dataset=held_out,
        role=str(role) if role else None,
        warehouse=str(warehouse) if warehouse else None,
    )
    violations.parsed(fields.get("name"), lambda _: job.model_name)
    return job


def _check_base_model(fields: Node, base_model: str, violations: Violations) -> None:
    """Does the base model take this kind of data?"""
    training, validation = fields.get("training"), fields.get("validation")
    on_dataset = "dataset" in training.entries
    if _is_said(training) and (text := base_models.unfit(base_model, on_dataset=on_dataset)):
        violations.add(fields.get("base_model").at, text)
    if (
        _is_said(validation)
        and _is_said(training)
        and ("dataset" in validation.entries) != on_dataset
    ):
        violations.add(
            fields.entries["validation"].key_at,
            "training and validation read the same kind of data; give both a dataset or neither",
        )


def _is_said(source: Node) -> bool:
    """Whether it has a key that names data; an unknown one alone is the schema's violation."""
    return not _KINDS_OF_DATA.isdisjoint(source.entries)


def _query(source: Node, sources: Sources, violations: Violations) -> str:
    """The query that `training:` or `validation:` means; nothing after a violation."""
    for part, known in sources.keys.items():
        key = source.get(part)
        if key.text is not None and key.text not in known:
            way_out = suggestion(key.text, known, f"the {part}s")
            violations.add(key.at, f"there is no {part} {key.text}; {way_out}")
    if view := sources.views.get(source.get("view").text or ""):
        return reading(view.name)
    if snapshot := sources.snapshots.get(source.get("snapshot").text or ""):
        return snapshot.training_query
    return checked_query(source.get("query"), violations)


def _watched(fields: Node, sources: Sources, violations: Violations) -> DataWatch:
    entry, training = fields.entries.get("data"), fields.get("training")
    if entry and training.get("snapshot").text:
        violations.add(
            entry.key_at,
            "frozen rows do not change, so there is nothing to watch; write another as_of in the"
            " snapshot to train on newer ones",
        )
    if entry and "dataset" in training.entries:
        violations.add(
            entry.key_at,
            "a version of a dataset does not change, so there is nothing to watch; name another"
            " version to train on newer documents",
        )
    return watched.build(fields.get("data"), _hashed(fields, sources), violations)


def _hashed(fields: Node, sources: Sources) -> tuple[str, ...]:
    """What the rows are read by: the query of a view, which may not exist yet, or the model's."""
    found = []
    for part in ("training", "validation"):
        source = fields.get(part)
        view = sources.views.get(source.get("view").text or "")
        found.append(view.query if view else source.get("query").text)
    return tuple(query for query in found if query)


def _view_keys(fields: Node) -> list[str]:
    keys = (fields.get(part).get("view").text for part in ("training", "validation"))
    return [key for key in keys if key]


def _read(fields: Node, sources: Sources) -> Iterator[Securable]:
    for part in ("training", "validation"):
        source = fields.get(part)
        if view := sources.views.get(source.get("view").text or ""):
            yield Securable(SecurableType.VIEW, view.name)
        if frozen := sources.snapshots.get(source.get("snapshot").text or ""):
            yield Securable(SecurableType.TABLE, frozen.table)


def _definitions(fields: Node, sources: Sources) -> tuple[str, ...]:
    keys = dict.fromkeys(_view_keys(fields))
    return tuple(sources.views[key].query for key in keys if key in sources.views)


def _check_budget(fields: Node, sources: Sources, violations: Violations) -> None:
    if "dataset" in fields.get("training").entries:
        _check_uncounted(fields, violations)
        return
    limit = fields.get("budget").entries.get("max_credits")
    base_model = fields.get("base_model").text
    if limit and base_model and base_model.lower() not in sources.rates:
        violations.add(
            limit.key_at,
            f"max_credits needs the price of {base_model}; add it under rates: with the day on"
            " which you read it",
        )
    if "budget" in fields.entries and "max_epochs" not in fields.entries:
        violations.add(
            fields.entries["budget"].key_at,
            "a budget without max_epochs could be missed tenfold; add max_epochs: 1 to 10",
        )


def _check_uncounted(fields: Node, violations: Violations) -> None:
    if "budget" in fields.entries:
        violations.add(
            fields.entries["budget"].key_at,
            f"{datasets.UNKEPT}; take it out and bound the job by max_epochs",
        )
