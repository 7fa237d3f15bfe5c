"""What the preview of this `up` was made from, for the run that follows it.

The engine starts program and providers once for the preview of an `up` and once more for its run,
and tells neither of the other. All descend from the same engine, so what the first ones saw stands
in a file under the name of that process. Only ever a reason not to revoke, or not to say something
again: without a preview, without `ps`, or without a folder that is the user's alone there is
nothing to know, and a run does what it reads.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

_ENGINE = "pulumi"
_GENERATIONS = 4
"""How far up the engine may be: a launcher, or Pulumi's own language host, may stand between."""
_FORGOTTEN_S = 86_400.0


def _process(pid: int) -> tuple[int, str, str]:
    """The parent of a process, when it began, and what runs in it."""
    columns = ("ppid=", "lstart=", "comm=")
    command = ["ps", "-p", str(pid), *(word for column in columns for word in ("-o", column))]
    environ = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    told = subprocess.run(  # noqa: S603 - fixed words and a number
        command, env=environ, capture_output=True, text=True, timeout=5, check=False
    )
    parent, *began, runs = told.stdout.split()
    return int(parent), " ".join(began), Path(runs).name


@cache
def _engine() -> str:
    """One name for the engine above this process; empty where it cannot be told."""
    pid = os.getppid()
    with suppress(OSError, ValueError, subprocess.SubprocessError):
        for _ in range(_GENERATIONS):
            parent, began, runs = _process(pid)
            if runs == _ENGINE:
                return f"{pid} {began}"
            pid = parent
    return ""


@cache
def _folder() -> Path | None:
    """A folder of this user alone, without what others than today's runs left there."""
    if not _engine() or not hasattr(os, "getuid"):
        return None
    folder = Path(tempfile.gettempdir()) / f"cortex-resources-{os.getuid()}"
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        state = folder.lstat()
        if state.st_uid != os.getuid() or state.st_mode & 0o077 or not folder.is_dir():
            return None
        for file in folder.glob("*.json"):
            if time.time() - file.stat().st_mtime > _FORGOTTEN_S:
                file.unlink(missing_ok=True)
        return folder
    return None


def _file(key: str) -> Path | None:
    folder = _folder()
    if folder is None:
        return None
    return folder / f"{hashlib.sha256(f'{_engine()} {key}'.encode()).hexdigest()[:32]}.json"


def _kept(file: Path) -> tuple[int, str] | None:
    """Which process wrote it, and what."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        found = json.loads(file.read_text(encoding="utf-8"))
        return int(found["host"]), str(found["saw"])
    return None


def note(key: str, saw: str) -> None:
    """Keep what a preview saw; a run that follows one changes nothing in it.

    Arguments:
        key: of the resource, or of what the program says.
        saw: what its difference is made from.
    """
    if (file := _file(key)) is None:
        return
    found = _kept(file)
    if found is not None and found[0] != os.getpid():
        return
    with suppress(OSError):
        file.write_text(json.dumps({"host": os.getpid(), "saw": saw}), encoding="utf-8")


def kept(key: str) -> str | None:
    """What the preview before this run saw; None where there was no preview."""
    if (file := _file(key)) is None or (found := _kept(file)) is None:
        return None
    host, saw = found
    return None if host == os.getpid() else saw


def taken(key: str) -> str | None:
    """The same, once: an engine that goes on has runs without a preview."""
    saw = kept(key)
    if saw is not None and (file := _file(key)):
        with suppress(OSError):
            file.unlink(missing_ok=True)
    return saw
