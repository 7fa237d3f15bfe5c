"""The provider of `FineTunedArtifact`: the model a job made; harvests it and owns DROP MODEL.

It may fail and be repeated at no cost. A new spec is an update in place: the new model is recorded
and the old ones stay in the account, so that a reverted commit finds them again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pulumi.dynamic import DiffResult

from cortex_resources.backends import registry
from cortex_resources.backends.seam import TrainingBackend
from cortex_resources.model.jobs import JobRecord, Marker, ModelRecord, Phase, Status
from cortex_resources.model.names import QualifiedName
from cortex_resources.plan import adoption, aliases, job_life
from cortex_resources.plan import artifacts as plan
from cortex_resources.plan.situations import Action, Moment, Situation, Step
from cortex_resources.plan.verdict import Verdict
from cortex_resources.preflight import ownership, presence, renamed, serving
from cortex_resources.preflight.presence import Sight
from cortex_resources.providers import bag, declared_now, engine_log, job_properties
from cortex_resources.providers.bag import Bag
from cortex_resources.providers.job_properties import job_id_of
from cortex_resources.providers.lifecycle import Failures, Inputs, KindProvider, guard
from cortex_resources.providers.seat import Owner, Seat
from cortex_resources.sql import models as sql


def _marker(props: Bag) -> Marker:
    owner, job = Owner.of(props), job_id_of(bag.text(props, "job"))
    return owner.marker(bag.text(props, "spec_hash"), job)


def _backend(props: Bag) -> TrainingBackend:
    return registry.named(job_properties.backend_name(props))


def _sight(seat: Seat, backend: TrainingBackend, name: QualifiedName) -> Sight:
    """The model, or who does not see it."""
    if backend.capabilities.is_sql:
        return presence.model_seen(name, seat.viewers, backend.artifact)
    return Sight(backend.artifact(name, seat.read))


def _found(seat: Seat, props: Bag, name: QualifiedName) -> Sight:
    """The same, with what a missing model is called now, where somebody renamed it."""
    backend = _backend(props)
    sight = _sight(seat, backend, name)
    if sight.model is not None or not backend.capabilities.has_comments:
        return sight
    marker = _marker(props)
    other = renamed.model_of(name, marker, seat.read, (marker.job,))
    return replace(sight, renamed=other.name) if other else sight


def _situation(
    props: Bag,
    saved: Phase | None,
    job: JobRecord | None,
    sight: Sight,
) -> Situation:
    return Situation(
        Moment.LOOKING,
        QualifiedName.parse(bag.text(props, "model")),
        QualifiedName.parse(bag.text(props, "model_name"), depth=3),
        saved=saved,
        job=job,
        artifact=sight.model,
        renamed=sight.renamed,
        unseen_by=sight.unseen_by,
        job_id=job_id_of(bag.text(props, "job")),
        attempt=adoption.attempt_in(job.training_data) if job else 1,
        policy=job_properties.policy(props),
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """What was seen, and what follows."""

    step: Step
    sight: Sight
    job: JobRecord | None = None


def _look(seat: Seat, props: Bag, saved: Phase | None) -> _Look:
    """Ask for the job, then for what it made; what that means is the table's."""
    backend = _backend(props)
    wished = QualifiedName.parse(bag.text(props, "model_name"), depth=3)
    record = backend.observe(job_id_of(bag.text(props, "job")), wished, seat.read)
    named = record.model if record else None
    if named is None and bag.text(props, "saved_as") and saved is not None:
        named = QualifiedName.parse(bag.text(props, "saved_as"))
    name = named or wished
    is_over = record is None or record.status is Status.SUCCESS
    sight = _found(seat, props, name) if is_over else Sight()
    return _Look(job_life.decide(_situation(props, saved, record, sight)), sight, record)


def _require_uncalled(seat: Seat, backend: TrainingBackend, name: QualifiedName) -> None:
    """Refuse to drop a model that the alias of some stack calls; only SQL calls models by name."""
    if not backend.capabilities.is_sql:
        return
    readers = [viewer.read for viewer in seat.viewers]
    if error := aliases.called(name, serving.callers(name, readers)):
        raise error


def _recorded(props: Bag) -> list[str]:
    """The models that a removal is about: the claimed one, then those before it."""
    current = bag.text(props, "saved_as") if bag.flag(props, "is_claimed") else ""
    return [*filter(None, [current, *bag.text(props, "previous_models").splitlines()])]


def _outputs(step: Step, job: JobRecord | None) -> Inputs:
    # A property without a value would show as unknown in every preview: the map is always there.
    metrics = {
        "trained_tokens": job.trained_tokens if job else None,
        "training_loss": job.training_loss if job else None,
        "validation_loss": job.validation_loss if job else None,
    }
    outputs: Inputs = {
        "phase": str(step.phase),
        "saved_as": str(step.model.name) if step.model else "",
        "metrics": {name: value for name, value in metrics.items() if value is not None},
    }
    return outputs if job else {**outputs, "job_record": "expired"}


_UNSEEN = "unseen by "


def _gone(look: _Look) -> Inputs:
    """What a read tells the next check: the model is gone and somebody has to decide.

    Behind the phase stands its other name, or who does not see it.
    """
    is_gone = look.step.phase in (Phase.MISSING, Phase.LOST)
    if not is_gone or look.step.action is not Action.FAIL:
        return {}
    unseen = f"{_UNSEEN}{look.sight.unseen_by}" if look.sight.unseen_by else ""
    return {"gone": f"{look.step.phase} {look.sight.renamed or unseen}".rstrip()}


def _told(words: str) -> Sight:
    """Read back what `_gone` wrote behind the phase."""
    if words.startswith(_UNSEEN):
        return Sight(unseen_by=words.removeprefix(_UNSEEN))
    return Sight(renamed=QualifiedName.parse(words) if words else None)


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
        "on_failure",
        "on_cancelled",
        "on_missing",
        "connection",
    )
    noted = ("gone",)
    replacing = frozenset({"model"})

    def canonical(self, _olds: Bag, news: Inputs) -> Inputs:
        """One spelling of the names."""
        model = QualifiedName.parse(bag.text(news, "model"), depth=3)
        return {**news, "model": str(model)}

    def faults(self, olds: Bag, news: Bag) -> Failures:
        """A model that a refresh found gone fails an unchanged declaration.

        Nothing is trained again by itself, and nothing that needs the model may go on as if it were
        there. A check says so and not a diff: a refresh and a destroy ask for diffs, too.
        """
        phase, _, words = bag.text(olds, "gone").partition(" ")
        if not phase or any(olds.get(key) != news.get(key) for key in ("spec_hash", "job")):
            return []
        step = job_life.decide(_situation(news, Phase(phase), None, _told(words)))
        return (
            [("model_name", step.error.line)] if step.action is Action.FAIL and step.error else []
        )

    def unfinished(self, olds: Bag, _news: Bag) -> bool:
        """A job that ended, between two runs or while this one waited, left a model to claim."""
        phase = bag.text(olds, "phase")
        if phase == Phase.TRAINING:
            # The refresh of this run may have looked before the program waited.
            return _look(Seat.fresh(olds), olds, Phase.TRAINING).step.action is Action.HARVEST
        is_taken = bag.flag(olds, "is_claimed") or bag.flag(olds, "is_borrowed")
        return phase == Phase.READY and not is_taken

    @guard
    def diff(self, id_: str, olds: Bag, news: Bag) -> DiffResult:
        """Compare; another name is told with the models that go with the old one."""
        found = super().diff(id_, olds, news)
        names, now = _recorded(olds), declared_now.restricted(news)
        may_drop = bag.flag(now, "allow_drop") and not bag.flag(now, "retain")
        if names and found.replaces and may_drop and bag.flag(olds, "allow_drop"):
            engine_log.warning(
                f"{olds['model']} leaves the stack and its models will be dropped:"
                f" {', '.join(names)}"
            )
        return found

    def made(self, news: Bag) -> tuple[str, Inputs]:
        """Harvest the job's model and claim it."""
        return bag.text(news, "model"), {**self._harvest(news, None), "previous_models": ""}

    def _harvest(self, props: Bag, saved: Phase | None, *, was_claimed: bool = False) -> Inputs:
        seat = Seat.fresh(props)
        look = _look(seat, props, saved)
        step, record = look.step, look.job
        if step.warning:
            engine_log.warning(step.warning)
        if step.error is not None:
            raise step.error
        outputs = _outputs(step, record)
        if step.model is None:
            # The name of a model that is gone stays: it may come back.
            known = bag.text(props, "saved_as") if saved is not None else ""
            return {**outputs, "saved_as": known, "is_claimed": was_claimed and bool(known)}
        is_proven = record is not None or was_claimed
        return {**outputs, **self._claimed(seat, props, step.model, is_proven=is_proven)}

    def _claimed(self, seat: Seat, props: Bag, model: ModelRecord, *, is_proven: bool) -> Inputs:
        """Write our marker, unless the service has no place for it or the model is borrowed."""
        if not _backend(props).capabilities.has_comments:
            return {"is_claimed": True}
        step = plan.claim(model, bag.text(props, "comment"), _marker(props), is_proven=is_proven)
        if not ownership.is_held(model.owner, lambda: seat.running_role, seat.read):
            engine_log.info(plan.borrowed(model))
            return {"is_claimed": False, "is_borrowed": True}
        seat.carry_out(step)
        return {"is_claimed": True}

    def seen(self, props: Bag) -> tuple[Inputs, Inputs] | None:
        """The live model; a dropped one stays in the state, training again is a decision."""
        saved = Phase(bag.text(props, "phase", Phase.TRAINING))
        if saved in (Phase.READY, Phase.MISSING):
            return self._still_there(props, saved)
        look = _look(Seat.of(props), props, saved)
        self._tell(look.step)
        return _gone(look), _outputs(look.step, look.job)

    def _still_there(self, props: Bag, saved: Phase) -> tuple[Inputs, Inputs]:
        # A model that was gone at its first look has no other name than the wished one.
        name = QualifiedName.parse(bag.text(props, "saved_as") or bag.text(props, "model_name"))
        seat = Seat.of(props)
        sight = _found(seat, props, name)
        model = sight.model
        step = job_life.decide(_situation({**props, "model_name": str(name)}, saved, None, sight))
        self._tell(step)
        outputs = {"phase": str(step.phase)}
        if model is None or bag.flag(props, "is_borrowed"):
            return _gone(_Look(step, sight)), outputs
        if not _backend(props).capabilities.has_comments:
            return {}, outputs
        return {"comment": sql.without_marker(model.comment)}, outputs

    def _tell(self, step: Step) -> None:
        """A run that did not wait is told here, by the next preview."""
        text = step.error.line if step.error else step.warning
        if text:
            engine_log.warning(text)

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

        A model that was never claimed goes with its job, whose record proves it ours. A key that
        was renamed and edited in one go is a retraining, and that keeps old versions.
        """
        if declared_now.has_next_version(type(self).__name__, props):
            engine_log.info(f"versions of {bag.text(props, 'model')} stay: it is declared again")
            return
        marker = _marker(props)
        for text in _recorded(props):
            name = QualifiedName.parse(text)
            seat = Seat.for_removal(props, sql.show(name))
            self._dropped(seat, props, name, marker)

    def _dropped(self, seat: Seat, props: Bag, name: QualifiedName, marker: Marker) -> None:
        backend = _backend(props)
        sight = _found(seat, props, name)
        model = sight.model
        if sight.renamed:
            engine_log.warning(f"model {name} was renamed to {sight.renamed}: it stays")
            return
        if sight.unseen_by:
            engine_log.warning(
                f"model {name} is not visible to {sight.unseen_by}: where another role owns it now,"
                " it stays"
            )
            return
        if model and not ownership.is_held(model.owner, lambda: seat.running_role, seat.read):
            engine_log.info(plan.borrowed(model))
            return
        step = plan.drop(
            name,
            model,
            marker,
            allow_drop=bag.flag(props, "allow_drop"),
            is_proven=not backend.capabilities.has_comments,
            is_retained=bag.flag(props, "retain"),
        )
        if step.verdict is Verdict.DROP:
            _require_uncalled(seat, backend, name)
            backend.discard(name, seat.run)
        seat.tell(step)
