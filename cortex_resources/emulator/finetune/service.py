"""FINETUNE: CREATE, SHOW, DESCRIBE, CANCEL, and what happens when a job reaches its end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cortex_resources.emulator import names
from cortex_resources.emulator.access import future
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Kind, Model, ModelVersion
from cortex_resources.emulator.errors import SnowflakeError, insufficient, unsupported
from cortex_resources.emulator.finetune import arguments, jobs, losses, messages, pairs, training
from cortex_resources.emulator.finetune.answers import Answers
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

    def run(self, call: Call, args: Sequence[Any]) -> str:
        """SNOWFLAKE.CORTEX.FINETUNE(verb, …)."""
        verb = str(args[0]).upper() if args else ""
        if verb == "CREATE":
            return self._create(call, args[1:])
        if verb == "SHOW" and len(args) == 1:
            return self._show(call)
        if verb == "DESCRIBE" and len(args) == 2:
            return self._describe(call, str(args[1]))
        if verb == "CANCEL" and len(args) == 2:
            return self._cancel(call, str(args[1]))
        raise unsupported(f"FINETUNE('{verb}') with {len(args)} arguments")

    def _create(self, call: Call, args: Sequence[Any]) -> str:
        request = arguments.read(args)
        path = call.path(Kind.MODEL, request.parts)
        self._check_schema(call, path)
        number, job_id = self.jobs.new_id()
        if call.describe_only:
            return job_id
        data = training.gather(call, request)
        failure = data.failure or self._planned_failure(call)
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
            input_tokens=pairs.count_tokens(data.train),
            rows=len(data.train) + len(data.valid),
            failure=failure,
        )
        job = replace(job, duration=jobs.seconds(job.trained_tokens))
        connection = self._account.store.connection
        pairs.write(connection, job_id, pairs.TRAIN, data.train)
        pairs.write(connection, job_id, pairs.VALID, data.valid)
        self.jobs.put(job)
        call.effect = Effect.SPEND
        return job_id

    def _check_schema(self, call: Call, path: tuple[str, ...]) -> None:
        """CREATE MODEL or ownership on the schema that receives the model, and USAGE above it."""
        schema = call.authority.resolve(Kind.SCHEMA, path[:2])
        if not call.authority.reaches(schema):
            raise call.authority.missing(Kind.SCHEMA, path[:2])
        if not call.maker.has(schema, "CREATE MODEL"):
            raise insufficient("schema", schema.name)
        if not call.authority.has(schema, "USAGE"):
            raise insufficient("schema", schema.name)

    def _planned_failure(self, call: Call) -> Failure | None:
        rule = self._account.faults.job_failure(call.sql)
        if rule is None:
            return None
        return Failure(rule.code, rule.message, rule.progress)

    def _show(self, call: Call) -> str:
        shown = [
            {
                "id": job.id,
                "status": jobs.state(job, call.now).status,
                "base_model": job.base_model,
                "created_on": int(job.created_on * 1000),
            }
            for job in self.jobs.all()
        ]
        return json.dumps(shown)

    def _describe(self, call: Call, job_id: str) -> str:
        job = self._known(job_id)
        state = jobs.state(job, call.now)
        full = self._account.settings.describe_shape == "full"
        shown: dict[str, Any] = {"id": job.id, "status": state.status, "progress": state.progress}
        if full or state.status == "SUCCESS":
            shown |= {
                "base_model": job.base_model,
                "created_on": int(job.created_on * 1000),
                "training_data": job.training_data,
                "validation_data": job.validation_data,
            }
        if full:
            shown["options"] = job.options or {}
        if state.finished_on is not None:
            shown["finished_on"] = int(state.finished_on * 1000)
        if state.status == "ERROR" and job.failure is not None:
            shown["error"] = {"code": job.failure.code, "message": job.failure.message}
        if state.status == "SUCCESS":
            shown |= {
                "model": job.model if full else (job.model or "").rpartition(".")[2],
                "trained_tokens": job.trained_tokens,
                "training_result": {
                    "training_loss": job.training_loss,
                    "validation_loss": job.validation_loss,
                },
            }
        return json.dumps(shown)

    def _cancel(self, call: Call, job_id: str) -> str:
        job = self._known(job_id)
        answer = f"Canceled Cortex Fine-tuning job: {job_id}"
        if call.describe_only or jobs.state(job, call.now).terminal:
            return answer
        self.jobs.put(replace(job, cancelled_on=call.now, settled=True))
        pairs.remove(self._account.store.connection, job_id)
        call.effect = Effect.DESTROY
        return answer

    def _known(self, job_id: str) -> Job:
        job = self.jobs.find(job_id)
        if job is None:
            raise messages.unknown_job(job_id)
        return job

    def settle(self, now: float) -> bool:
        """Save the models of jobs that ended by now; whether there were any."""
        due = self.jobs.due(now)
        for job in due:
            ended = self._save(job) if jobs.state(job, now).status == "SUCCESS" else job
            if jobs.state(ended, now).status != "SUCCESS":
                pairs.remove(self._account.store.connection, job.id)
            self.jobs.put(replace(ended, settled=True))
        return bool(due)

    def _save(self, job: Job) -> Job:
        """Make the model of a finished job, under a free name."""
        schema = self._account.catalog.find(Kind.SCHEMA, job.path[:2])
        if schema is None:
            gone = Failure("MODEL_SAVE_FAILED", "The target schema no longer exists.", 0.99)
            return replace(job, failure=gone)
        name = self._free_name(job.path)
        finished = job.created_on + job.duration
        model = Model(
            id=self._account.catalog.new_id(Kind.MODEL),
            name=name,
            parent=schema.id,
            owner=job.role,
            created_on=finished,
            base_model=job.base_model,
            job=job.id,
            versions=(ModelVersion(name="V1", created_on=finished),),
            default_version="V1",
        )
        self._account.catalog.add(model)
        future.apply(self._account, model, finished)
        index, train = self.answers.load(job.id)
        held_out = pairs.read(self._account.store.connection, job.id, pairs.VALID)
        training_loss, validation_loss = self._losses(job, index, train, held_out)
        return replace(
            job,
            model=_echoed(job, name),
            training_loss=training_loss,
            validation_loss=validation_loss,
        )

    def _losses(
        self, job: Job, index: Index, train: list[pairs.Pair], held_out: list[pairs.Pair]
    ) -> tuple[float, float | None]:
        if not job.validation_data:
            kept, held_out = losses.split(train)
            if held_out:
                index, train = Index([prompt for prompt, _ in kept]), kept
        validation = losses.validation(index, train, held_out)
        return losses.training(index, train, job.epochs), validation

    def _free_name(self, path: tuple[str, str, str]) -> str:
        name = path[2]
        suffix = 1
        while self._account.catalog.find(Kind.MODEL, (*path[:2], name)) is not None:
            suffix += 1
            name = f"{path[2]}_{suffix}"
        return name

    def forget_model(self, model: Model) -> None:
        """Drop the pairs of a model unless a copy of it answers from them."""
        others = [
            other
            for other in self._account.catalog.all(Kind.MODEL)
            if isinstance(other, Model) and other.job == model.job and other.id != model.id
        ]
        if not others:
            pairs.remove(self._account.store.connection, model.job)
            self.answers.forget(model.job)

    def collect(self, job_id: str) -> None:
        """Garbage-collect a job record; its model stays."""
        if not self.jobs.collect(job_id):
            raise SnowflakeError(100351, "P0000", f"no job {job_id}")


def _echoed(job: Job, name: str) -> str:
    """The model's full name; the case is the one that was typed unless a suffix was added."""
    if name != job.path[2]:
        return names.qualified((*job.path[:2], name))
    if "." in job.name:
        return job.name
    return f"{names.qualified(job.path[:2])}.{job.name}"
