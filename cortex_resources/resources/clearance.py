"""Clearance: which version of a model may be served now. Told here and nowhere else."""

from __future__ import annotations

from typing import Any

import pulumi

from cortex_resources.errors import GateError
from cortex_resources.model import gates
from cortex_resources.model.gates import Thresholds
from cortex_resources.model.jobs import Phase
from cortex_resources.model.names import QualifiedName
from cortex_resources.plan import gates as plan
from cortex_resources.resources.model_gate import ModelGate


def cleared(spec_hash: pulumi.Output[str], phase: pulumi.Output[str]) -> pulumi.Output[str]:
    """The hash of the version that may be served, nothing while there is none.

    In a preview it is unknown while the model is still to be trained or harvested.

    Arguments:
        spec_hash: what the harvested model was trained on.
        phase: where its model stands.
    """
    return pulumi.Output.all(spec_hash, phase).apply(_of)


def _of(known: list[str]) -> str:
    spec_hash, phase = known
    return spec_hash if phase == Phase.READY else ""


def promising(
    ready: pulumi.Output[str],
    metrics: pulumi.Output[dict[str, float]],
    thresholds: Thresholds,
    model_name: pulumi.Output[str],
    *,
    pin: str = "",
) -> pulumi.Output[str]:
    """The version that may be asked: one that misses a bound of its job's losses is not paid for.

    Arguments:
        ready: the version that is ready.
        metrics: what its job's record holds.
        thresholds: what its scores must reach.
        model_name: what the version is called in messages.
        pin: the version that the alias serves in its place.
    """

    def judged(known: list[Any]) -> str:
        spec_hash, held, name = known
        losses = {key: (held or {}).get(key) for key in gates.FREE}
        told = {key: value for key, value in losses.items() if value is not None}
        try:
            if spec_hash:
                plan.require_promising(QualifiedName.parse(name), told, thresholds)
        except GateError as error:
            return _not_cleared(error, pin)
        return str(spec_hash)

    return pulumi.Output.all(ready, metrics, model_name).apply(judged)


def _not_cleared(error: GateError, pin: str, resource: pulumi.Resource | None = None) -> str:
    """No version; the end of the program unless a pin is the decision that the error asks for."""
    if not pin:
        raise pulumi.RunError(str(error)) from None
    pulumi.log.warn(plan.passed_over(error, pin), resource=resource)
    return ""


def passed(
    ready: pulumi.Output[str],
    gate: ModelGate,
    thresholds: Thresholds,
    model_name: pulumi.Output[str],
    *,
    pin: str = "",
) -> pulumi.Output[str]:
    """The same behind a gate: the version that is ready and passed; nothing before it was asked.

    A model that does not pass ends the program, in a preview too where its scores are known: what
    needs the model stays as it is. With a pin it is a warning and not cleared: a preview that
    ended in an error would keep the pin itself from being carried out.

    Arguments:
        ready: the version that was asked, or will be.
        gate: who has its scores.
        thresholds: what they must reach.
        model_name: what the version is called in messages.
        pin: the version that the alias serves in its place.
    """

    def judged(known: list[Any]) -> str:
        spec_hash, query, evaluated, scores, name = known
        if not spec_hash or evaluated != gates.evaluation(spec_hash, query):
            return ""
        try:
            notice = plan.judge(QualifiedName.parse(name), scores or {}, thresholds)
        except GateError as error:
            return _not_cleared(error, pin, gate)
        if notice:
            pulumi.log.warn(notice, resource=gate)
        return str(spec_hash)

    told = (ready, gate.query, gate.evaluated, gate.scores, model_name)
    return pulumi.Output.all(*told).apply(judged)
