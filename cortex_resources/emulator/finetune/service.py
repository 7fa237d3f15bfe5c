"""FINETUNE: CREATE, SHOW, DESCRIBE, CANCEL, and what happens when a job reaches its end."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cortex_resources.emulator import names
from cortex_resources.emulator.access import future
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Entity, Kind, Model, ModelVersion
from cortex_resources.emulator.finetune import (
    arguments,
    base_models,
    jobs,
    losses,
    messages,
    pairs,
    replies,
)
from cortex_resources.emulator.finetune.answers import Answers
from cortex_resources.emulator.finetune.base_models import BaseModel
from cortex_resources.emulator.finetune.jobs import Failure, Job
from cortex_resources.emulator.finetune.register import Register
from cortex_resources.emulator.finetune.retrieval import Index
from cortex_resources.emulator.outcome import Effect

if TYPE_CHECKING:
    from cortex_resources.emulator.account import Account


class FineTuning:
    """The fine-tuning service of one account."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.jobs = Register(account.store)
        self.answers = Answers(account.store.connection)

    def run(self, call: Call, args: Sequence[Any], site: int) -> str:
        """SNOWFLAKE.CORTEX.FINETUNE(verb, …), called at this place of its statement."""
        verb, given = _text(args[0]).upper(), args[1:]
        key = _within(call, f"{site} {args!r}")
        told = self._account.requests.told(key)
        if told is not None:
            return told
        if verb == "CREATE":
            return self._create(call, given, key)
        if verb == "SHOW":
            arguments.counted(given, 0, 0)
            return replies.shown(self._visible(call), call.now, self._account.settings)
        if verb not in ("DESCRIBE", "CANCEL"):
            raise messages.unknown_verb(verb)
        arguments.counted(given, 1, 1)
        job = self._known(call, _text(given[0]))
        if verb == "CANCEL":
            return self._cancel(call, job, key)
        return replies.described(job, call.now, self._account.settings)

    def _create(self, call: Call, args: Sequence[Any], key: str) -> str:
        request = arguments.read(args)
        self._check_base_model(call, request.base_model)
        path = call.path(Kind.MODEL, request.parts)
        schema = self._check_schema(call, path)
        number, job_id = self.jobs.new_id()
        from cortex_resources.emulator.finetune import training  # noqa: PLC0415 - loads the compiler

        data = training.gather(call, request, job_id)
        job = Job(
            id=job_id,
            number=number,
            name=request.name,
            path=(path[0], path[1], path[2]),
            base_model=request.base_model.name,
            training_data=request.training,
            validation_data=request.validation,
            options=request.options,
            epochs=request.epochs,
            role=call.authority.primary or "",
            user=call.session.user,
            created_on=call.now,
            query_tag=call.query_tag,
            input_tokens=data.train.tokens,
            rows=data.train.usable + data.valid.usable,
            failure=data.failure or self._planned_failure(call),
            schema=schema.id,
        )
        submitted = replace(job, duration=jobs.seconds(job.trained_tokens))
        self._put(call, submitted, key, job_id)
        call.effect = Effect.SPEND
        return job_id

    def _put(self, call: Call, job: Job, key: str, answer: str) -> None:
        """Write a job down together with what the client will be told of it.

        At once, not with the statement around it: the job stays when that fails, and while the
        engine works on, other statements run, whose commit would carry the job into the file
        without the reply, and whose failure would take it back. A kill before the reply leaves
        the answer under the request's id, and a repeat of the request starts no second job.
        """
        if call.describe_only:
            self.jobs.put(job)  # taken back with everything else
            return
        with self._account.store.apart():
            self.jobs.put(job)
            self._account.requests.keep_told(key, answer)

    def _check_base_model(self, call: Call, model: BaseModel) -> None:
        settings = self._account.settings
        status = model.lifecycle(settings.lifecycle, call.now)
        if status == "EOL" or (status == "LEGACY" and settings.legacy_base_models == "refused"):
            raise messages.retired_base_model(model.name, status)
        if settings.region not in base_models.TUNING_REGIONS:
            raise messages.wrong_region(settings.region)

    def _check_schema(self, call: Call, path: tuple[str, ...]) -> Entity:
        """CREATE MODEL or ownership on the schema that receives the model, and USAGE on it."""
        schema = call.authority.resolve(Kind.SCHEMA, path[:2])
        call.require_creation("CREATE MODEL", schema)
        return schema

    def _planned_failure(self, call: Call) -> Failure | None:
        rule = self._account.faults.job_failure(call.sql)
        if rule is None:
            return None
        return Failure(rule.code, rule.message, rule.progress)

    def _visible(self, call: Call) -> list[Job]:
        """The jobs that these roles may know of."""
        roles = call.authority.roles
        everybody = self._account.settings.jobs_visible == "account"
        return [job for job in self.jobs.all() if everybody or job.role in roles]

    def _known(self, call: Call, job_id: str) -> Job:
        found = self.jobs.find(job_id)
        everybody = self._account.settings.jobs_visible == "account"
        if found is None or not (everybody or found.role in call.authority.roles):
            raise messages.unknown_job(job_id)
        return found

    def _cancel(self, call: Call, job: Job, key: str) -> str:
        state = jobs.state(job, call.now)
        if state.terminal and self._account.settings.cancel_of_ended == "error":
            raise messages.ended_job(job.id, state.status)
        answer = f"Canceled Cortex Fine-tuning job: {job.id}"
        if not state.terminal:
            self._put(call, replace(job, cancelled_on=call.now), key, answer)
            call.effect = Effect.DESTROY
        return answer

    def due(self, now: float) -> bool:
        """Whether a job ended, or a record grew too old, that nobody has seen to yet."""
        return bool(self.jobs.due(now) or self._outdated(now))

    def settle(self, now: float) -> None:
        """Save the models of jobs that ended by now; collect the records that are too old."""
        for job in self.jobs.due(now):
            ended = self._save(job) if jobs.state(job, now).status == "SUCCESS" else job
            if jobs.state(ended, now).status != "SUCCESS":
                pairs.remove(self._account.store.writing(), job.id)
            self.jobs.put(replace(ended, settled=True))
        for job in self._outdated(now):
            self.jobs.collect(job.id)

    def _outdated(self, now: float) -> list[Job]:
        """*FINETUNE ('SHOW')*: job records are garbage-collected periodically."""
        days = self._account.settings.job_record_days
        if not days:
            return []
        ended = ((job, jobs.state(job, now).finished_on) for job in self.jobs.all())
        return [job for job, at in ended if at is not None and at + days * 86_400 <= now]

    def _save(self, job: Job) -> Job:
        """Make the model of a finished job, under a free name."""
        catalog = self._account.catalog
        schema = catalog.get(job.schema) or catalog.find(Kind.SCHEMA, job.path[:2])
        if schema is None:
            gone = messages.save_failed("The target schema no longer exists.")
            return replace(job, failure=gone)
        name = self._free_name(schema, job.path[2])
        finished = job.created_on + job.duration
        model = Model(
            id=catalog.new_id(Kind.MODEL),
            name=name,
            parent=schema.id,
            owner=self._owner(job),
            created_on=finished,
            base_model=job.base_model,
            job=job.id,
            versions=(ModelVersion(name="V1", created_on=finished),),
            default_version="V1",
        )
        catalog.add(model)
        future.apply(self._account, model, finished)
        training_loss, validation_loss = self._losses(job)
        return replace(
            job,
            model=_echoed(job, catalog.path(model)),
            training_loss=training_loss,
            validation_loss=validation_loss,
        )

    def _owner(self, job: Job) -> str | None:
        """The role that submitted the job; a job outlives it, then its model goes to the top."""
        if self._account.catalog.get(job.role) is not None:
            return job.role
        top = self._account.catalog.role("ACCOUNTADMIN")
        return top.id if top else None

    def _losses(self, job: Job) -> tuple[float, float | None]:
        connection = self._account.store.connection
        train = pairs.sample(connection, job.id, pairs.TRAIN, losses.READ)
        held_out = pairs.sample(connection, job.id, pairs.VALID, losses.READ)
        index = Index([prompt for prompt, _ in train])
        if not job.validation_data:
            kept, held_out = losses.split(train)
            if held_out:
                index, train = Index([prompt for prompt, _ in kept]), kept
        validation = losses.validation(index, train, held_out)
        return losses.training(index, train, job.epochs), validation

    def _free_name(self, schema: Entity, wanted: str) -> str:
        """The wanted name, with a suffix when another model has it."""
        taken = {model.name for model in self._account.catalog.children(schema.id, Kind.MODEL)}
        suffixes = (f"{wanted}_{number}" for number in itertools.count(2))
        return next(name for name in itertools.chain([wanted], suffixes) if name not in taken)

    def forget_model(self, model: Model) -> None:
        """Drop the pairs of a model unless a copy answers from them, or may when it is back."""
        kept = (part for dropped in self._account.retained for part in dropped.parts)
        copies = itertools.chain(self._account.catalog.all(Kind.MODEL), kept)
        if not any(
            isinstance(copy, Model) and copy.job == model.job and copy.id != model.id
            for copy in copies
        ):
            pairs.remove(self._account.store.writing(), model.job)
            self.answers.forget(model.job)


def _text(value: Any) -> str:
    return "NULL" if value is None else str(value)


def _within(call: Call, what: str) -> str:
    """The key of one answer within a request; without a request nobody can repeat it."""
    digest = hashlib.sha256(what.encode("utf-8", "replace")).hexdigest()
    return f"{call.key}#{digest}" if call.key else ""


def _echoed(job: Job, path: tuple[str, ...]) -> str:
    """The model's full name, in the case that was typed unless it became another one."""
    if path != job.path:
        return names.qualified(path)
    if "." in job.name:
        return job.name
    return f"{names.qualified(job.path[:2])}.{job.name}"
