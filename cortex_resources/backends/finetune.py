"""SNOWFLAKE.CORTEX.FINETUNE behind the seam."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from cortex_resources.backends import replies, signatures
from cortex_resources.backends.seam import Capabilities, Run
from cortex_resources.errors import (
    ObjectMissingError,
    PrivilegeMissingError,
    StatementRefusedError,
)
from cortex_resources.gateway import redaction
from cortex_resources.model.base_models import SERVICE_NOTICE
from cortex_resources.model.datasets import version_in
from cortex_resources.model.jobs import JobRecord, ModelRecord, Status, TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.orders import Found, Order, OurJob
from cortex_resources.plan import adoption
from cortex_resources.sql import finetune, history, models

Models = dict[QualifiedName, ModelRecord]


class Finetune:
    """The service of the documentation page *Fine-tuning (Snowflake Cortex)*."""

    @property
    def capabilities(self) -> Capabilities:
        """Models carry comments; rows come from queries, but for the base models on datasets."""
        return Capabilities(
            has_comments=True, has_base_models=True, is_sql=True, notice=SERVICE_NOTICE
        )

    def submit(self, order: Order, run: Run) -> str:
        """FINETUNE CREATE."""
        return finetune.job_id(run(finetune.create(order.job, adoption.key_of(order))))

    def find(self, order: Order, run: Run, *, with_failures: bool = False) -> Found:
        """The registry, then the jobs, then query history, then the models beside: each only where
        the one before is silent."""
        model = shown(run, order.job.model_name)
        existing: Models = {model.name: model} if model else {}
        if adoption.proven(model, order.marker) is not None:
            return adoption.found(order, (), existing)
        known = described(order.job, listed(run), run, with_failures=with_failures)
        existing |= _made_by(run, known, existing)
        seen = adoption.found(order, known, existing)
        if seen.live or seen.made:
            return seen
        told = list(_answered(order, run))
        if any(item.is_unnamed for item in told) and not with_failures:
            # It may have failed: what is paid twice is asked for in full.
            known = described(order.job, listed(run), run, with_failures=True)
        existing |= _made_by(run, [item.job for item in told if item.job], existing)
        seen = adoption.found(order, known, existing, told)
        if seen.live or seen.made:
            return seen
        return adoption.found(order, known, existing | beside(run, order.job.model_name), told)

    def running(self, order: Order, run: Run) -> tuple[OurJob, ...]:
        """Those of SHOW that run and carry the order's key, in their query or their query tag."""
        live = [job for job in listed(run) if not job.status.is_terminal]
        return adoption.found(order, described(order.job, live, run), {}).live

    def predecessors(self, order: Order, run: Run) -> list[JobRecord]:
        """Jobs whose training query, or query tag, carries the key of the same declaration."""
        return adoption.predecessors(described(order.job, listed(run), run), order)

    def observe(self, job_id: str, beside: QualifiedName, run: Run) -> JobRecord | None:
        """DESCRIBE; a lost record is believed only when SHOW does not list the job either.

        A refusal for want of rights, or a question that the account gave up on, is no absence: a
        job taken for gone would train on, unseen and paid. The number of the error for a lost
        record is nowhere told.
        """
        if not job_id:
            return None
        try:
            rows = run(finetune.describe(job_id))
        except (StatementRefusedError, ObjectMissingError):
            if any(job.id == job_id for job in listed(run)):
                raise
            return None
        record = record_of(rows, beside)
        if record.status is Status.ERROR and version_in(record.training_data):
            # How often it was tried decides whether it is tried again.
            record = signatures.signed([record], beside.parent.parent, run)[0]
        return record

    def cancel(self, job_id: str, run: Run) -> bool:
        """FINETUNE CANCEL."""
        return finetune.is_cancelled(finetune.reply(run(finetune.cancel(job_id))))

    def artifact(self, name: QualifiedName, run: Run) -> ModelRecord | None:
        """SHOW MODELS."""
        return models.parse(run(models.show(name))).get(name)

    def discard(self, name: QualifiedName, run: Run) -> None:
        """DROP MODEL."""
        run(models.drop(name))


def record_of(rows: Sequence[Mapping[str, object]], beside: QualifiedName) -> JobRecord:
    """Read the reply of DESCRIBE; what an error quotes from training rows is taken out.

    Arguments:
        rows: the reply.
        beside: the requested model; an unqualified name in the reply lies in its schema.
    """
    job = finetune.parse_job(finetune.reply(rows), beside=beside)
    if job.error_message is None:
        return job
    query = job.training_data or ""
    return replace(
        job, error_message=redaction.message(job.error_message, query, errno=0, sqlstate="")
    )


def listed(run: Run) -> list[JobRecord]:
    """Every job that SHOW tells of."""
    return finetune.parse_jobs(finetune.reply(run(finetune.show())))


def described(
    job: TrainingJob, jobs: Sequence[JobRecord], run: Run, *, with_failures: bool = False
) -> list[JobRecord]:
    """The jobs of a list that may be this one or an earlier one of it, with what they train on."""
    return looked_into(
        job, adoption.candidates(jobs, job.base_model, with_failures=with_failures), run
    )


def looked_into(job: TrainingJob, chosen: Sequence[JobRecord], run: Run) -> list[JobRecord]:
    """Those of the chosen jobs that this role may see, with what they train on."""
    looks = (_look(run, candidate, job.model_name) for candidate in chosen)
    found = [record for record in looks if record is not None]
    if job.training_dataset is None:
        return found
    return signatures.signed(found, job.model.parent.parent, run)


def _look(run: Run, job: JobRecord, beside: QualifiedName) -> JobRecord | None:
    try:
        record = record_of(run(finetune.describe(job.id)), beside)
    except (ObjectMissingError, PrivilegeMissingError):
        return None  # Hidden, or another role's: not a job that we could have submitted.
    except StatementRefusedError as error:
        if replies.is_unanswered(error) or not job.status.is_terminal:
            # It may be ours: paying for another one on a guess is worse than stopping.
            raise
        return None  # Collected between SHOW and DESCRIBE; its model speaks for itself.
    # An older DESCRIBE tells of a running job less than SHOW does.
    return replace(record, created_on=record.created_on or job.created_on)


def shown(run: Run, name: QualifiedName) -> ModelRecord | None:
    """A model, None also where its schema is not there or not seen."""
    try:
        return models.parse(run(models.show(name))).get(name)
    except ObjectMissingError:
        return None


def beside(run: Run, name: QualifiedName) -> Models:
    """The models of its schema, none where that is not there or not seen."""
    try:
        return models.parse(run(models.show_beside(name)))
    except ObjectMissingError:
        return {}


def _made_by(run: Run, jobs: Sequence[JobRecord], known: Models) -> Models:
    names = {record.model for record in jobs if record.model} - set(known)
    found = (shown(run, name) for name in sorted(names))
    return {model.name: model for model in found if model}


def _answered(order: Order, run: Run) -> Iterator[adoption.Answered]:
    """What query history tells of the order, with the job that each CREATE gave."""
    database = order.job.model.parent.parent
    for trace in history.parse(run(history.search(order.key, database))):
        if trace.is_removal or trace.outcome is not history.Outcome.DONE:
            yield adoption.Answered(trace)
            continue
        job_id = replies.job_id(trace.query_id, run)
        job = Finetune().observe(job_id, order.job.model_name, run)
        yield adoption.Answered(trace, job_id, job)
