"""The `pulumi` command as `make` uses it: its environment, one stack, what it says about it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ruamel.yaml import YAML

from cortex_resources.cli import engine_state, state_backend
from toolchain.state_files import StateFiles

_WIDE = 180
"""Columns from which the status of a row shows share and time of a job."""


def environment(checkout: Path, engine: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of a `pulumi` call: the user's own, completed for a machine without Pulumi.

    Arguments:
        checkout: the project; the state of users without a backend goes to `.pulumi-state` in it.
        engine: the folder of the `pulumi` to use.
        environ: the user's variables; what is set there stays.
    """
    if not state_backend.is_chosen(environ):
        state_backend.folder(checkout).mkdir(exist_ok=True)
    completed = state_backend.completed(checkout, environ)
    completed["PATH"] = os.pathsep.join((str(engine), environ.get("PATH", "")))
    completed.setdefault("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true")
    return completed


def _is_narrow() -> bool:
    """Whether the engine's table would leave no room for a job's progress: then it prints lines."""
    return sys.stdout.isatty() and shutil.get_terminal_size().columns < _WIDE


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command of the engine ended.

    Arguments:
        code: its exit code; that of a shell, above 128, where a signal ended it.
        said: its errors; of a quiet command everything it printed.
        was_killed: a signal ended it.
    """

    code: int
    said: str
    was_killed: bool = False


def _passed_on(source: IO[bytes], kept: list[bytes]) -> None:
    """Show each line of the engine's errors as it comes, and keep it."""
    with source:
        for line in source:
            kept.append(line)
            sys.stderr.buffer.write(line)
            sys.stderr.buffer.flush()


class PulumiCli:
    """`pulumi` for one stack of one project."""

    def __init__(self, stack: str, project: Path, environ: dict[str, str]) -> None:
        self.stack, self.project, self.environ = stack, project, environ

    def up(self) -> Ended:
        """Preview, then bring the account there; the program's warnings come in the preview."""
        return self.run("up", "--yes", "--skip-preview=false")

    def run(self, *arguments: str) -> Ended:
        """Run one command in the user's terminal."""
        plain = ("--non-interactive",) if _is_narrow() and "--yes" in arguments else ()
        child = subprocess.Popen(
            ["pulumi", *arguments, *plain, "--stack", self.stack],
            cwd=self.project,
            env=self.environ,
            stderr=subprocess.PIPE,
        )
        assert child.stderr is not None
        kept: list[bytes] = []
        # The terminal stays the engine's, only its errors pass through here.
        errors = threading.Thread(target=_passed_on, args=(child.stderr, kept))
        errors.start()
        # Ctrl-C reaches the whole group: pulumi ends by itself, and this waits for it.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            code = child.wait()
        finally:
            signal.signal(signal.SIGINT, before)
        errors.join(timeout=1)  # a process that outlives the engine may hold the pipe
        said = b"".join(kept).decode(errors="replace")
        return Ended(code if code >= 0 else 128 - code, said, was_killed=code < 0)

    def quiet(self, *arguments: str) -> Ended:
        """Run one command that shows nothing."""
        done = subprocess.run(
            ["pulumi", *arguments, "--stack", self.stack, "--non-interactive", "--color", "never"],
            cwd=self.project,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Ended(done.returncode, done.stdout)

    def _answer(self, *arguments: str) -> str:
        done = subprocess.run(
            ["pulumi", *arguments],
            cwd=self.project,
            env=self.environ,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout

    def select(self, *, create: bool = True) -> None:
        """Select the stack; one that does not exist yet is created, or an error."""
        self._answer("stack", "select", *(["--create"] if create else []), self.stack)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        text = self._answer("stack", "output", "--json", "--stack", self.stack)
        found: dict[str, Any] = json.loads(text or "{}")
        return found

    def deployment(self) -> Mapping[str, Any]:
        """The stack's state as the engine exports it.

        Raises:
            StateError: the engine did not.
        """
        done = subprocess.run(
            ["pulumi", "stack", "export", "--stack", self.stack, "--non-interactive"],
            cwd=self.project,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise engine_state.unreadable(self.stack, done.stderr)
        return engine_state.deployment_in(done.stdout, f"the state of {self.stack}")

    def states(self) -> StateFiles | None:
        """The stack in a backend of files; None with any other backend."""
        folder = state_backend.of_files(self.project, self.environ)
        if folder is None:
            return None
        settings = YAML(typ="safe").load(self.project / "Pulumi.yaml")
        return StateFiles(folder, str(settings["name"]), self.stack)

    def clear_pending(self) -> Ended:
        """Forget creates whose end nobody saw; their objects are adopted by the next `up`."""
        return self.quiet("refresh", "--yes", "--clear-pending-creates")

    def uses_local_account(self) -> bool:
        """Whether the stack's connection is `local`."""
        for path in (self.project / "stacks" / f"Pulumi.{self.stack}.yaml",):
            if path.exists():
                settings = YAML(typ="safe").load(path) or {}
                config = settings.get("config") or {}
                return bool(config.get("cortex-resources:connection") == "local")
        return False
