"""Does each view that a job reads by name hold the text that is part of the job's hash?

An `up` for chosen resources, or one that does not refresh, comes to the job without having brought
its view to the declaration. The job would be paid for and trained on other rows than its name
says, and the right one would then be taken for done.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from cortex_resources.errors import ObjectMissingError, OwnershipError
from cortex_resources.model import sqltext
from cortex_resources.model.effects import Statement
from cortex_resources.model.jobs import TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.views import read_by
from cortex_resources.sql import views

Rows = list[dict[str, object]]


def require_declared(job: TrainingJob, run: Callable[[Statement], Rows]) -> None:
    """Refuse a job on a view that reads something else than the job's definitions.

    A view that the role does not see, or whose text it may not read, is not asked about.

    Arguments:
        job: what is to be submitted.
        run: runs a READ with the role that made the views.

    Raises:
        OwnershipError: the view is not as declared.
    """
    if not job.definitions:
        return
    for query in filter(None, (job.training_query, job.validation_query)):
        name = read_by(query)
        live = _live(name, run) if name else ""
        if live and not any(sqltext.same(live, text) for text in job.definitions):
            raise OwnershipError(
                f"view {name} reads something else than what is declared, and {job.model} would"
                " be trained on that",
                hint="Run `pulumi up` without --target, --exclude or --refresh=false: it brings"
                " the view to its declaration first. Nothing was submitted.",
            )


def _live(name: QualifiedName, run: Callable[[Statement], Rows]) -> str:
    """The text of a view, empty where it is not seen or not readable."""
    with suppress(ObjectMissingError):
        found = views.parse(run(views.show_in(name.parent))).get(name)
        if found is not None and found.is_readable:
            return found.view.query
    return ""
