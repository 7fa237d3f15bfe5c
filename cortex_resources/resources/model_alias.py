"""`ModelAlias`: the stable name under which consumers call a model."""

from __future__ import annotations

import pulumi
from pulumi.dynamic import Resource

from cortex_resources.model.aliases import ModelAlias as Declared
from cortex_resources.model.jobs import TrainingJob
from cortex_resources.model.policy import Policy
from cortex_resources.providers.clearance import CLEARED
from cortex_resources.providers.model_alias import ModelAliasProvider
from cortex_resources.resources import declared


class ModelAlias(Resource, module="cortex", name="ModelAlias"):
    """A function of one text that calls a version of a model; declared by `FineTunedModel`.

    Arguments:
        resource_name: Pulumi's name of it; part of the marker that proves the function ours.
        alias: what is declared.
        job: what trains the versions; its role and warehouse make the function, too.
        newest: the name of the newest version.
        cleared: the hash of the version that may be served.
        granted: what the program itself grants before, as text of `preflight.submit`.
        policy: what the stack allows.
        connection: a name in connections.toml, or `local`; empty: Snowflake's own default.
        opts: Pulumi's options.
    """

    name: pulumi.Output[str]
    target: pulumi.Output[str]
    serves: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        alias: Declared,
        job: TrainingJob,
        newest: pulumi.Input[str],
        cleared: pulumi.Input[str],
        granted: str,
        policy: Policy,
        connection: str,
        opts: pulumi.ResourceOptions,
    ) -> None:
        allow_drop = policy.allow_drop
        inputs = {
            "name": str(alias.name),
            "comment": alias.comment,
            "pin": alias.pin,
            "target": newest,
            "role": job.role,
            "warehouse": job.warehouse,
            "allow_drop": allow_drop,
            "serves": None,
            "connection": connection,
            CLEARED: cleared,
            "__declared": granted,
            **declared.hidden(resource_name),
        }
        kept = declared.droppable(opts, allow_drop)
        super().__init__(ModelAliasProvider(), resource_name, inputs, kept)
