"""Did somebody give our model another name? Asked only where it is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cortex_resources.errors import ObjectMissingError
from cortex_resources.model.effects import Statement
from cortex_resources.model.jobs import Marker, ModelRecord
from cortex_resources.model.names import QualifiedName
from cortex_resources.plan import adoption
from cortex_resources.sql import models


def model_of(
    wished: QualifiedName,
    marker: Marker,
    read: Callable[[Statement], list[dict[str, object]]],
    job_ids: Iterable[str] = (),
) -> ModelRecord | None:
    """The model that carries this marker under another name in the same schema.

    Arguments:
        wished, marker: the name it should have, and what its comment says.
        read: runs a READ with a role that sees the models.
        job_ids: jobs that made a model under the wished name.
    """
    try:
        existing = models.parse(read(models.show_beside(wished)))
    except ObjectMissingError:
        return None
    return adoption.renamed(existing, wished, marker, job_ids)
