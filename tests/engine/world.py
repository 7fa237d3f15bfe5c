"""A whole world for one test: a local account, a project with stack files, the real engine."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cortex_resources.gateway.session import Account
from cortex_resources.gateway.settings import resolve
from cortex_resources.model.effects import Effect, Statement

CHECKOUT = Path(__file__).resolve().parents[2]
LONGEST_COMMAND_SECONDS = 120.0

FIXTURE = """
CREATE DATABASE {db};
CREATE SCHEMA {db}.RAW;
CREATE SCHEMA {db}.ML;
CREATE TABLE {db}.RAW.PAIRS (question VARCHAR, answer VARCHAR, split VARCHAR);
INSERT INTO {db}.RAW.PAIRS VALUES
  ('What is a list?', 'A sequence that can change.', 'train'),
  ('What is a tuple?', 'A sequence that cannot change.', 'train'),
  ('What is a set?', 'A bag without duplicates.', 'train'),
  ('What is a dict?', 'A map from keys to values.', 'valid');
CREATE ROLE {db}_TRAINER;
CREATE ROLE {db}_APP;
GRANT ROLE {db}_TRAINER TO ROLE SYSADMIN;
GRANT ROLE {db}_APP TO ROLE SYSADMIN;
CREATE WAREHOUSE IF NOT EXISTS TRAIN_WH;
"""

STACK = """
vars: {{db: {db}}}
grants:
  - on: {{database: "${{db}}"}}
    to: {{"${{db}}_TRAINER": [USAGE], "${{db}}_APP": [USAGE]}}
  - on: {{schema: "${{db}}.ML"}}
    to:
      "${{db}}_TRAINER": [USAGE, CREATE MODEL]
      "${{db}}_APP": [USAGE]
  - on: {{view: "${{db}}.ML.TRAIN"}}
    to: {{"${{db}}_TRAINER": [SELECT]}}
  - on: {{warehouse: TRAIN_WH}}
    to: {{"${{db}}_TRAINER": [USAGE]}}
  - on: {{database_role: SNOWFLAKE.CORTEX_USER}}
    to: ["${{db}}_TRAINER", "${{db}}_APP"]
views:
  train:
    name: "${{db}}.ML.TRAIN"
    comment: pairs
    query: |
      SELECT question AS prompt, answer AS completion
      FROM ${{db}}.RAW.PAIRS
      WHERE split = 'train'
models:
  docs:
    name: "${{db}}.ML.LLAMA"
    base_model: llama3.1-8b
    training: {{view: train}}
    max_epochs: 2
    run_as: {{role: "${{db}}_TRAINER", warehouse: TRAIN_WH}}
policy: {{allow_training: true, allow_drop: true}}
"""


@dataclass(frozen=True)
class Outcome:
    """How a command ended, everything it printed, and how long it took."""

    code: int
    text: str
    seconds: float

    def line(self, *words: str) -> str:
        """The first line that holds all of these words."""
        found = [row for row in self.text.splitlines() if all(word in row for word in words)]
        assert found, f"no line with {words} in:\n{self.text}"
        return found[0]


class Admin:
    """The admin interface of the local account."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/admin/"

    def call(self, path: str, body: object = None, *, method: str | None = None) -> Any:
        """One request; the reply as JSON."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request, timeout=20) as reply:
            return json.load(reply)

    def statements(self, since: int = 0) -> list[dict[str, Any]]:
        """What the account executed."""
        found = self.call(f"statements?since={since}")
        rows: list[dict[str, Any]] = found["statements"] if isinstance(found, dict) else found
        return rows

    @property
    def last(self) -> int:
        """The number of the newest statement."""
        return int(self.call("health")["last"])


class World:
    """An account, a project folder, and the `pulumi` command between them."""

    def __init__(self, folder: Path, engine: Path, port: int, base: Mapping[str, str]) -> None:
        self.folder = folder / "project"
        self.admin = Admin(port)
        self._state = folder / "state"
        self._state.mkdir(parents=True, exist_ok=True)
        (self.folder / "stacks").mkdir(parents=True, exist_ok=True)
        self.environment = {
            **base,
            "PATH": f"{engine}:{base.get('PATH', '')}",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": self._state.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "for tests",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "CORTEX_RESOURCES_LOCAL_PORT": str(port),
        }
        shutil.copy(CHECKOUT / "__main__.py", self.folder)
        settings = (CHECKOUT / "Pulumi.yaml").read_text(encoding="utf-8")
        (self.folder / "Pulumi.yaml").write_text(
            settings.replace(".venv", sys.prefix), encoding="utf-8"
        )

    # -- the account ---------------------------------------------------------------------

    def sql(self, text: str, *, role: str | None = None) -> list[dict[str, Any]]:
        """Run statements as somebody beside the stack; the rows of the last one."""
        environ = {"CORTEX_RESOURCES_LOCAL_PORT": self.environment["CORTEX_RESOURCES_LOCAL_PORT"]}
        account = Account(resolve("local", environ=environ, folder=self.folder))
        rows: list[dict[str, Any]] = []
        try:
            for statement in filter(str.strip, text.split(";")):
                rows = account.run(Statement(statement.strip(), Effect.CHANGE), role=role)
        finally:
            account.close()
        return rows

    def fixture(self, database: str = "DOCS") -> None:
        """The data and roles that a stack builds on."""
        self.sql(FIXTURE.format(db=database))

    @property
    def logins(self) -> int:
        """How many logins the account has taken."""
        count: int = self.admin.call("state")["logins"]
        return count

    # -- the project ---------------------------------------------------------------------

    def stack(self, text: str = "", name: str = "dev", database: str = "DOCS") -> None:
        """Write a stack file, and Pulumi's own beside it."""
        body = text or STACK.format(db=database)
        (self.folder / "stacks" / f"{name}.yaml").write_text(body, encoding="utf-8")
        settings = self.folder / "stacks" / f"Pulumi.{name}.yaml"
        if not settings.exists():
            settings.write_text("config:\n  cortex-resources:connection: local\n", encoding="utf-8")
            self.pulumi("stack", "init", name)

    def edit(self, old: str, new: str, name: str = "dev") -> None:
        """Replace text in a stack file; it must be there."""
        path = self.folder / "stacks" / f"{name}.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}.yaml"
        path.write_text(text.replace(old, new), encoding="utf-8")

    @contextmanager
    def running(self, *arguments: str, stack: str = "dev") -> Iterator[subprocess.Popen[str]]:
        """A command that goes on while the test does something."""
        extra = [] if arguments[0] == "stack" else ["--stack", stack, "--color", "never"]
        process = subprocess.Popen(
            ["pulumi", *arguments, *extra, "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            with process:
                yield process
        finally:
            process.kill()

    def pulumi(self, *arguments: str, stack: str = "dev") -> Outcome:
        """One `pulumi` command to its end."""
        began = time.monotonic()
        with self.running(*arguments, stack=stack) as process:
            text, _ = process.communicate(timeout=LONGEST_COMMAND_SECONDS)
        return Outcome(process.returncode, text, time.monotonic() - began)

    def up(self, stack: str = "dev") -> Outcome:
        """`pulumi up` without its preview; it must succeed."""
        outcome = self.pulumi("up", "--yes", "--skip-preview", stack=stack)
        assert outcome.code == 0, outcome.text
        return outcome

    def preview(self, *arguments: str, stack: str = "dev") -> Outcome:
        """`pulumi preview --diff`; it must succeed."""
        outcome = self.pulumi("preview", "--diff", *arguments, stack=stack)
        assert outcome.code == 0, outcome.text
        return outcome

    def interrupt(self, process: subprocess.Popen[str]) -> Outcome:
        """Ctrl-C, and the end of the command."""
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        text, _ = process.communicate(timeout=LONGEST_COMMAND_SECONDS)
        return Outcome(process.returncode, text, time.monotonic() - began)

    def state_file(self, stack: str = "dev") -> Path:
        """Where the backend keeps the state."""
        return self._state / ".pulumi" / "stacks" / "cortex-resources" / f"{stack}.json"

    def deployment(self, stack: str = "dev") -> dict[str, Any]:
        """The state as the backend's file holds it; empty while there is none."""
        try:
            checkpoint = json.loads(self.state_file(stack).read_bytes())["checkpoint"]
        except (FileNotFoundError, ValueError):  # the engine is writing it
            return {}
        found: dict[str, Any] = checkpoint.get("latest") or {}
        return found

    def resources(self, kind: str = "", stack: str = "dev") -> list[dict[str, Any]]:
        """What the state holds of a kind, in the order in which it was made."""
        rows = self.deployment(stack).get("resources") or []
        return [row for row in rows if row["type"].endswith(kind)]

    def processes(self, word: str = "") -> list[int]:
        """Every process that was started for this world, whose command has a word."""
        mark = f"PULUMI_HOME={self.environment['PULUMI_HOME']}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                environ, command = ((folder / n).read_bytes() for n in ("environ", "cmdline"))
                state = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
            except OSError:
                continue
            if mark in environ.split(b"\0") and state != "Z" and word.encode() in command:
                found.append(int(folder.name))
        return found

    def outputs(self, stack: str = "dev") -> dict[str, Any]:
        """The stack's outputs; nothing in them is secret."""
        found: dict[str, Any] = self.resources("pulumi:Stack", stack)[0].get("outputs", {})
        return found


def until(condition: Any, seconds: float = 30.0) -> None:
    """Wait for something outside this process; fail when it does not come true in time."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not come true in time"
        # Another process is waited for: there is no clock of ours to move.
        threading.Event().wait(0.05)
