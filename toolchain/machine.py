"""What is on this machine's PATH: an installed engine, a Go toolchain."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from toolchain.choice import Found
from toolchain.launchers import LANGUAGE_HOST
from toolchain.pins import Version, parse_version

_ANSWER_SECONDS = 30


def find_engine(remembered: Path, own_folder: Path) -> Found | None:
    """The first `pulumi` on PATH that is not the one we built; its version is remembered.

    Asking an engine for its version takes a third of a second, so the answer is kept in a file
    and belongs to exactly this file, by path, size and time of change.
    """
    path = _which("pulumi", without=own_folder)
    if path is None:
        return None
    state = path.stat()
    key: list[str | int] = [str(path.resolve()), state.st_size, state.st_mtime_ns]
    text = _recall(remembered, key)
    if text is None:
        text = _ask(path, "version", PULUMI_SKIP_UPDATE_CHECK="true")
        if text is not None:
            remembered.parent.mkdir(parents=True, exist_ok=True)
            remembered.write_text(json.dumps([key, text]), encoding="utf-8")
    has_host = (path.resolve().parent / LANGUAGE_HOST).exists() or (
        _which(LANGUAGE_HOST, without=own_folder) is not None
    )
    return Found(path, _version(text), has_language_host=has_host)


def find_go() -> Found | None:
    """The `go` on PATH."""
    path = _which("go", without=None)
    # The toolchain that is there, not one that it would download for some folder's go.mod.
    if path is None:
        return None
    return Found(path, _version(_ask(path, "version", GOTOOLCHAIN="local")))


def _which(name: str, without: Path | None) -> Path | None:
    folders = os.environ.get("PATH", "").split(os.pathsep)
    if without is not None:
        own = without.resolve()
        folders = [folder for folder in folders if folder and Path(folder).resolve() != own]
    found = shutil.which(name, path=os.pathsep.join(folders))
    return Path(found).absolute() if found else None


def _version(text: str | None) -> Version | None:
    return parse_version(text) if text else None


def _recall(remembered: Path, key: list[str | int]) -> str | None:
    try:
        known, text = json.loads(remembered.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return str(text) if known == key else None


def _ask(path: Path, argument: str, **environment: str) -> str | None:
    try:
        answer = subprocess.run(
            [path, argument],
            env=os.environ | environment,
            cwd="/",
            capture_output=True,
            text=True,
            timeout=_ANSWER_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout
