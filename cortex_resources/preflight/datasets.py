"""Is there the version of a dataset that a job trains on? Asked before anything is paid."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cortex_resources.errors import StatementRefusedError
from cortex_resources.model.datasets import DatasetVersion
from cortex_resources.model.effects import Statement
from cortex_resources.sql import datasets as sql

Runner = Callable[[Statement], list[dict[str, object]]]


def require_versions(versions: Iterable[DatasetVersion | None], run: Runner) -> None:
    """Refuse a version that its dataset does not have.

    A reply without names tells nothing: then the account decides.

    Arguments:
        versions: what is to be trained on and validated with.
        run: runs a READ with a role that may use the datasets.

    Raises:
        ObjectMissingError: the dataset is not there, or this role may not see it.
        StatementRefusedError: the version is not there.
    """
    for wanted in filter(None, versions):
        rows = run(sql.show_versions(wanted.dataset))
        names = sql.parse_versions(rows)
        if wanted.version in names or (rows and not names):
            continue
        known = ", ".join(names) if names else "none yet"
        raise StatementRefusedError(
            f"dataset {wanted.dataset} has no version {wanted.version!r}; it has {known}",
            hint="Name one of its versions, to the letter. Nothing was submitted.",
        )
