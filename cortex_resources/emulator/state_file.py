"""Opening a state file: made whole or not at all, looked at before anything is written to it.

What the account needs to start imports `_duckdb`, the engine that the package `duckdb` re-exports:
its conveniences for notebooks and data frames take longer to load than the engine takes to open a
file. The package itself is loaded with the compiler.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import _duckdb as duckdb

from cortex_resources.emulator import formats, journal_file
from cortex_resources.emulator.errors import disk_full

_Config = dict[str, str | bool | int | float | list[str]]
_ENGINE: Final[_Config] = {
    "threads": 1,  # rows keep their order, draws their series
    "memory_limit": "1GB",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    # Of a new file. An account has many small tables: with blocks of the usual 256 KB a checkpoint
    # turned a thousand of them into 250 MB, on disk and in memory; so it is 17.
    "default_block_size": "16384",
}
CONFIG: Final[_Config] = {"enable_external_access": "false", **_ENGINE}


class StateFileError(Exception):
    """The state file cannot be used; nothing was written to it."""


def open_state(path: Path | None) -> duckdb.DuckDBPyConnection:
    """A connection to a state of the present format; without a path it lives in memory."""
    if path is None:
        connection = duckdb.connect(":memory:", config=CONFIG)
        formats.lay_out(connection)
        return connection
    try:
        version = _found(path)
        connection = duckdb.connect(str(path), config=CONFIG)
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
        if disk_full(error):
            raise StateFileError(
                f"{path} cannot be written, the disk is full: {reason.rstrip('.')}. "
                "Free space there, or choose another file with --state."
            ) from None
        raise _refused(path, reason.rstrip(".")) from None
    return connection


def _found(path: Path) -> int | None:
    """The format of the state file, which is made if it is missing; None when it is empty.

    One engine in memory does both: to start an engine takes longer than to attach a file to it.
    It is the only one that may reach files, and runs nothing but the statements written here.
    """
    with duckdb.connect(":memory:", config=_ENGINE) as engine:
        if not path.exists() and _make(path, engine):
            return formats.FORMAT
        return _examine(path, engine)


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")


def _make(path: Path, engine: duckdb.DuckDBPyConnection) -> bool:
    """A new state, made beside its place and put there whole: a kill leaves no half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    journal = _journal(path)
    if journal.exists():
        raise formats.ForeignError(f"it is missing while its {journal.name} is still there")
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        with _attached(engine, draft, ""):
            formats.lay_out(engine)
        os.link(draft, path)
    except FileExistsError:  # another account was faster: its file is looked at
        return False
    finally:
        draft.unlink(missing_ok=True)
    return True


def _examine(path: Path, engine: duckdb.DuckDBPyConnection) -> int | None:
    """The format of a file that may be anybody's: opened for writing it would change already."""
    if fault := journal_file.damage(_journal(path)):
        raise formats.ForeignError(fault)
    with _attached(engine, path, ", READ_ONLY"):
        version = formats.found(engine)
        if version is not None:
            # Reads every block of the control plane: a damaged one is noticed here.
            engine.execute("SELECT sum(length(value)) FROM control.journal").fetchone()
        return version


@contextlib.contextmanager
def _attached(engine: duckdb.DuckDBPyConnection, path: Path, how: str) -> Iterator[None]:
    """A file as the engine's own database, and let go of afterwards, written out whole."""
    literal = str(path).replace("'", "''")
    engine.execute(f"ATTACH '{literal}' AS state (TYPE duckdb{how})")
    try:
        engine.execute("USE state")
        yield
    finally:
        engine.execute("USE memory")
        engine.execute("DETACH state")


def _refused(path: Path, why: str) -> StateFileError:
    return StateFileError(
        f"{path} is not a state file of the local account: {why}. "
        "Nothing was changed; choose another file with --state."
    )
