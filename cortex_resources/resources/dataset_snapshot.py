"""`DatasetSnapshot`: training rows frozen in a table named by their content."""

from __future__ import annotations

import pulumi
from pulumi.dynamic import Resource

from cortex_resources.model.names import QualifiedName
from cortex_resources.providers.dataset_snapshot import DatasetSnapshotProvider
from cortex_resources.resources import declared


class DatasetSnapshot(Resource, module="cortex", name="DatasetSnapshot"):
    """Rows of a query as they were once, so that a model can be trained on them again.

    Arguments:
        resource_name: Pulumi's name of it; also its key in query tags.
        name: `DB.SCHEMA.NAME`; the table carries the first digits of its content's hash behind it.
        query: a SELECT that gives PROMPT and COMPLETION.
        as_of: any text; another one takes another snapshot.
        comment: changes in place.
        allow_drop: the permission to drop the table when it leaves the stack.
        connection: a name in connections.toml, or `local`; default: the stack's setting.
        opts: Pulumi's options.

    Raises:
        InvalidNameError: the name cannot be read.
    """

    name: pulumi.Output[str]
    table: pulumi.Output[str]
    rows: pulumi.Output[int]

    def __init__(
        self,
        resource_name: str,
        *,
        name: str,
        query: str,
        as_of: str = "",
        comment: str = "",
        allow_drop: bool = False,
        connection: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "name": str(QualifiedName.parse(name, depth=3)),
            "query": query,
            "as_of": as_of,
            "comment": comment,
            "allow_drop": allow_drop,
            "table": None,
            "rows": None,
            "connection": declared.connection(connection),
            **declared.hidden(resource_name),
        }
        kept = declared.droppable(opts, allow_drop)
        super().__init__(DatasetSnapshotProvider(), resource_name, inputs, kept)
