"""Is there the version of a dataset that a job trains on? Asked before anything is paid."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from cortex_resources.errors import AccountError, NoDatasetError, ObjectMissingError
from cortex_resources.model.datasets import DatasetVersion
from cortex_resources.model.effects import Statement
from cortex_resources.model.names import QualifiedName
from cortex_resources.preflight import presence
from cortex_resources.preflight.presence import Viewer
from cortex_resources.sql import containers
from cortex_resources.sql import datasets as sql

Runner = Callable[[Statement], list[dict[str, object]]]


def require_versions(
    versions: Iterable[DatasetVersion | None], run: Runner, viewers: Sequence[Viewer] = ()
) -> None:
    """Refuse a version that its dataset does not have, and a dataset that is provably not there.

    A reply without names tells nothing: then the account decides.

    Arguments:
        versions: what is to be trained on and validated with.
        run: runs a READ with a role that may use the datasets.
        viewers: who looks for a dataset before it is called gone.

    Raises:
        ObjectMissingError: this role does not see the dataset, and nothing proves that it is gone.
        NoDatasetError: the dataset or the version is not there.
    """
    for wanted in filter(None, versions):
        try:
            rows = run(sql.show_versions(wanted.dataset))
        except ObjectMissingError:
            if _is_gone(wanted.dataset, viewers):
                raise _absent(wanted) from None
            raise
        names = sql.parse_versions(rows)
        if wanted.version in names or (rows and not names):
            continue
        raise _without_version(wanted, names)


def _is_gone(name: QualifiedName, viewers: Sequence[Viewer]) -> bool:
    """Whether no role lists it, and one of them sees every object or what is in its place."""
    for viewer in viewers:
        try:
            if containers.lists(viewer.read(sql.show(name)), name.name):
                return False
        except AccountError:
            continue  # The role, the schema or the database is hidden from it, or not there.
    return any(_is_proof(viewer, name) for viewer in reversed(viewers))


def _is_proof(viewer: Viewer, name: QualifiedName) -> bool:
    try:
        return presence.sees_everything(viewer.read, viewer.role()) or presence.schema_is_gone(
            viewer.read, name.parent
        )
    except AccountError:
        return False


def _added(wanted: DatasetVersion) -> str:
    """The statement that makes the version (*Snowflake Datasets*)."""
    version = wanted.version.replace("'", "''")
    return (
        f"ALTER DATASET {wanted.dataset} ADD VERSION '{version}' FROM (SELECT … AS file, … AS"
        " prompt, … AS response FROM …)"
    )


def _absent(wanted: DatasetVersion) -> NoDatasetError:
    return NoDatasetError(
        f"dataset {wanted.dataset} is not there",
        hint=f"Correct the address, or make it: CREATE DATASET {wanted.dataset}; {_added(wanted)}."
        " Nothing was submitted.",
        address=str(wanted),
    )


def _without_version(wanted: DatasetVersion, names: Sequence[str]) -> NoDatasetError:
    known = ", ".join(names) if names else "none yet"
    return NoDatasetError(
        f"dataset {wanted.dataset} has no version {wanted.version!r}; it has {known}",
        hint=f"{_way_out(wanted, names)} Nothing was submitted.",
        address=str(wanted),
    )


def _way_out(wanted: DatasetVersion, names: Sequence[str]) -> str:
    if not names:
        return f"Add it: {_added(wanted)}."
    return f"Name one of its versions, to the letter, or add it: {_added(wanted)}."
