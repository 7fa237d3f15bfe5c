"""`ModelGate`: what a model answers before it is served."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi.dynamic import Resource

from cortex_resources.model.gates import ANSWERS
from cortex_resources.model.names import QualifiedName
from cortex_resources.providers.clearance import CLEARED
from cortex_resources.providers.model_gate import ModelGateProvider
from cortex_resources.resources import declared


class ModelGate(Resource, module="cortex", name="ModelGate"):
    """The scores of a version of a model, asked for once by a query.

    It only keeps them; `FineTunedModel` holds them against its thresholds.

    Arguments:
        resource_name: Pulumi's name of it; also its key in query tags.
        model: the model as declared, `DB.SCHEMA.NAME`.
        query: gives NAME and VALUE, one row for each score; `$model` stands for the model's name.
        version: which version is evaluated: `model_name`, `spec_hash`, `job`, and in `__cleared`
            the spec hash of the version that is ready.
        role, warehouse: who evaluates; default: the connection's.
        connection: a name in connections.toml, or `local`; default: the stack's setting.
        opts: Pulumi's options.

    Raises:
        InvalidNameError: the name cannot be read.
    """

    query: pulumi.Output[str]
    scores: pulumi.Output[dict[str, float | str]]
    evaluated: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        model: str,
        version: dict[str, Any],
        query: str = ANSWERS,
        role: str | None = None,
        warehouse: str | None = None,
        connection: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "model": str(QualifiedName.parse(model, depth=3)),
            "query": query,
            "model_name": version["model_name"],
            "spec_hash": version["spec_hash"],
            "job": version["job"],
            "role": role,
            "warehouse": warehouse,
            "connection": declared.connection(connection),
            "scores": None,
            "evaluated": None,
            CLEARED: version[CLEARED],
            **declared.hidden(resource_name),
        }
        super().__init__(ModelGateProvider(), resource_name, inputs, opts)
