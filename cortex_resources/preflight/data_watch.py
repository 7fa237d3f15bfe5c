"""Asks the account for the fingerprint of the rows that a model is trained on."""

from __future__ import annotations

from collections.abc import Callable

from cortex_resources.errors import AccountError, StatementRefusedError
from cortex_resources.model.effects import Statement
from cortex_resources.model.fingerprints import DataWatch, FingerprintBy
from cortex_resources.model.names import QualifiedName
from cortex_resources.sql import fingerprints

Runner = Callable[[Statement], list[dict[str, object]]]


def live(watch: DataWatch, model: QualifiedName, read: Runner) -> str:
    """The fingerprint of now; it names where it comes from, so that another kind is another one.

    Arguments:
        watch: how the rows are watched.
        model: whose rows.
        read: runs a READ with a role that may read them.

    Raises:
        StatementRefusedError: the account would not tell.
    """
    match watch.by:
        case FingerprintBy.NONE | FingerprintBy.TEXT:
            return watch.stated or ""
        case FingerprintBy.COMMIT_TIME:
            statement = fingerprints.commit_times(watch.tables)
        case FingerprintBy.HASH:
            statement = fingerprints.hashes(watch.queries)
    try:
        return f"{watch.by} {fingerprints.parse(read(statement))}"
    except AccountError as error:
        raise StatementRefusedError(
            f"the data of {model} could not be fingerprinted by {watch.by}: {error.what}",
            hint="Grant the connection's role SELECT on it. Nothing was submitted.",
            errno=error.errno,
            statement=error.statement,
        ) from None
