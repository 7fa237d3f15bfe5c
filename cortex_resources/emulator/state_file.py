"""Opening a state file: made whole or not at all, looked at before anything is written to it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

import duckdb

from cortex_resources.emulator import formats

_Config = dict[str, str | bool | int | float | list[str]]
_CONFIG: Final[_Config] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}


class StateFileError(Exception):
    """The state file cannot be used; nothing was written to it."""


def open_state(path: Path | None) -> duckdb.DuckDBPyConnection:
    """A connection to a state of the present format; without a path it lives in memory."""
    if path is None:
        connection = duckdb.connect(":memory:", config=_CONFIG)
        formats.lay_out(connection)
        return connection
    try:
        if not path.exists():
            _make(path)
        version = _examine(path)
        connection = duckdb.connect(str(path), config=_CONFIG)
        if version is None:
            formats.lay_out(connection)
        elif version < formats.FORMAT:
            formats.migrate(connection, version)
    except formats.ForeignError as error:
        raise _refused(path, str(error)) from None
    except (duckdb.Error, OSError) as error:
        reason = str(error).splitlines()[0]
        if isinstance(error, duckdb.IOException) and "lock" in reason.lower():
            raise StateFileError(
                f"{path} is in use by another local account. "
                "Stop it (`cortex-resources account stop`) or choose another file with --state."
            ) from None
        raise _refused(path, reason.rstrip(".")) from None
    return connection


def _make(path: Path) -> None:
    """A new state, made beside its place and put there whole: a kill leaves no half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    journal = path.with_name(f"{path.name}.wal")
    if journal.exists():
        raise formats.ForeignError(f"it is missing while its {journal.name} is still there")
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        with duckdb.connect(str(draft), config=_CONFIG) as connection:
            formats.lay_out(connection)
        with contextlib.suppress(FileExistsError):  # another account was faster: it is opened
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _examine(path: Path) -> int | None:
    """The format of a file that may be anybody's: opened for writing it would change already."""
    with duckdb.connect(str(path), read_only=True, config=_CONFIG) as connection:
        version = formats.found(connection)
        if version is not None:
            # Reads every block of the control plane: a damaged one is noticed here.
            connection.execute("SELECT sum(length(value)) FROM control.journal").fetchone()
        return version


def _refused(path: Path, why: str) -> StateFileError:
    return StateFileError(
        f"{path} is not a state file of the local account: {why}. "
        "Nothing was changed; choose another file with --state."
    )
