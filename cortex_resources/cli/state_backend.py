"""Where Pulumi keeps states: in the backend that a user chose, else in a folder of the project."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_FILES: Final = "file://"


def folder(project: Path) -> Path:
    """The folder that `make` keeps states in."""
    return project / ".pulumi-state"


def is_chosen(environ: Mapping[str, str]) -> bool:
    """Whether the user has a backend: by a variable, or logged in."""
    if environ.get("PULUMI_BACKEND_URL") or environ.get("PULUMI_ACCESS_TOKEN"):
        return True
    return bool(_logged_in(environ))


def _logged_in(environ: Mapping[str, str]) -> str:
    """The backend of the last `pulumi login`; empty without one."""
    home = Path(environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    try:
        credentials = json.loads((home / "credentials.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(credentials.get("current") or "") if isinstance(credentials, dict) else ""


def of_files(project: Path, environ: Mapping[str, str]) -> Path | None:
    """The folder in which a backend of files keeps its own; None with any other backend.

    Arguments:
        project: the folder of Pulumi.yaml, which a relative address starts from.
        environ: the variables of a `pulumi` call.
    """
    url = environ.get("PULUMI_BACKEND_URL") or _logged_in(environ)
    if not url.startswith(_FILES):
        return None
    path = Path(url.removeprefix(_FILES).partition("?")[0]).expanduser()
    return project / path / ".pulumi"


def completed(project: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The user's variables, with the folder of the project as the backend where none is chosen.

    Arguments:
        project: the folder of Pulumi.yaml; without a folder of states nothing is completed.
        environ: the user's variables; what is set there stays.
    """
    found = {"PULUMI_SKIP_UPDATE_CHECK": "true", **environ}
    states = folder(project)
    if is_chosen(environ) or not states.is_dir():
        return found
    found["PULUMI_BACKEND_URL"] = states.resolve().as_uri()
    if "PULUMI_CONFIG_PASSPHRASE_FILE" not in environ:
        # Nothing secret is in the state: the passphrase only has to exist.
        found.setdefault("PULUMI_CONFIG_PASSPHRASE", "")
    return found
