"""The provider of `FineTunedArtifact`: the model a job made; harvests it and owns DROP MODEL.

It may fail and be repeated at no cost. A new spec is an update in place: the new model is recorded
and the old ones stay in the account, so that a reverted commit finds them again.
"""

from __future__ import annotations

from cortex_resources.errors import JobError, ModelLostError, ObjectMissingError
from cortex_resources.model.jobs import JobRecord, Marker, ModelRecord, Phase
from cortex_resources.model.names import QualifiedName
from cortex_resources.plan import artifacts as plan
from cortex_resources.plan import jobs
from cortex_resources.preflight import presence
from cortex_resources.providers import bag, engine_log
from cortex_resources.providers.bag import Bag
from cortex_resources.providers.fine_tune_job import describe, job_id_of
from cortex_resources.providers.lifecycle import Failures, Inputs, KindProvider
from cortex_resources.providers.seat import Owner, Seat
from cortex_resources.sql import models as sql


def _marker(props: Bag) -> Marker:
    owner, job = Owner.of(props), job_id_of(bag.text(props, "job"))
    return owner.marker(bag.text(props, "spec_hash"), job)


def _model(seat: Seat, name: QualifiedName) -> ModelRecord | None:
    try:
        return sql.parse(seat.read(sql.show(name))).get(name)
    except ObjectMissingError:
        if presence.schema_is_gone(seat.read, name.parent):
            return None
        raise


def _look(
    seat: Seat, props: Bag, saved: Phase | None
) -> tuple[Phase, JobRecord | None, ModelRecord | None]:
    wished = QualifiedName.parse(bag.text(props, "model_name"), depth=3)
    record = describe(seat, job_id_of(bag.text(props, "job")), wished)
    named = record.model if record else None
    if named is None and bag.text(props, "saved_as") and saved is not None:
        named = QualifiedName.parse(bag.text(props, "saved_as"))
    model = _model(seat, named or wished)
    return jobs.phase_of(saved, record, model), record, model


def _outputs(phase: Phase, job: JobRecord | None, model: ModelRecord | None) -> Inputs:
    # A property without a value would show as unknown in every preview: the map is always there.
    metrics = {
        "trained_tokens": job.trained_tokens if job else None,
        "training_loss": job.training_loss if job else None,
        "validation_loss": job.validation_loss if job else None,
    }
    return {
        "phase": str(phase),
        "saved_as": str(model.name) if model else "",
        "metrics": {name: value for name, value in metrics.items() if value is not None},
    }


def _failure(props: Bag, phase: Phase, record: JobRecord | None) -> JobError | None:
    """The error of a job that left no model, or None."""
    error = jobs.failure(QualifiedName.parse(bag.text(props, "model")), record) if record else None
    if error is None and phase in (Phase.LOST, Phase.MISSING):
        error = ModelLostError(
            f"model {bag.text(props, 'model_name')} of job {bag.text(props, 'job')} is gone",
            hint="Set a new retrain_token to train it again; nothing was submitted.",
        )
    return error


class FineTunedArtifactProvider(KindProvider):
    """Property bag to a model and back."""

    named = "model_name"
    compared = (
        "model",
        "model_name",
        "spec_hash",
        "job",
        "comment",
        "role",
        "warehouse",
        "allow_drop",
        "connection",
    )
    replacing = frozenset({"model"})

    def canonical(self, _olds: Bag, news: Inputs) -> Inputs:
        """One spelling of the names."""
        model = QualifiedName.parse(bag.text(news, "model"), depth=3)
        return {**news, "model": str(model)}

    def faults(self, _olds: Bag, _news: Bag) -> Failures:
        """Nothing: the job's inputs are checked where the job is declared."""
        return []

    def unfinished(self, olds: Bag) -> bool:
        """A job that ended between two runs left a model to be claimed."""
        return bag.text(olds, "phase") == Phase.READY and not bag.flag(olds, "is_claimed")

    def made(self, news: Bag) -> tuple[str, Inputs]:
        """Harvest the job's model and claim it."""
        return bag.text(news, "model"), {**self._harvest(news, None), "previous_models": ""}

    def _harvest(self, props: Bag, saved: Phase | None, *, was_claimed: bool = False) -> Inputs:
        seat = Seat.fresh(props)
        phase, record, model = _look(seat, props, saved)
        error = _failure(props, phase, record)
        if error is not None:
            raise error
        if model is None:
            return {**_outputs(phase, record, None), "is_claimed": False}
        if str(model.name) != bag.text(props, "model_name"):
            engine_log.warning(
                f"Snowflake saved {bag.text(props, 'model_name')} as {model.name}:"
                " an object of that name was there"
            )
        is_proven = record is not None or was_claimed
        comment = bag.text(props, "comment")
        seat.carry_out(plan.claim(model, comment, _marker(props), is_proven=is_proven))
        return {**_outputs(phase, record, model), "is_claimed": True}

    def seen(self, props: Bag) -> tuple[Inputs, Inputs] | None:
        """The live model; a dropped one stays in the state, training again is a decision."""
        saved = Phase(bag.text(props, "phase", Phase.TRAINING))
        if saved in (Phase.READY, Phase.MISSING):
            return self._still_there(props)
        phase, record, model = _look(Seat.of(props), props, saved)
        error = _failure(props, phase, record)
        if error is not None:
            # A run that did not wait is told here, by the next preview.
            engine_log.warning(error.line)
        return {}, _outputs(phase, record, model)

    def _still_there(self, props: Bag) -> tuple[Inputs, Inputs]:
        name = bag.text(props, "saved_as")
        model = _model(Seat.of(props), QualifiedName.parse(name))
        if model is not None:
            return {"comment": sql.without_marker(model.comment)}, {"phase": str(Phase.READY)}
        engine_log.warning(
            f"model {name} was dropped outside this stack: nothing is trained again by itself;"
            " a new retrain_token does, and costs"
        )
        return {}, {"phase": str(Phase.MISSING)}

    def changed(self, olds: Bag, news: Bag) -> Inputs:
        """Record the new model beside the old ones, or change its comment."""
        outputs = self._harvest(*self._known(olds, news), was_claimed=self._is_kept(olds, news))
        before = {*bag.text(olds, "previous_models").splitlines(), bag.text(olds, "saved_as")}
        kept = sorted(before - {outputs["saved_as"], ""})
        return {**outputs, "previous_models": "".join(f"{name}\n" for name in kept)}

    def _is_kept(self, olds: Bag, news: Bag) -> bool:
        return bag.flag(olds, "is_claimed") and olds.get("job") == news.get("job")

    def _known(self, olds: Bag, news: Bag) -> tuple[Bag, Phase | None]:
        """The declaration with the real name of its model, where the job is still the same."""
        if not self._is_kept(olds, news):
            return news, None
        return {**news, "saved_as": bag.text(olds, "saved_as")}, Phase(bag.text(olds, "phase"))

    def removed(self, props: Bag) -> None:
        """Drop every recorded model that is ours, by its recorded name, if the stack may.

        A model that was never claimed goes with its job, whose record proves it ours.
        """
        marker, allow_drop = _marker(props), bag.flag(props, "allow_drop")
        current = bag.text(props, "saved_as") if bag.flag(props, "is_claimed") else ""
        for text in filter(None, [current, *bag.text(props, "previous_models").splitlines()]):
            name = QualifiedName.parse(text)
            seat = Seat.for_removal(props, sql.show(name))
            seat.carry_out(plan.drop(name, _model(seat, name), marker, allow_drop=allow_drop))
