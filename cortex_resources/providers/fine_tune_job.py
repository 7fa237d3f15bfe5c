"""The provider of `FineTuneJob`: submits, never waits, never raises once the id is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from types import MappingProxyType

from cortex_resources.backends import registry
from cortex_resources.backends.seam import TrainingBackend
from cortex_resources.errors import (
    CortexError,
    NoDatasetError,
    ObjectMissingError,
    OwnershipError,
    PolicyError,
    PrivilegeMissingError,
    ReplyLostError,
)
from cortex_resources.model import sqltext
from cortex_resources.model.cost import costs, identity
from cortex_resources.model.guard import Pace
from cortex_resources.model.job_policy import JobPolicy, OnMissing, OnSupersede
from cortex_resources.model.jobs import JobRecord, Phase, Status, TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.orders import Order
from cortex_resources.plan import artifacts, forecasts, job_life, waiting
from cortex_resources.plan import jobs as plan
from cortex_resources.plan.situations import Action, Moment, Situation, Step
from cortex_resources.preflight import (
    datasets,
    guard,
    presence,
    renamed,
    submit,
    training_data,
    view_texts,
)
from cortex_resources.preflight.presence import Viewer
from cortex_resources.preflight.submit import Runner
from cortex_resources.providers import (
    after_training,
    bag,
    cancelling,
    declared_now,
    engine_log,
    job_properties,
    watched_rows,
)
from cortex_resources.providers.bag import Bag
from cortex_resources.providers.job_properties import desired
from cortex_resources.providers.lifecycle import Failures, Inputs, KindProvider
from cortex_resources.providers.seat import Seat
from cortex_resources.sql import finetune, models


class FineTuneJobProvider(KindProvider):
    """Property bag to `TrainingJob` and back."""

    named = "model_name"
    compared = (
        *costs(TrainingJob),
        *(field.name for field in fields(Pace)),
        *("data_watch", "data_text", "data_tables", "data_queries", "on_data_change", "data_seen"),
        *(field.name for field in fields(JobPolicy)),
        "allow_training",
        "allow_drop",
        "retain",
        "connection",
    )
    computed = ("spec_hash", "model_name")
    quiet = ("allow_training",)
    asked_only = ("__declared", "__reads", after_training.GATE, after_training.ALIAS)
    judged = ("ended",)
    absent = MappingProxyType(
        {
            "data_fingerprint": "",
            "data_watch": "none",
            "data_text": "",
            "data_tables": "",
            "data_queries": {},
            "on_data_change": "report",
            "data_seen": "",
        }
    )
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
        news = {**news, **watched_rows.kept(olds, news)}
        job = desired(news)
        return {
            **news,
            "model": str(job.model),
            "base_model": job.base_model,
            **job_properties.addresses(job),
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
        seat, order = Seat.of({**news, "role": None, "warehouse": None}), job_properties.order(news)
        try:
            told = submit.forecast(
                order, job_properties.policy(news), _backend(news), seat.read, _viewers(news)
            )
        except CortexError as error:
            return [(_refused_property(error, job), error.line)]
        if told.is_paid:
            found = [*_forbidden(job, news, seat), *after_training.faults(job, news)]
        if found:
            return found
        (engine_log.warning if told.is_held else engine_log.info)(told.text)
        return []

    def made(self, news: Bag) -> tuple[str, Inputs]:
        """Adopt what exists of this spec, or submit once."""
        order, seat = job_properties.order(news), Seat.of(news)
        policy, backend = job_properties.policy(news), _backend(news)
        step = submit.decide_for_all(
            order, policy, backend, seat.run, _everybody(seat), viewers=_viewers(news)
        )
        if step.action is Action.SUBMIT:
            step = self._submit(replace(order, attempt=step.attempt), backend, news)
        order, is_adopted = replace(order, attempt=step.attempt), step.action is not Action.KEEP
        record = _taken(order, step, is_adopted=is_adopted)
        return _physical(order, record.id), _outputs(order, record, policy, adopted=is_adopted)

    def _submit(self, order: Order, backend: TrainingBackend, news: Bag) -> Step:
        if not bag.flag(news, "allow_training", default=True):
            raise PolicyError(
                f"{order.job.model} is not trained: policy.allow_training is false",
                hint="Allow it in the stack's policy, or take the model out.",
            )
        seat, policy = Seat.of(news), job_properties.policy(news)
        self._require_fit(order, backend, news, seat)
        if policy.on_supersede is OnSupersede.CANCEL_FIRST:
            self._cancel_predecessors(order, backend, news, seat)
        try:
            job_id = backend.submit(order, seat.tagged(order.tag).run)
        except ReplyLostError:
            # It may have taken effect: look for the job, never send it again.
            step = submit.decide(order, policy, backend, seat.run)
            if step.action is Action.ADOPT_JOB and step.job is not None:
                engine_log.info(waiting.submitted(order.job, step.job.id))
                return replace(step, action=Action.KEEP)
            if step.action is Action.REFUSE and step.error is not None:
                raise step.error from None
            raise
        except (PrivilegeMissingError, ObjectMissingError) as error:
            raise submit.explained(error, order.job, seat.running_role) from None
        engine_log.info(waiting.submitted(order.job, job_id))
        return cancelling.after_submit(order, job_id, backend, seat)

    def _require_fit(self, order: Order, backend: TrainingBackend, news: Bag, seat: Seat) -> None:
        """Ask about data, cost and pace, where the service reads its data by SQL."""
        if not backend.capabilities.is_sql:
            return
        job = order.job
        if job.training_dataset is None:
            training_data.require_columns(job.training_query, seat.columns)
            view_texts.require_declared(job, seat.of_connection.run)
        else:
            self._require_versions(job, seat, _viewers(news))
        for note in guard.require(order.job, order.marker, job_properties.pace(news), seat.run):
            engine_log.warning(note)

    def _require_versions(self, job: TrainingJob, seat: Seat, viewers: Sequence[Viewer]) -> None:
        documents = (job.training_dataset, job.validation_dataset)
        try:
            datasets.require_versions(documents, seat.run, viewers)
        except ObjectMissingError as error:
            raise submit.explained(error, job, seat.running_role) from None

    def _cancel_predecessors(
        self, order: Order, backend: TrainingBackend, news: Bag, seat: Seat
    ) -> None:
        """Stop the running jobs of the spec that this one takes the place of.

        What this run replaces is known from its diff; a job whose state was lost from its key.
        """
        ids = {record.id for record in backend.predecessors(order, seat.run)}
        before = declared_now.predecessor(type(self).__name__, news)
        for job_id in sorted({*ids, bag.text(before, "job_id")} - {""}):
            record = backend.observe(job_id, order.job.model_name, seat.run)
            if plan.may_run(record):
                cancelling.stopped(backend, seat, job_id, order.job.model_name)
                engine_log.info(f"cancelled job {job_id}: {order.job.model} has another spec now")

    def seen(self, props: Bag) -> tuple[Inputs, Inputs] | None:
        """The live status, asked until it is final; a collected record changes nothing."""
        if finetune.status_of(bag.text(props, "status")).is_terminal:
            return _judged(props, props) or _if_missing(props), {}
        record = _backend(props).observe(
            bag.text(props, "job_id"), desired(props).model_name, Seat.of(props).read
        )
        if record is None:
            return {}, {}
        outputs = _of_record(record, job_properties.policy(props))
        return _judged(props, {**props, **outputs}), outputs

    def renewed(self, olds: Bag, news: Bag, changes: Sequence[str]) -> list[str]:
        """A policy that is edited after the end of a job counts at once."""
        edited = [key for key in ("on_failure", "on_cancelled") if key in changes]
        step = _at_end(olds, job_properties.policy(news)) if edited else None
        found = edited if step is not None and step.action is Action.RETRAIN else []
        if "on_missing" in changes and finetune.status_of(bag.text(olds, "status")).is_terminal:
            found = [*found, *(["on_missing"] if _if_missing({**olds, **news}) else [])]
        return found

    def changed(self, _olds: Bag, _news: Bag) -> Inputs:
        """Nothing in the account: what may change in place is permission and guard only."""
        return {}

    def removed(self, props: Bag) -> None:
        """Cancel it while it runs; drop a model that nobody ever claimed, if the stack may."""
        order, job_id, backend = (
            job_properties.order(props),
            bag.text(props, "job_id"),
            _backend(props),
        )
        seat = Seat.for_removal(props, models.show(order.job.model_name))
        # The tag tells a later create that it was us who ended this job's life.
        seat = seat.tagged(order.removal_tag)
        record = backend.observe(job_id, order.job.model_name, seat.run)
        if plan.may_run(record):
            record = cancelling.stopped(backend, seat, job_id, order.job.model_name)
        if record is None or record.model is None or not backend.capabilities.has_comments:
            return
        step = artifacts.unclaimed(
            record,
            backend.artifact(record.model, seat.run),
            replace(order.marker, job=record.id),
            allow_drop=bag.flag(props, "allow_drop"),
            is_replaced=declared_now.is_declared(type(self).__name__, props)
            or declared_now.has_next_version(type(self).__name__, props),
            is_retained=bag.flag(props, "retain"),
        )
        seat.carry_out(step)


def _refused_property(error: CortexError, job: TrainingJob) -> str:
    """Which property a preview points at."""
    if isinstance(error, NoDatasetError):
        is_of_training = error.address == str(job.training_dataset)
        return "training_dataset" if is_of_training else "validation_dataset"
    return "model" if isinstance(error, OwnershipError) else "base_model"


def _forbidden(job: TrainingJob, news: Bag, seat: Seat) -> Failures:
    """What rules a paid job out: the stack's policy, or what its role lacks."""
    if not bag.flag(news, "allow_training", default=True):
        return [("allow_training", forecasts.forbidden(job))]
    return submit.faults(
        job,
        declared=submit.declared_in(bag.text(news, "__declared")),
        reads=submit.objects_in(bag.text(news, "__reads")),
        read=seat.read,
        running_role=lambda: seat.running_role,
        revoked=declared_now.revoked(),
    )


def _backend(props: Bag) -> TrainingBackend:
    return registry.named(job_properties.backend_name(props))


def _viewers(props: Bag) -> list[Viewer]:
    """Who proves that a model is gone, where roles decide what is seen; nothing is remembered."""
    return Seat.fresh(props).viewers if _backend(props).capabilities.is_sql else []


def _everybody(seat: Seat) -> Runner | None:
    """Statements with the connection's own role, where the job has another."""
    return None if seat.role is None else seat.of_connection.run


def _taken(order: Order, step: Step, *, is_adopted: bool) -> JobRecord:
    """The record that is kept or taken over, said aloud; what stands in the way is raised."""
    if step.job is None:
        raise step.error or PolicyError(
            f"{order.job.model} was not submitted",
            hint="Run `pulumi up` again: it looks for the job first and submits nothing twice.",
        )
    record = step.job
    if not is_adopted:
        return record
    if step.action is Action.ADOPT_MODEL:
        engine_log.info(f"adopted model {order.job.model_name}: nothing to train, 0 tokens")
    else:
        engine_log.info(f"adopted job {record.id} ({record.word}) of {order.job.model}")
    return record


def _judged(saved: Bag, now: Bag) -> Inputs:
    """What asks for another attempt, as a property that no program writes."""
    step = _at_end(now, job_properties.policy(saved))
    return {"ended": _ended(now)} if step is not None and step.action is Action.RETRAIN else {}


def _ended(props: Bag) -> str:
    code = bag.text(props, "error_code")
    return " ".join(filter(None, (bag.text(props, "job_id"), bag.text(props, "status"), code)))


def _at_end(props: Bag, policy: JobPolicy) -> Step | None:
    """What the table says of a job that ended without a model; None while it may have one."""
    status = Status(bag.text(props, "status", Status.UNKNOWN))
    if status not in (Status.ERROR, Status.CANCELLED):
        return None
    order = job_properties.order(props)
    record = JobRecord(
        bag.text(props, "job_id"), status, str(status), error_code=bag.optional(props, "error_code")
    )
    return job_life.decide(
        Situation(
            Moment.LOOKING,
            order.job.model,
            order.job.model_name,
            saved=Phase.TRAINING,
            job=record,
            attempt=bag.whole(props, "attempt") or 1,
            policy=policy,
        )
    )


def _physical(order: Order, job_id: str) -> str:
    return f"{order.job.model.parent}/{job_id or order.job.model_name.name}"


def _outputs(order: Order, record: JobRecord, policy: JobPolicy, *, adopted: bool) -> Inputs:
    return {
        "job_id": record.id,
        "adopted": adopted,
        "attempt": order.attempt,
        "idempotency_key": order.key,
        **_of_record(record, policy),
    }


def _of_record(record: JobRecord, policy: JobPolicy) -> Inputs:
    """What is kept of a record: its status, why it failed, and what it made where that is needed.

    A property more would be a line more in the next preview of everybody.
    """
    outputs = {"status": str(record.status)}
    if record.error_code:
        outputs["error_code"] = record.error_code
    if record.model is not None and policy.on_missing is OnMissing.RETRAIN:
        outputs["made"] = str(record.model)
    return outputs


def _if_missing(props: Bag) -> Inputs:
    """A model that was dropped outside asks for another attempt, where the stack says so.

    Only what the job is known to have made counts: without its real name nothing is proved.
    """
    if job_properties.policy(props).on_missing is not OnMissing.RETRAIN:
        return {}
    made, backend, seat = bag.optional(props, "made"), _backend(props), Seat.of(props)
    if made is None:
        wished = desired(props).model_name
        record = backend.observe(bag.text(props, "job_id"), wished, seat.read)
        made = str(record.model) if record and record.model else None
    if made is None:
        return {}
    sight = presence.model_seen(QualifiedName.parse(made), seat.viewers, backend.artifact)
    if sight.model or sight.unseen_by:
        return {}  # The artifact tells who does not see it: no proof, no other attempt.
    marker, ids = job_properties.order(props).marker, (bag.text(props, "job_id"),)
    if renamed.model_of(QualifiedName.parse(made), marker, seat.read, ids):
        return {}  # The artifact tells its new name: it is there, and paid for.
    return {"ended": f"{bag.text(props, 'job_id')} {made} is gone"}
