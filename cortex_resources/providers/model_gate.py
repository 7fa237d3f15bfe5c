"""The provider of `ModelGate`: asks a model for its scores, once, and keeps them.

It judges nothing: the program does, from the scores in the state, so that a threshold is corrected
without another evaluation. Nothing of it is in the account: a read sends no statement, a delete
leaves everything as it is.
"""

from __future__ import annotations

import json

from pulumi.dynamic import DiffResult

from cortex_resources.backends import registry
from cortex_resources.errors import GateError
from cortex_resources.model import sqltext
from cortex_resources.model.cost import costs, identity
from cortex_resources.model.gates import FREE, ModelGate, Scores, evaluation, query_faults
from cortex_resources.model.names import QualifiedName
from cortex_resources.preflight import evaluations
from cortex_resources.providers import after_training, bag, clearance, engine_log, job_properties
from cortex_resources.providers.bag import Bag
from cortex_resources.providers.job_properties import job_id_of
from cortex_resources.providers.lifecycle import Failures, Inputs, KindProvider, guard
from cortex_resources.providers.seat import Owner, Seat
from cortex_resources.sql import evaluations as sql

MOST_KEPT = 50
"""Evaluations that are remembered, so that a reverted commit pays for none."""

_EVALUATED_BY = ("model_name", "spec_hash", "job", "query")
"""What makes it another evaluation; the job, since a model that is trained again from the same spec
is another one."""


def _desired(props: Bag) -> ModelGate:
    return ModelGate(
        QualifiedName.parse(bag.text(props, "model"), depth=3), bag.text(props, "query")
    )


def _key(props: Bag) -> str:
    return evaluation(bag.text(props, "spec_hash"), bag.text(props, "query"))


def _kept(olds: Bag) -> dict[str, Inputs]:
    """The evaluations of the state by their key, oldest first: job and scores."""
    pairs = (line.partition(" ") for line in bag.text(olds, "kept").splitlines())
    return {key: json.loads(text) for key, _, text in pairs}


def _known(olds: Bag, news: Bag) -> Scores | None:
    """The scores of an earlier evaluation of the same model."""
    found = _kept(olds).get(_key(news))
    if found is None or found["job"] != job_id_of(bag.text(news, "job")):
        return None
    scores: Scores = found["scores"]
    return scores


class ModelGateProvider(KindProvider):
    """Property bag to `ModelGate` and back."""

    named = "model"
    compared = (
        *costs(ModelGate),
        *("model_name", "spec_hash", "job"),
        *("role", "warehouse", "connection"),
    )
    quiet = ("role", "warehouse")
    noted = (clearance.HELD,)
    asked_only = (clearance.CLEARED,)
    replacing = identity(ModelGate)

    def canonical(self, olds: Bag, news: Inputs) -> Inputs:
        """One spelling; a query that only looks different keeps its old text."""
        query = sqltext.kept(bag.text(olds, "query"), bag.text(news, "query"))
        held = clearance.held(news, bag.text(news, "spec_hash").__eq__)
        return {**news, "model": str(_desired(news).model), "query": query, **held}

    def faults(self, olds: Bag, news: Bag) -> Failures:
        """What makes the query unfit to judge a model; a first evaluation is told here."""
        found = [("query", text) for text in query_faults(_desired(news).query)]
        if found or clearance.is_held(news):
            return found
        is_ready = not bag.has_unknown(news.get(clearance.CLEARED))
        if is_ready and olds.get("query") != news.get("query"):
            # The query about a model that is yet to be trained is the job's check to try.
            found = self._uncompiled(news)
        if not (found or olds):
            self._announce(news)
        return found

    def _uncompiled(self, news: Bag) -> Failures:
        wished = QualifiedName.parse(bag.text(news, "model_name"), depth=3)
        try:
            after_training.require_compiled(_desired(news), wished, news)
        except GateError as error:
            return [("query", error.line)]
        return []

    @guard
    def diff(self, id_: str, olds: Bag, news: Bag) -> DiffResult:
        """Compare; say that the model will be asked, since its tokens are paid."""
        found = super().diff(id_, olds, news)
        if found.changes is not False and _key(news) not in _kept(olds):
            self._announce(news)
        return found

    def _announce(self, news: Bag) -> None:
        """What the preview says of an evaluation."""
        engine_log.info(
            f"{bag.text(news, 'model_name')} will be evaluated by the gate of"
            f" {bag.text(news, 'model')}: its query calls the model, and those tokens are paid"
        )

    def _differs(self, key: str, olds: Bag, news: Bag) -> bool:
        is_later = key in _EVALUATED_BY and clearance.is_held(news)
        return super()._differs(key, olds, news) and not is_later

    def unfinished(self, olds: Bag, news: Bag) -> bool:
        """A model that was not ready before is to be evaluated."""
        return bag.text(olds, "evaluated") != _key(news) and not clearance.is_held(news)

    def made(self, news: Bag) -> tuple[str, Inputs]:
        """Ask a model that is ready; one that is not yet is asked by a later run."""
        return bag.text(news, "model"), self._evaluated({}, news)

    def _evaluated(self, olds: Bag, news: Bag) -> Inputs:
        """The scores of a version that is ready, known or asked for."""
        kept = _kept(olds)
        if clearance.is_held(news):
            return {"evaluated": "", "scores": {}, "kept": _text(kept)}
        scores = _known(olds, news)
        if scores is None:
            scores = self._asked(news)
        else:
            engine_log.info(f"the scores of {news['model_name']} are known: nothing is evaluated")
        key = _key(news)
        kept.pop(key, None)
        kept[key] = {"job": job_id_of(bag.text(news, "job")), "scores": scores}
        return {"evaluated": key, "scores": scores, "kept": _text(kept)}

    def _asked(self, news: Bag) -> Scores:
        """The scores of the query, and those that the job's record holds."""
        gate, seat = _desired(news), Seat.fresh(news)
        wished = QualifiedName.parse(bag.text(news, "model_name"), depth=3)
        job = job_id_of(bag.text(news, "job"))
        marker = Owner.of(news).marker(bag.text(news, "spec_hash"), job)
        model = evaluations.named(wished, marker, seat.read)
        key = evaluation(bag.text(news, "spec_hash"), gate.query, job)
        pay = seat.tagged(sql.tag(key)).run
        given = evaluations.scores(gate, model, key, read=seat.read, pay=pay, columns=seat.columns)
        backend = registry.named(job_properties.backend_name(news))
        record = backend.observe(job, wished, seat.read)
        losses = {name: getattr(record, name, None) for name in FREE}
        # They are the job's: the program judged by them before it let the model be asked.
        return {**given, **{name: value for name, value in losses.items() if value is not None}}

    def seen(self, _props: Bag) -> tuple[Inputs, Inputs] | None:
        """Nothing in the account: scores are facts about the past."""
        return {}, {}

    def changed(self, olds: Bag, news: Bag) -> Inputs:
        """Ask for what is not known yet."""
        return self._evaluated(olds, news)

    def removed(self, props: Bag) -> None:
        """Nothing in the account: the model stays, and what is served."""


def _text(kept: dict[str, Inputs]) -> str:
    newest = list(kept.items())[-MOST_KEPT:]
    return "".join(f"{key} {json.dumps(value, sort_keys=True)}\n" for key, value in newest)
