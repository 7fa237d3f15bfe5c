"""`FineTunedModel`: the component users write; a job, a wait, and the model the job made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi.dynamic import Resource

from cortex_resources.model import aliases, base_models, gates
from cortex_resources.model.datasets import DatasetVersion
from cortex_resources.model.fingerprints import DataWatch
from cortex_resources.model.gates import Thresholds
from cortex_resources.model.job_policy import JobPolicy
from cortex_resources.model.jobs import TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.policy import Policy
from cortex_resources.model.stack import Wait
from cortex_resources.providers.bag import by_position
from cortex_resources.providers.clearance import CLEARED
from cortex_resources.providers.fine_tune_job import FineTuneJobProvider
from cortex_resources.providers.fine_tuned_artifact import FineTunedArtifactProvider
from cortex_resources.providers.seat import Owner
from cortex_resources.resources import clearance, declared, waiting
from cortex_resources.resources.model_alias import ModelAlias
from cortex_resources.resources.model_gate import ModelGate


class FineTuneJob(Resource, module="cortex", name="FineTuneJob"):
    """A submitted job. It is created in seconds; the component waits for its end."""

    job_id: pulumi.Output[str]
    status: pulumi.Output[str]
    adopted: pulumi.Output[bool]
    spec_hash: pulumi.Output[str]
    model_name: pulumi.Output[str]

    def __init__(
        self, resource_name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions
    ) -> None:
        outputs = dict.fromkeys(("job_id", "status", "adopted", "spec_hash", "model_name"))
        super().__init__(FineTuneJobProvider(), resource_name, {**outputs, **inputs}, opts)


class FineTunedArtifact(Resource, module="cortex", name="FineTunedArtifact"):
    """The model a job made."""

    phase: pulumi.Output[str]
    spec_hash: pulumi.Output[str]
    saved_as: pulumi.Output[str]
    metrics: pulumi.Output[dict[str, float]]

    def __init__(
        self, resource_name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions
    ) -> None:
        names = ("phase", "saved_as", "metrics", "previous_models", "is_claimed")
        outputs = dict.fromkeys(names)
        super().__init__(FineTunedArtifactProvider(), resource_name, {**outputs, **inputs}, opts)


def _tokens(metrics: dict[str, float]) -> int | None:
    value = metrics.get("trained_tokens")
    return None if value is None else int(value)


class FineTunedModel(pulumi.ComponentResource):
    """A model fine-tuned from a base model, retrained when what it learns from changes.

    Arguments:
        resource_name: Pulumi's name of it; part of the marker that proves the model ours.
        job: what is trained and on what.
        data: how changed rows are noticed, and what they mean.
        comment: written on the model, in front of our marker; never retrains.
        wait: whether `pulumi up` waits for the job.
        wait_minutes: when a wait gives up; the job goes on.
        job_policy: what may happen by itself after a failure, a cancellation, a drop, an edit.
        gate: what a new version is asked before anything moves to it; default: nothing.
        thresholds: what its scores must reach.
        granted: what the program itself grants before, as text of `preflight.submit`.
        reads: the views and tables that the program makes and the job's role must read, as
            `VIEW DB.ML.PAIRS`.
        alias: the function under a stable name that consumers call.
        policy: what the stack allows; default: train, never drop.
        connection: a name in connections.toml, or `local`; default: the stack's setting.
        opts: Pulumi's options; `depends_on` the grants and views that the job needs.

    Outputs: `model`, `phase`, `job_id`, `trained_tokens`, `training_loss`, `validation_loss`,
    `spec_hash`, with a gate `scores`, with an alias `alias` and `serves`, the model that it calls
    now; and `cleared`, the spec hash of the version that is ready and passed, nothing before. What
    must not move to a version earlier depends on it.
    """

    gate: ModelGate | None = None
    served_by: ModelAlias | None = None

    def __init__(  # noqa: PLR0913 - keywords that programs write, each with a default
        self,
        resource_name: str,
        *,
        job: TrainingJob,
        data: DataWatch | None = None,
        comment: str = "",
        wait: Wait = Wait.BLOCK,
        wait_minutes: float = 240,
        job_policy: JobPolicy | None = None,
        gate: gates.ModelGate | None = None,
        thresholds: Thresholds | None = None,
        granted: str = "",
        reads: Sequence[str] = (),
        alias: aliases.ModelAlias | None = None,
        policy: Policy | None = None,
        connection: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cortex-resources:index:FineTunedModel", resource_name, None, opts)
        policy = policy or Policy()
        place = declared.connection(connection)
        lives = job_policy or JobPolicy()
        shared = _shared_inputs(resource_name, job, policy, place, lives)
        own = _job_inputs(job, policy, lives, data or DataWatch())
        submitted = FineTuneJob(
            resource_name,
            {**shared, **own, **_asked_about(granted, reads, gate, alias)},
            pulumi.ResourceOptions(parent=self, protect=policy.protect),
        )
        tag = Owner.of(shared).tag
        waiter = waiting.Waiter(job, place, tag, wait=wait, minutes=wait_minutes, policy=lives)
        artifact = FineTunedArtifact(
            resource_name,
            {**shared, **_artifact_inputs(submitted, comment)},
            self._kept(policy, waiting.ended(submitted, waiter)),
        )
        self._give(submitted, artifact)
        # Not the job's hash: a run for chosen resources may submit one and harvest none.
        self.cleared = clearance.cleared(artifact.spec_hash, artifact.phase)
        if gate is not None:
            pin, bounds = alias.pin if alias else "", thresholds or Thresholds()
            self._pass(resource_name, gate, job, connection=place, thresholds=bounds, pin=pin)
        if alias is not None:
            self._serve(resource_name, alias, job, granted=granted, policy=policy, place=place)
        self.register_outputs(self.summary())

    def _kept(self, policy: Policy, ended: pulumi.Input[Any]) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(
            parent=self,
            depends_on=ended,
            protect=policy.protect,
            retain_on_delete=policy.retain or not policy.allow_drop,
        )

    def _pass(
        self,
        resource_name: str,
        gate: gates.ModelGate,
        job: TrainingJob,
        *,
        connection: str,
        thresholds: Thresholds,
        pin: str,
    ) -> None:
        """Let the gate ask a version that is ready and promising, and clear it by its scores."""
        name, metrics = self.job.model_name, self.artifact.metrics
        asked = clearance.promising(self.cleared, metrics, thresholds, name, pin=pin)
        version = {
            "model_name": name,
            "spec_hash": self.job.spec_hash,
            "job": self.job.id,
            CLEARED: asked,
        }
        self.gate = ModelGate(
            resource_name,
            model=str(job.model),
            query=gate.query,
            version=version,
            role=job.role,
            warehouse=job.warehouse,
            connection=connection,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.artifact]),
        )
        self.cleared = clearance.passed(asked, self.gate, thresholds, name, pin=pin)

    def _give(self, submitted: FineTuneJob, artifact: FineTunedArtifact) -> None:
        self.job, self.artifact = submitted, artifact
        self.model = artifact.saved_as
        self.phase = artifact.phase
        self.job_id = submitted.job_id
        self.trained_tokens = artifact.metrics.apply(_tokens)
        self.training_loss = artifact.metrics.apply(lambda m: m.get("training_loss"))
        self.validation_loss = artifact.metrics.apply(lambda m: m.get("validation_loss"))
        self.spec_hash = submitted.spec_hash

    def _serve(
        self,
        resource_name: str,
        alias: aliases.ModelAlias,
        job: TrainingJob,
        *,
        granted: str,
        policy: Policy,
        place: str,
    ) -> None:
        self.served_by = ModelAlias(
            resource_name,
            alias=alias,
            job=job,
            newest=self.job.model_name,
            # A pin is the user's own word: it waits for nothing, not even for a gate that fails.
            cleared="" if alias.pin else self.cleared,
            granted=granted,
            policy=policy,
            connection=place,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[self.artifact], protect=policy.protect
            ),
        )

    def summary(self) -> dict[str, pulumi.Output[Any]]:
        """The outputs of the component by name."""
        names = ("model", "phase", "job_id", "trained_tokens", "training_loss", "validation_loss")
        found = {name: getattr(self, name) for name in (*names, "spec_hash")}
        if self.served_by is not None:
            found["alias"], found["serves"] = self.served_by.name, self.served_by.serves
        if self.gate is not None:
            # The verdict, too, is waited for: a version that does not pass ends the program.
            found["scores"] = pulumi.Output.all(self.gate.scores, self.cleared).apply(
                lambda known: known[0]
            )
        return found

    @classmethod
    def of(
        cls,
        resource_name: str,
        *,
        name: str,
        base_model: str,
        training_query: str = "",
        validation_query: str | None = None,
        training_dataset: str | None = None,
        validation_dataset: str | None = None,
        max_epochs: int | None = None,
        definitions: Sequence[str] = (),
        **options: Any,
    ) -> FineTunedModel:
        """A model from plain values; `options` are those of the class.

        Raises:
            InvalidNameError: the name, or a dataset's address, cannot be read.
        """
        job = TrainingJob(
            QualifiedName.parse(name, depth=3),
            base_model,
            training_query,
            validation_query,
            max_epochs,
            tuple(definitions),
            training_dataset=_version(training_dataset),
            validation_dataset=_version(validation_dataset),
        )
        model = cls(resource_name, job=job, **options)
        allow_legacy = (options.get("job_policy") or JobPolicy()).allow_legacy
        notice = base_models.notice(base_model, allow_legacy=allow_legacy)
        if notice and declared.warns():
            pulumi.log.warn(notice, resource=model)
        return model


def _version(address: str | None) -> DatasetVersion | None:
    return None if address is None else DatasetVersion.parse(address)


def _shared_inputs(
    resource_name: str, job: TrainingJob, policy: Policy, connection: str, lives: JobPolicy
) -> dict[str, Any]:
    return {
        "model": str(job.model),
        "role": job.role,
        "warehouse": job.warehouse,
        "allow_drop": policy.allow_drop,
        "on_failure": _stated(lives, "on_failure"),
        "on_cancelled": _stated(lives, "on_cancelled"),
        "on_missing": _stated(lives, "on_missing"),
        "connection": connection,
        **declared.hidden(resource_name),
    }


def _artifact_inputs(job: FineTuneJob, comment: str) -> dict[str, Any]:
    # Where the rows are watched, only the job's check knows its hash.
    return {
        "model_name": job.model_name,
        "spec_hash": job.spec_hash,
        "job": job.id,
        "comment": comment,
    }


def _stated(lives: JobPolicy, name: str) -> str | bool | None:
    """A policy as a property; a default is none, so that older states show no change."""
    value = getattr(lives, name)
    if value == getattr(JobPolicy(), name):
        return None
    return value if isinstance(value, bool) else str(value)


def _job_inputs(
    job: TrainingJob, policy: Policy, lives: JobPolicy, data: DataWatch
) -> dict[str, Any]:
    pace = policy.pace
    return {
        **_watch_inputs(data),
        "base_model": job.base_model,
        "training_query": job.training_query or None,
        "validation_query": job.validation_query,
        "training_dataset": str(job.training_dataset) if job.training_dataset else None,
        "validation_dataset": str(job.validation_dataset) if job.validation_dataset else None,
        "max_epochs": job.max_epochs,
        "definitions": by_position(job.definitions),
        "retrain_token": job.retrain_token,
        "data_fingerprint": job.data_fingerprint,
        "max_trained_tokens": job.max_trained_tokens,
        "max_credits": job.max_credits,
        "max_rows": job.max_rows,
        "rate": str(job.rate) if job.rate else None,
        "max_concurrent_jobs": pace.max_concurrent_jobs,
        "min_retrain_interval": pace.min_retrain_interval,
        "max_retrains_30d": pace.max_retrains_30d,
        "on_supersede": _stated(lives, "on_supersede"),
        "allow_legacy": _stated(lives, "allow_legacy"),
        "abort_after_minutes": lives.abort_after_minutes,
        "stall_timeout_minutes": lives.stall_timeout_minutes,
        "allow_training": policy.allow_training,
        # None where it is false, so that older states show no change.
        "retain": policy.retain or None,
    }


def _asked_about(
    granted: str,
    reads: Sequence[str],
    gate: gates.ModelGate | None,
    alias: aliases.ModelAlias | None,
) -> dict[str, str]:
    """What a job's check asks the account about before anything is paid."""
    return {
        "__declared": granted,
        "__reads": "\n".join(reads),
        "__gate": gate.query if gate else "",
        "__alias": str(alias.name) if alias else "",
    }


def _watch_inputs(data: DataWatch) -> dict[str, Any]:
    return {
        "data_watch": str(data.by),
        "data_text": data.text,
        "data_tables": "".join(f"{name}\n" for name in data.tables),
        "data_queries": by_position(data.queries),
        "on_data_change": str(data.on_change),
        "data_seen": "",
    }
