"""What Pulumi's state holds of a stack: asked of the engine, or read from a file.

The engine is the `pulumi` on PATH, else the one that `make` built in the project's folder.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cortex_resources.cli import state_backend
from cortex_resources.errors import CortexError

_SECONDS = 60
_NO_STACK = "no stack named"
"""How the engine says that its backend holds no such stack."""
CUT_SHORT = "failed to load checkpoint"
"""How it says that a state is not whole."""


class StateError(CortexError):
    """The state cannot be read, so nothing can be said about what is in no state."""


def unreadable(stack: str, said: str) -> StateError:
    """Why the engine did not export a state, with the way out.

    Arguments:
        stack: whose state it is.
        said: the errors of the engine.
    """
    hint = (
        "Name the backend in PULUMI_BACKEND_URL or by `pulumi login`, or run"
        " `pulumi stack export` where it is known and give the file with --state FILE."
    )
    if CUT_SHORT in said:
        hint = (
            "A run was killed while it wrote the state. In a backend of files"
            f" `make unlock STACK={stack}` puts back the copy beside it."
        )
    return StateError(f"pulumi could not export stack {stack}: {' '.join(said.split())}", hint=hint)


def from_engine(stack: str, project: Path, environ: Mapping[str, str]) -> list[Any] | None:
    """The resources in the state of a stack; None when the backend holds no such stack.

    Arguments:
        stack: Pulumi's name of it.
        project: the folder of Pulumi.yaml.
        environ: the user's variables.

    Raises:
        StateError: there is no engine, or it did not answer.
    """
    built = project / ".toolchain" / "bin"
    engine = shutil.which("pulumi", path=environ.get("PATH", ""))
    engine = engine or shutil.which("pulumi", path=str(built))
    if engine is None:
        raise StateError(
            f"the state is asked of `pulumi`, and there is none on PATH nor in {built}",
            hint="Run `make setup`, which builds one, or give an exported state with --state FILE.",
        )
    done = subprocess.run(  # noqa: S603 - the user's own engine
        [engine, "stack", "export", "--stack", stack, "--non-interactive"],
        cwd=project,
        env=state_backend.completed(project, environ),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode == 0:
        return resources_in(done.stdout, f"the state of {stack}")
    if _NO_STACK in done.stderr:
        return None
    raise unreadable(stack, done.stderr)


def from_file(stack: str, file: Path) -> list[Any]:
    """The resources in an exported state.

    Raises:
        StateError: it is no exported state, or that of another stack.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StateError(
            f"{file} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}",
            hint=f"Write it with: pulumi stack export --stack {stack} --file {file}.",
        ) from None
    resources = resources_in(text, str(file))
    others = {_stack_of(item) for item in resources} - {stack, ""}
    if others:
        raise StateError(
            f"{file} is the state of {', '.join(sorted(others))}, not of {stack}",
            hint=f"Write it with: pulumi stack export --stack {stack} --file {file}.",
        )
    return resources


def _stack_of(resource: Any) -> str:
    parts = str(resource.get("urn", "")).split(":") if isinstance(resource, dict) else []
    return parts[2] if len(parts) > 2 else ""


def resources_in(text: str, source: str) -> list[Any]:
    """The resources in the text of an exported state.

    Raises:
        StateError: it is none; `source` says where it came from.
    """
    found = deployment_in(text, source).get("resources") or []
    return [item for item in found if isinstance(item, dict)]


def deployment_in(text: str, source: str) -> dict[str, Any]:
    """The deployment in the text of an exported state; empty while nothing was deployed.

    Raises:
        StateError: it is none; `source` says where it came from.
    """
    try:
        found = json.loads(text)["deployment"] or {}
    except (ValueError, KeyError, TypeError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("resources") or [], list):
        raise StateError(
            f"{source} is no exported state", hint="Make one with: pulumi stack export."
        )
    return found
