"""A real engine and throw-away projects for tests: import the fixtures into a conftest."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
LONGEST_COMMAND_SECONDS = 120.0
_LONGEST_BUILD_SECONDS = 1500.0
_WARNING = re.compile(r"^\s*(warning: .*)$", re.MULTILINE)


class Outcome(NamedTuple):
    """How a command ended and everything it printed."""

    code: int
    text: str
    seconds: float

    @property
    def diagnostics(self) -> str:
        """The part after the live rows, where every message stands once."""
        after = self.text.partition("Diagnostics:\n")[2]
        return re.split(r"^(?:Outputs|Resources):\n", after, maxsplit=1, flags=re.MULTILINE)[0]

    @property
    def warnings(self) -> list[str]:
        """Every warning the command printed."""
        return _WARNING.findall(self.text)


class Project:
    """A Pulumi project in a folder of its own, with its own state, home and passphrase."""

    def __init__(self, folder: Path, engine_folder: Path, python_path: Path) -> None:
        self.folder = folder / "project"
        self._state = folder / "state"
        for each in (self.folder, self._state):
            each.mkdir(parents=True, exist_ok=True)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "PYTHON"))}
        kept.pop("VIRTUAL_ENV", None)
        self.environment = kept | {
            "PATH": f"{engine_folder}{os.pathsep}{kept.get('PATH', '')}",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": self._state.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "for tests",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PYTHONPATH": str(python_path),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def describe(self, *, virtualenv: str | Path = sys.prefix, main: str = "") -> None:
        """Writes Pulumi.yaml and makes the stack `dev` when there is none."""
        described: dict[str, Any] = {
            "name": "small",
            "runtime": {"name": "python", "options": {"virtualenv": str(virtualenv)}},
        }
        if main:
            described["main"] = main
        # JSON is YAML, and needs no library here.
        (self.folder / "Pulumi.yaml").write_text(json.dumps(described), encoding="utf-8")
        if not (self._state / ".pulumi").exists():
            self.succeed("stack", "init", "dev")

    def program(self, text: str, *, name: str = "__main__.py") -> None:
        """Writes the program, or another file of the project."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")

    @contextlib.contextmanager
    def running(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> Iterator["subprocess.Popen[str]"]:
        """A `pulumi` command that goes on while the caller does something; killed at the end."""
        stackless = {"stack", "install", "about", "version"}
        extra = [] if arguments[0] in stackless else ["--stack", "dev", "--color", "never"]
        process = subprocess.Popen(
            ["pulumi", *arguments, *extra, "--non-interactive"],
            cwd=self.folder,
            env=self.environment | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            with process:
                yield process
        finally:
            process.kill()

    def pulumi(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Outcome:
        """Runs one command to its end."""
        started = time.monotonic()
        with self.running(*arguments, environment=environment) as process:
            try:
                text, _ = process.communicate(timeout=LONGEST_COMMAND_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return Outcome(process.returncode, text, time.monotonic() - started)

    def succeed(self, *arguments: str) -> Outcome:
        """Runs one command that must succeed."""
        outcome = self.pulumi(*arguments)
        assert outcome.code == 0, outcome.text
        return outcome

    def up(self) -> Outcome:
        """`pulumi up` without its preview, whatever comes of it."""
        return self.pulumi("up", "--yes", "--skip-preview")

    def interrupted(self, process: "subprocess.Popen[str]") -> Outcome:
        """Sends Ctrl-C's signal to the engine and waits for its end."""
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        text, _ = process.communicate(timeout=LONGEST_COMMAND_SECONDS)
        return Outcome(process.returncode, text, time.monotonic() - started)

    def state(self) -> dict[str, Any]:
        """The stack's deployment as the backend holds it."""
        exported: dict[str, Any] = json.loads(self.succeed("stack", "export").text)
        deployment: dict[str, Any] = exported["deployment"]
        return deployment

    def names(self) -> set[str]:
        """The names of the resources in state that are not the engine's own."""
        resources = self.state().get("resources") or []
        return {r["urn"].rsplit("::", 1)[1] for r in resources if "pulumi:" not in r["type"]}


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Whether something outside this process came true in time."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


@pytest.fixture(scope="session")
def engine_folder() -> Path:
    """The folder with a usable `pulumi`; on a fresh machine this builds it."""
    found = subprocess.run(
        [sys.executable, "-m", "toolchain.engine", "path"],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
        timeout=_LONGEST_BUILD_SECONDS,
        check=True,
    )
    return Path(found.stdout.strip())


@pytest.fixture
def project(tmp_path: Path, engine_folder: Path) -> Project:
    """An empty project with a stack `dev`, and the module `small_provider` within its reach."""
    modules = tmp_path / "modules"
    modules.mkdir()
    source = Path(__file__).with_name("small_provider.py")
    (modules / source.name).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    project = Project(tmp_path, engine_folder, modules)
    project.describe()
    return project
