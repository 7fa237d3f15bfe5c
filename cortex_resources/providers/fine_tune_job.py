"""The provider of `FineTuneJob`: submits, never waits, never raises once the id is known."""

from __future__ import annotations

from dataclasses import fields, replace

from cortex_resources.errors import (
    AccountError,
    ObjectMissingError,
    PolicyError,
    PrivilegeMissingError,
    ReplyLostError,
    StatementRefusedError,
)
from cortex_resources.model import sqltext
from cortex_resources.model.cost import costs, identity
from cortex_resources.model.effects import Statement
from cortex_resources.model.fingerprints import DataWatch, FingerprintBy, OnDataChange
from cortex_resources.model.guard import Pace, Rate
from cortex_resources.model.jobs import JobRecord, Marker, Status, TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.plan import artifacts, staleness
from cortex_resources.plan import jobs as plan
from cortex_resources.plan.staleness import Kept
from cortex_resources.preflight import data_watch as data_watch_of_now
from cortex_resources.preflight import guard, records, submit, training_data
from cortex_resources.preflight.submit import Runner
from cortex_resources.providers import bag, declared_now, engine_log
from cortex_resources.providers.bag import Bag
from cortex_resources.providers.lifecycle import Failures, Inputs, KindProvider
from cortex_resources.providers.seat import Owner, Seat
from cortex_resources.sql import finetune, models


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
        max_trained_tokens=bag.whole(props, "max_trained_tokens"),
        max_credits=bag.number(props, "max_credits"),
        max_rows=bag.whole(props, "max_rows"),
        rate=Rate.parse(bag.text(props, "rate")),
        role=bag.optional(props, "role"),
        warehouse=bag.optional(props, "warehouse"),
    )


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


def job_id_of(physical: str) -> str:
    """The job's id out of a physical id `DB.SCHEMA/ft_…`."""
    return physical.rpartition("/")[2]


def describe(seat: Seat, job_id: str, beside: QualifiedName) -> JobRecord | None:
    """One look at a job; None when Snowflake no longer keeps its record.

    A missing record is not a missing model; a refusal for want of rights, or a question that the
    account gave up on, is no absence: a job taken for gone would train on, unseen and paid.
    """
    if not job_id:
        return None
    try:
        rows = seat.read(finetune.describe(job_id))
    except (StatementRefusedError, ObjectMissingError):
        if _is_listed(seat, job_id):
            raise
        return None
    return records.of(rows, beside)


def _is_listed(seat: Seat, job_id: str) -> bool:
    """Whether the account lists the job; the number of the error for a lost record is nowhere told.

    An account that cannot be asked fails here, too.
    """
    listed = finetune.parse_jobs(finetune.reply(seat.read(finetune.show())))
    return any(job.id == job_id for job in listed)


class FineTuneJobProvider(KindProvider):
    """Property bag to `TrainingJob` and back."""

    named = "model_name"
    compared = (
        *costs(TrainingJob),
        *(field.name for field in fields(Pace)),
        *("data_watch", "data_text", "data_tables", "data_queries", "on_data_change", "data_seen"),
        "allow_training",
        "allow_drop",
        "connection",
    )
    computed = ("spec_hash", "model_name")
    asked_only = ("__declared",)
    replacing = identity(TrainingJob)

    def canonical(self, olds: Bag, news: Inputs) -> Inputs:
        """One spelling, the content hash, and the name that carries it."""
        for key in ("training_query", "validation_query"):
            before, now = bag.text(olds, key), bag.text(news, key)
            if now and sqltext.same(before, now):
                news[key] = before
        before_views, now_views = bag.ordered(olds, "definitions"), bag.ordered(news, "definitions")
        if list(map(sqltext.canonical, before_views)) == list(map(sqltext.canonical, now_views)):
            news["definitions"] = bag.by_position(before_views)
        news = {**news, **_watched(olds, news)}
        job = desired(news)
        return {
            **news,
            "model": str(job.model),
            "spec_hash": job.spec_hash,
            "model_name": str(job.model_name),
        }

    def faults(self, olds: Bag, news: Bag) -> Failures:
        """Rules of the job itself; and, when a submit is planned, what forbids it."""
        job = desired(news)
        found = plan.faults(job)
        is_planned = any(olds.get(key) != news.get(key) for key in ("spec_hash", "model"))
        if found or not is_planned:
            return found
        seat = Seat.of({**news, "role": None, "warehouse": None})
        marker = Owner.of(news).marker(job.spec_hash)
        found = submit.faults(
            job,
            marker,
            declared=submit.declared_in(bag.text(news, "__declared")),
            allow_training=bag.flag(news, "allow_training", default=True),
            read=seat.read,
            running_role=lambda: seat.running_role,
        )
        if not found:
            engine_log.info(submit.forecast(job, marker, seat.read))
        return found

    def made(self, news: Bag) -> tuple[str, Inputs]:
        """Adopt what exists of this spec, or submit once."""
        job, seat = desired(news), Seat.of(news)
        marker = Owner.of(news).marker(job.spec_hash)
        step = submit.decide_for_all(job, marker, seat.run, _everybody(seat))
        if isinstance(step, plan.AdoptModel):
            engine_log.info(f"adopted model {step.model.name}: nothing to train, 0 tokens")
            return _physical(job, step.job_id), _outputs(step.job_id, Status.SUCCESS, adopted=True)
        if isinstance(step, plan.AdoptJob):
            record = step.job
            engine_log.info(f"adopted job {record.id} ({record.word}) of {job.model}")
            return _physical(job, record.id), _outputs(record.id, record.status, adopted=True)
        job_id = self._submit(job, marker, step, news)
        engine_log.info(f"submitted job {job_id} for {job.model_name}")
        return _physical(job, job_id), _outputs(job_id, Status.PENDING, adopted=False)

    def _submit(self, job: TrainingJob, marker: Marker, step: plan.Submit, news: Bag) -> str:
        if not bag.flag(news, "allow_training", default=True):
            raise PolicyError(f"{job.model} is not trained: policy.allow_training is false")
        seat = Seat.of(news)
        training_data.require_columns(job.training_query, seat.columns)
        for note in guard.require(job, marker, pace(news), seat.run):
            engine_log.warning(note)
        try:
            return finetune.job_id(seat.run(step.statement))
        except ReplyLostError:
            # It may have taken effect: look for the job, never send it again.
            found = submit.decide(job, marker, seat.run)
            if isinstance(found, plan.AdoptJob):
                return found.job.id
            raise
        except (PrivilegeMissingError, ObjectMissingError) as error:
            raise submit.explained(error, job, seat.running_role) from None

    def seen(self, props: Bag) -> tuple[Inputs, Inputs] | None:
        """The live status, asked until it is final; a collected record changes nothing."""
        if finetune.status_of(bag.text(props, "status")).is_terminal:
            return {}, {}
        record = describe(Seat.of(props), bag.text(props, "job_id"), desired(props).model_name)
        if record is None:
            return {}, {}
        return {}, {"status": str(record.status)}

    def changed(self, _olds: Bag, _news: Bag) -> Inputs:
        """Nothing in the account: what may change in place is permission and guard only."""
        return {}

    def removed(self, props: Bag) -> None:
        """Cancel it while it runs; drop its model if nobody ever claimed it and the stack may."""
        job, job_id = desired(props), bag.text(props, "job_id")
        seat = Seat.for_removal(props, models.show(job.model_name))
        record = describe(seat, job_id, job.model_name)
        stop = plan.cancellation(record)
        if stop is not None:
            record = self._stopped(seat, stop, job_id, job.model_name)
        if record is None or record.model is None:
            return
        found = models.parse(seat.read(models.show(record.model))).get(record.model)
        marker = Owner.of(props).marker(job.spec_hash, record.id)
        allow_drop = bag.flag(props, "allow_drop")
        is_replaced = declared_now.is_declared(type(self).__name__, props)
        step = artifacts.unclaimed(
            record, found, marker, allow_drop=allow_drop, is_replaced=is_replaced
        )
        seat.carry_out(step)

    def _stopped(
        self, seat: Seat, stop: Statement, job_id: str, beside: QualifiedName
    ) -> JobRecord | None:
        """Cancel; it may have ended since it was looked at: what it made is not left behind."""
        try:
            answer = finetune.reply(seat.run(stop))
        except AccountError:
            record = describe(seat, job_id, beside)
            if plan.cancellation(record) is not None:
                raise
            return record
        record = describe(seat, job_id, beside)
        plan.require_cancelled(record, answer)
        return record


def _watched(olds: Bag, news: Bag) -> Inputs:
    """What is kept about the rows; a warning when they are others than the model was trained on.

    Raises:
        StatementRefusedError: a new job needs a fingerprint and the account would not tell it.
    """
    watch, job = data_watch(news), replace(desired(news), data_fingerprint="")
    before = None
    if olds and replace(desired(olds), data_fingerprint="").is_same_content(job):
        before = Kept(bag.text(olds, "data_fingerprint"), bag.text(olds, "data_seen"))
    seat = Seat.of({**news, "role": None, "warehouse": None})
    try:
        live = data_watch_of_now.live(watch, job.model, seat.read)
    except StatementRefusedError as error:
        if before is None:
            raise
        engine_log.warning(error.line)
        live = ""
    if before is not None and staleness.is_stale(before.seen, live):
        engine_log.warning(staleness.notice(str(job.model), watch.on_change))
    kept = staleness.kept(before, live, watch.by, watch.on_change)
    return {"data_fingerprint": kept.fingerprint, "data_seen": kept.seen}


def _everybody(seat: Seat) -> Runner | None:
    """Statements with the connection's own role, where the job has another."""
    return None if seat.role is None else replace(seat, role=None, warehouse=None).run


def _physical(job: TrainingJob, job_id: str) -> str:
    return f"{job.model.parent}/{job_id or job.model_name.name}"


def _outputs(job_id: str, status: Status, *, adopted: bool) -> Inputs:
    return {"job_id": job_id, "status": str(status), "adopted": adopted}
