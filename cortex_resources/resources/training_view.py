"""`TrainingView`: a view with PROMPT and COMPLETION."""

from __future__ import annotations

import pulumi
from pulumi.dynamic import Resource

from cortex_resources.model.names import QualifiedName
from cortex_resources.providers.training_view import TrainingViewProvider
from cortex_resources.resources import declared


class TrainingView(Resource, module="cortex", name="TrainingView"):
    """A view that training and validation read.

    Arguments:
        resource_name: Pulumi's name of it; also its key in query tags.
        name: `DB.SCHEMA.NAME`.
        query: a SELECT that gives PROMPT and COMPLETION; aliases will do.
        comment: changes in place and never retrains.
        secure: hide the query from other roles.
        allow_drop: the permission to drop the view when it leaves the stack.
        connection: a name in connections.toml, or `local`; default: the stack's setting.
        opts: Pulumi's options.

    Raises:
        InvalidNameError: the name cannot be read.
    """

    name: pulumi.Output[str]
    query: pulumi.Output[str]
    comment: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: str,
        query: str,
        comment: str = "",
        secure: bool = False,
        allow_drop: bool = False,
        connection: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "name": str(QualifiedName.parse(name, depth=3)),
            "query": query,
            "comment": comment,
            "secure": secure,
            "allow_drop": allow_drop,
            "is_owned": None,
            "connection": declared.connection(connection),
            **declared.hidden(resource_name),
        }
        kept = declared.droppable(opts, allow_drop)
        super().__init__(TrainingViewProvider(), resource_name, inputs, kept)
