"""Jobs and models that carry a marker of ours: whose they are, where they stand, who knows them.

A job is known by the key in front of its training query, a model by the marker in its comment;
both are read from the account, so the list is right also where Pulumi's state is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cortex_resources.errors import InvalidNameError
from cortex_resources.model import sqltext
from cortex_resources.model.effects import Statement
from cortex_resources.model.guard import Rate
from cortex_resources.model.jobs import JobRecord, Marker, ModelRecord, Phase, Status
from cortex_resources.model.names import QualifiedName, is_version
from cortex_resources.model.stack import DeclaredModel, Stack
from cortex_resources.sql import finetune, models

CANDIDATES = 100
"""Ended jobs that are looked into, newest first; whatever runs, or a marker names, is always."""

_KEY = re.compile(
    r"cortex-resources (?P<project>[^/]+)/(?P<stack>[^/]+)/(?P<key>.+?)"
    r" spec=(?P<spec_hash>[0-9a-f]{64})(?: as (?P<name>.+?))?(?: attempt \d+)?"
)
_ENDS = {Status.ERROR: Phase.FAILED, Status.CANCELLED: Phase.CANCELLED}


@dataclass(frozen=True, slots=True)
class Entry:
    """One job with its model, or what is left of the two.

    Arguments:
        owner: the declaration that the marker or the key names.
        job: the record, None where Snowflake no longer keeps it.
        model: what stands in the registry, None where nothing does.
        declared: the declaration of the same content in the stack file of today, if there is one.
        watched: the declaration of its key where only its rows tell whether it is the same content.
        rate: what the stack file says a million tokens of this base model cost.
        copy_of: the model whose marker this one carries too: it was copied from it.
        unseen_by: the roles that do not see its model, where nothing proves that it is gone.
        served_as: the aliases that call its model, as far as the asked roles see them.
    """

    owner: Marker
    job: JobRecord | None = None
    model: ModelRecord | None = None
    declared: DeclaredModel | None = None
    watched: DeclaredModel | None = None
    rate: Rate | None = None
    copy_of: QualifiedName | None = None
    unseen_by: str = ""
    served_as: tuple[QualifiedName, ...] = ()

    @property
    def job_id(self) -> str:
        """The job's id, also where only the model's marker still tells it."""
        return self.job.id if self.job else self.owner.job

    @property
    def phase(self) -> Phase:
        """Where it stands: the model is the proof, then the job's status counts."""
        if self.model is not None:
            return Phase.READY
        if self.job is None:
            return Phase.LOST
        if not self.job.status.is_terminal:
            return Phase.TRAINING
        return _ENDS.get(self.job.status, Phase.MISSING)

    @property
    def model_name(self) -> QualifiedName | None:
        """The model, or what the job says it saves."""
        if self.model is not None:
            return self.model.name
        return self.job.model if self.job else None

    @property
    def base_model(self) -> str | None:
        """What was tuned."""
        if self.job is not None and self.job.base_model:
            return self.job.base_model
        return self.declared.job.base_model if self.declared else None

    @property
    def tokens(self) -> int | None:
        """Trained tokens as Snowflake counted them so far."""
        return self.job.trained_tokens if self.job else None

    @property
    def credits(self) -> float | None:
        """What these tokens cost, where a rate is stated."""
        if self.rate is None or self.tokens is None:
            return None
        return self.rate.credits(self.tokens)

    @property
    def created_on(self) -> int | None:
        """Milliseconds since 1970: of the job, else of the model."""
        if self.job is not None and self.job.created_on is not None:
            return self.job.created_on
        return self.model.created_on if self.model else None

    @property
    def is_claimed(self) -> bool:
        """Whether the model itself says whose it is."""
        return self.model is not None and models.marker_of(self.model.comment) is not None


def owner_in(training_data: str | None) -> Marker | None:
    """Whose a job is, from the comment in front of its training query."""
    found = _KEY.fullmatch(sqltext.leading_comment(training_data or ""))
    if found is None:
        return None
    return Marker(found["project"], found["stack"], found["key"], found["spec_hash"])


def requested_in(training_data: str | None) -> QualifiedName | None:
    """The model that a job was submitted for, where the key says it."""
    found = _KEY.fullmatch(sqltext.leading_comment(training_data or ""))
    try:
        return QualifiedName.parse(found["name"], depth=3) if found and found["name"] else None
    except InvalidNameError:
        return None


def to_describe(jobs: Iterable[JobRecord], named: Iterable[str]) -> tuple[list[JobRecord], int]:
    """The jobs of a list that are looked into, and how many older ones are not.

    Arguments:
        jobs: what SHOW listed.
        named: ids in markers of models.
    """
    marked = set(named)
    newest = sorted(jobs, key=lambda job: (-(job.created_on or 0), job.id))
    always = [job for job in newest if job.id in marked or not job.status.is_terminal]
    others = [job for job in newest if job.id not in marked and job.status.is_terminal]
    return [*always, *others[:CANDIDATES]], max(0, len(others) - CANDIDATES)


def entries(
    project: str,
    jobs: Iterable[JobRecord],
    registry: Mapping[QualifiedName, ModelRecord],
    stacks: Sequence[Stack],
) -> list[Entry]:
    """Everything of a project, by stack and key, the newest first."""
    described = {job.id: job for job in jobs}
    found: list[Entry] = []
    marked = [(m, marker) for m in registry.values() if (marker := models.marker_of(m.comment))]
    originals = {
        marker: model.name for model, marker in marked if is_version(model.name, marker.spec_hash)
    }
    for model, marker in marked:
        original = originals.get(marker, model.name)
        copy_of = None if original == model.name else original
        found.append(Entry(marker, described.get(marker.job), model, copy_of=copy_of))
    for _, marker in marked:
        described.pop(marker.job, None)
    for job in described.values():
        owner = owner_in(job.training_data)
        if owner is not None:
            found.append(Entry(owner, job, _unclaimed(job, registry)))
    ours = [_declared(item, stacks) for item in found if item.owner.project == project]
    return sorted(ours, key=_order)


def _order(item: Entry) -> tuple[str, str, int, str]:
    return item.owner.stack, item.owner.model, -(item.created_on or 0), item.job_id


def _unclaimed(job: JobRecord, registry: Mapping[QualifiedName, ModelRecord]) -> ModelRecord | None:
    """The model that a job's record names, when nobody has claimed it."""
    if job.status is not Status.SUCCESS or job.model is None:
        return None
    model = registry.get(job.model)
    return model if model and models.marker_of(model.comment) is None else None


def _declared(item: Entry, stacks: Sequence[Stack]) -> Entry:
    """The same with what the stack file of its stack says about it today."""
    of_stack = [m for s in stacks if s.name == item.owner.stack for m in s.models]
    same = (m for m in of_stack if _content(m) == item.owner.spec_hash)
    watched = (m for m in of_stack if m.key == item.owner.model and m.data.stated is None)
    known = replace(item, declared=next(same, None), watched=next(watched, None))
    base = (known.base_model or "").lower()
    rates = (m.job.rate for m in of_stack if m.job.rate and m.job.base_model == base)
    return replace(known, rate=next(rates, None))


def _content(model: DeclaredModel) -> str | None:
    """The hash that a run without a state gives the declaration; None where the rows decide."""
    stated = model.data.stated
    return None if stated is None else replace(model.job, data_fingerprint=stated).spec_hash


@dataclass(frozen=True, slots=True)
class Known:
    """Jobs and models that a state knows."""

    jobs: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()


def known(resources: Iterable[Mapping[str, object]]) -> Known:
    """What the resources of an exported state know; what waits for its deletion counts too."""
    jobs: set[str] = set()
    names: set[str] = set()
    for resource in resources:
        outputs = resource.get("outputs")
        if not isinstance(outputs, dict):
            continue
        for key in ("job_id", "job"):
            jobs.add(_text(outputs, key).rpartition("/")[2])
        names.update(_text(outputs, key) for key in ("saved_as", "model_name"))
        names.update(_text(outputs, "previous_models").split("\n"))
    return Known(frozenset(jobs - {""}), frozenset(names - {""}))


def _text(outputs: Mapping[str, object], key: str) -> str:
    value = outputs.get(key)
    return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Orphan:
    """Something of ours that is in no state.

    Arguments:
        entry: what it is.
        adopt: how it comes back under the stack.
        remove: the statement that ends it; of a copy, the one that takes our marker off it.
    """

    entry: Entry
    adopt: str
    remove: Statement


def orphans(found: Iterable[Entry], states: Mapping[str, Known]) -> list[Orphan]:
    """What runs or stands in the account and is in no state.

    A job that ended without a model is no orphan: it costs nothing and Snowflake forgets it.

    Arguments:
        found: the entries of a project.
        states: what each stack's state knows; a stack that is missing here knows nothing.
    """
    everything = Known(
        frozenset(job for state in states.values() for job in state.jobs),
        frozenset(name for state in states.values() for name in state.models),
    )
    return [made for item in found if (made := _orphan(item, everything)) is not None]


def _orphan(item: Entry, state: Known) -> Orphan | None:
    if item.model is not None and item.copy_of is not None:
        bare = models.set_comment(item.model.name, models.without_marker(item.model.comment))
        return Orphan(item, f"nothing: it carries the marker of {item.copy_of}, a copy", bare)
    if item.job_id in state.jobs:
        return None
    if item.phase is Phase.TRAINING:
        return Orphan(item, _adoption(item), finetune.cancel(item.job_id))
    if item.model is None or str(item.model.name) in state.models:
        return None
    return Orphan(item, _adoption(item), models.drop(item.model.name))


def _adoption(item: Entry) -> str:
    stack, key = item.owner.stack, item.owner.model
    up = f"pulumi up --stack {stack}"
    if item.declared is not None:
        # A comment of the shell, so that the line can be pasted as it is.
        up = f"{up}  # models.{item.declared.key} declares it, nothing is paid"
    elif item.watched is not None:
        up = f"{up}, if its preview adopts it: models.{key} watches rows, which may have moved"
    else:
        up = f"declare models.{key} with spec {item.owner.spec_hash[:10]} again, then {up}"
    if item.model is None or item.is_claimed:
        return up
    marker = Marker(item.owner.project, stack, key, item.owner.spec_hash, item.job_id)
    return f"{models.set_comment(item.model.name, item.model.comment, marker).text}; then {up}"
