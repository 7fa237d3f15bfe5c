"""Clearance: which version of a model may be served now. Told here and nowhere else."""

from __future__ import annotations

import pulumi

from cortex_resources.model.jobs import Phase


def cleared(spec_hash: pulumi.Output[str], phase: pulumi.Output[str]) -> pulumi.Output[str]:
    """The hash of the version that may be served, nothing while there is none.

    In a preview it is unknown while the model is still to be trained or harvested.

    Arguments:
        spec_hash: what the job trains.
        phase: where its model stands.
    """
    return pulumi.Output.all(spec_hash, phase).apply(_of)


def _of(known: list[str]) -> str:
    spec_hash, phase = known
    return spec_hash if phase == Phase.READY else ""
