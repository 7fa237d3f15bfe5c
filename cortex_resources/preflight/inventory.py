"""Which jobs and models there are in an account, as far as some roles see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from cortex_resources.backends import signatures
from cortex_resources.errors import AccountError
from cortex_resources.model.datasets import version_in
from cortex_resources.model.effects import Statement
from cortex_resources.model.jobs import JobRecord, ModelRecord
from cortex_resources.model.names import QualifiedName
from cortex_resources.plan import inventory
from cortex_resources.sql import finetune, models

ReadAs = Callable[[Statement, str | None], list[dict[str, object]]]
"""Runs a READ with a role; None is the connection's own."""


@dataclass(slots=True)
class Seen:
    """What was found, and what could not be asked."""

    jobs: dict[str, JobRecord] = field(default_factory=dict)
    models: dict[QualifiedName, ModelRecord] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


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
