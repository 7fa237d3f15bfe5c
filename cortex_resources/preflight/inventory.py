"""Which jobs and models there are in an account, as far as some roles see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache, partial

from cortex_resources.backends import signatures
from cortex_resources.errors import AccountError, ObjectMissingError
from cortex_resources.model.datasets import version_in
from cortex_resources.model.effects import Statement
from cortex_resources.model.grants import Grantee
from cortex_resources.model.jobs import JobRecord, ModelRecord, Phase
from cortex_resources.model.names import QualifiedName
from cortex_resources.plan import inventory
from cortex_resources.plan.inventory import Entry
from cortex_resources.preflight import presence, serving
from cortex_resources.preflight.presence import Reader, Viewer
from cortex_resources.sql import finetune, models

ReadAs = Callable[[Statement, str | None], list[dict[str, object]]]
"""Runs a READ with a role; None is the connection's own."""


@dataclass(slots=True)
class Seen:
    """What was found, which roles were asked, and what could not be asked."""

    jobs: dict[str, JobRecord] = field(default_factory=dict)
    models: dict[QualifiedName, ModelRecord] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    roles: list[str | None] = field(default_factory=list)


def look(read: ReadAs, roles: Iterable[str]) -> Seen:
    """Everything that the connection's role sees, and that the roles of declared jobs see.

    Raises:
        AccountError: the connection's own role may not ask.
    """
    seen = Seen()
    listed: dict[str, tuple[JobRecord, str | None]] = {}
    for role in (None, *dict.fromkeys(roles)):
        try:
            found = finetune.parse_jobs(finetune.reply(read(finetune.show(), role)))
            seen.models |= models.parse(read(models.show_all(), role))
        except AccountError as error:
            if role is None:
                raise
            seen.notes.append(f"role {role} could not be asked: {error.line}")
            continue
        seen.roles.append(role)
        for job in found:
            listed.setdefault(job.id, (job, role))
    _describe(read, listed, seen)
    return seen


def _describe(read: ReadAs, listed: dict[str, tuple[JobRecord, str | None]], seen: Seen) -> None:
    markers = (models.marker_of(model.comment) for model in seen.models.values())
    named = {marker.job for marker in markers if marker}
    chosen, left_out = inventory.to_describe((job for job, _ in listed.values()), named)
    for job in chosen:
        try:
            rows = read(finetune.describe(job.id), listed[job.id][1])
        except AccountError as error:
            if not job.status.is_terminal:
                seen.notes.append(f"job {job.id} runs and could not be read: {error.line}")
            continue
        text = finetune.reply(rows)
        told = finetune.parse_job(text)
        beside = inventory.requested_in(told.training_data)
        seen.jobs[job.id] = finetune.parse_job(text, beside=beside)
    for job_id, record in seen.jobs.items():
        seen.jobs[job_id] = _signed(read, record, listed[job_id][1], seen)
    if left_out:
        seen.notes.append(f"{left_out} older jobs that ended were not looked into")


def proved(
    entries: Iterable[Entry],
    roles: Sequence[str | None],
    read: ReadAs,
    running_role: Callable[[str | None], Grantee],
) -> list[Entry]:
    """The same; a model that these roles do not see counts as missing only where it is gone.

    Arguments:
        entries: what was found.
        roles: which roles were asked; None is the connection's own.
        read: runs a READ with a role.
        running_role: what a role is called.
    """
    asked = cache(read)
    # A job's own role is the likeliest to see its model; the connection's is asked last.
    last = sorted(roles, key=lambda role: role is None)
    viewers = [Viewer(partial(_read_as, asked, role), partial(running_role, role)) for role in last]
    return [_proved(entry, viewers) for entry in entries]


def _read_as(read: ReadAs, role: str | None, statement: Statement) -> list[dict[str, object]]:
    return read(statement, role)


def _proved(entry: Entry, viewers: Sequence[Viewer]) -> Entry:
    name = entry.model_name
    if entry.phase is not Phase.MISSING or name is None:
        return entry
    try:
        unseen = presence.model_seen(name, viewers, _shown).unseen_by
    except ObjectMissingError:  # of its schema nobody sees anything
        unseen = presence.told(viewers)
    return replace(entry, unseen_by=unseen)


def _shown(name: QualifiedName, read: Reader) -> ModelRecord | None:
    return models.parse(read(models.show(name))).get(name)


def served(entries: Iterable[Entry], roles: Sequence[str | None], read: ReadAs) -> list[Entry]:
    """The same with the aliases that call their models, by what the functions' bodies say.

    Arguments:
        entries: what was found.
        roles: which roles are asked; None is the connection's own.
        read: runs a READ with a role.
    """
    found = list(entries)
    beside = {entry.model.name.database: entry.model.name for entry in found if entry.model}
    calls: dict[QualifiedName, set[QualifiedName]] = defaultdict(set)
    for model in beside.values():
        for role in roles:
            # What this role does not see another one may.
            with suppress(ObjectMissingError):
                for item in serving.callers(model, [partial(_read_as, read, role)]):
                    if item.serves is not None:
                        calls[item.serves].add(item.name)
    return [replace(entry, served_as=_aliases(entry, calls)) for entry in found]


def _aliases(
    entry: Entry, calls: Mapping[QualifiedName, set[QualifiedName]]
) -> tuple[QualifiedName, ...]:
    known = calls.get(entry.model.name, set()) if entry.model else set()
    return tuple(sorted(known, key=str))


def _signed(read: ReadAs, record: JobRecord, role: str | None, seen: Seen) -> JobRecord:
    """A job on a dataset with what query history tells of its owner."""
    version = version_in(record.training_data)
    if version is None:
        return record
    database = version.dataset.parent.parent
    try:
        return signatures.signed([record], database, lambda statement: read(statement, role))[0]
    except AccountError as error:
        seen.notes.append(f"job {record.id} could not be looked up in history: {error.line}")
        return record
