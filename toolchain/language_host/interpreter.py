"""Which virtual environment a project asks for in Pulumi.yaml, and whether this is it."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path


class InterpreterError(Exception):
    """The interpreter that Pulumi.yaml asks for cannot be used; the text says why."""


def wanted_virtualenv(root_directory: str, options: Mapping[str, object]) -> Path | None:
    """The virtual environment named by the runtime options, or None for the host's own."""
    named = options.get("virtualenv")
    toolchain = options.get("toolchain")
    if not named and toolchain == "uv":
        named = ".venv"
    if not named and toolchain == "poetry":
        raise InterpreterError(
            "the option `toolchain: poetry` is not supported by this language host: "
            "name poetry's environment with the option `virtualenv` in Pulumi.yaml"
        )
    return Path(root_directory, str(named)) if named else None


def is_running_in(virtualenv: Path) -> bool:
    """Whether this process was started by the interpreter of the virtual environment."""
    return virtualenv.resolve() == Path(sys.prefix).resolve()


def python_of(virtualenv: Path) -> Path:
    """The interpreter of a virtual environment, which must exist."""
    python = virtualenv / "bin" / "python"
    if not python.exists():
        raise InterpreterError(
            f"the virtualenv that Pulumi.yaml names has no interpreter: {python} does not exist; "
            f"create it with `python3 -m venv {virtualenv}` and install the packages into it"
        )
    return python


def activate(virtualenv: Path) -> None:
    """Makes programs that the Pulumi program starts find the virtual environment's commands."""
    os.environ["VIRTUAL_ENV"] = str(virtualenv)
    commands = str(virtualenv / "bin")
    path = os.environ.get("PATH", "")
    if path.split(os.pathsep)[0] != commands:
        os.environ["PATH"] = f"{commands}{os.pathsep}{path}" if path else commands
    os.environ.pop("PYTHONHOME", None)
