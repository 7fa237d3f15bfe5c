"""Where Pulumi keeps states: in the backend that a user chose, else in a folder of the project."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path


def folder(project: Path) -> Path:
    """The folder that `make` keeps states in."""
    return project / ".pulumi-state"


def is_chosen(environ: Mapping[str, str]) -> bool:
    """Whether the user has a backend: by a variable, or logged in."""
    if environ.get("PULUMI_BACKEND_URL") or environ.get("PULUMI_ACCESS_TOKEN"):
        return True
    home = Path(environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    try:
        credentials = json.loads((home / "credentials.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(credentials, dict) and bool(credentials.get("current"))


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
