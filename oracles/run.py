"""Runs tools that nobody here wrote against the local account: `make oracles`.

Every folder beside this file with a `run.sh` is an oracle. Each gets an environment of its own
under `.toolchain/oracles/<name>` and a fresh account on a free port, and prints a line per claim.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oracles.pins import versions

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
ENVIRONMENTS = ROOT / ".toolchain" / "oracles"
_START_SECONDS = 30.0
_LONGEST_RUN_SECONDS = 900.0
_LONGEST_BUILD_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Result:
    """What one oracle showed."""

    name: str
    version: str
    held: int
    failed: int
    statements: int
    seconds: float

    @property
    def fine(self) -> bool:
        """Whether everything it claims holds, and it claims something."""
        return self.failed == 0 and self.held > 0


class OracleError(Exception):
    """An oracle cannot be run; the text says why."""


def prepare(folder: Path) -> Path:
    """The environment of an oracle, made or made again when its lock file is another."""
    home = ENVIRONMENTS / folder.name
    home.mkdir(parents=True, exist_ok=True)
    lock = folder / "requirements.txt"
    if not lock.exists():
        return home
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = home / ".stamp"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return home
    print(f"   installing {versions(folder)} into {home.relative_to(ROOT)}", flush=True)
    stamp.unlink(missing_ok=True)
    _step([sys.executable, "-m", "venv", "--clear", str(home)])
    pip = [str(home / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    _step([*pip, "--require-hashes", "--requirement", str(lock)])
    stamp.write_text(wanted, encoding="utf-8")
    return home


def _step(command: Sequence[str]) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=_LONGEST_BUILD_SECONDS, check=False
    )
    if done.returncode:
        raise OracleError(f"{command[0]}: {(done.stderr or done.stdout).strip()[-2000:]}")


@contextmanager
def fresh_account(scratch: Path) -> Iterator[dict[str, Any]]:
    """A local account of its own in a process of its own, started by the command users have."""
    ready = scratch / "ready.json"
    command = [
        *(sys.executable, "-m", "cortex_resources", "account", "start", "--foreground"),
        *("--port", "0", "--state", str(scratch / "account.duckdb"), "--ready-file", str(ready)),
    ]
    log = scratch / "account.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output) as process,
    ):
        try:
            deadline = time.monotonic() + _START_SECONDS
            while not ready.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise OracleError(f"the account did not start: {log.read_text()[-2000:]}")
                time.sleep(0.02)
            yield json.loads(ready.read_text(encoding="utf-8"))
        finally:
            process.terminate()


def surroundings(account: dict[str, Any], home: Path, scratch: Path) -> dict[str, str]:
    """The environment variables of a `run.sh`; nothing of the user's Snowflake settings is left."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SNOWFLAKE_")}
    return kept | {
        "CORTEX_LOCAL_HOST": account["host"],
        "CORTEX_LOCAL_PORT": str(account["port"]),
        "CORTEX_LOCAL_USER": account["user"],
        "CORTEX_LOCAL_PASSWORD": account["password"],
        "CORTEX_LOCAL_ACCOUNT": account["account"],
        "ORACLE_HOME": str(home),
        "ORACLE_SCRATCH": str(scratch),
        "SNOWFLAKE_HOME": str(scratch),
        "PYTHONPATH": str(HERE),
        "NO_COLOR": "1",
    }


def claims(command: Sequence[str], cwd: Path, environment: dict[str, str]) -> tuple[int, int]:
    """Run, showing each line; how many claims held and how many failed."""
    held = failed = 0
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None
        deadline = threading.Timer(_LONGEST_RUN_SECONDS, process.kill)
        deadline.start()
        try:
            for line in process.stdout:
                held += line.startswith("ok ")
                failed += line.startswith("not ok ")
                print(f"   {line}", end="", flush=True)
            code = process.wait()
        finally:
            deadline.cancel()
            process.kill()
    return held, failed or int(code != 0)


def statements_of(scratch: Path) -> int:
    """How many statements the account has answered."""
    from cortex_resources.cli import account_client  # noqa: PLC0415 - only after it has run

    where = account_client.find(scratch / "account.duckdb")
    return int(account_client.admin(where, "GET", "health")["last"]) if where else 0


def show(folder: Path) -> Result:
    """Run one oracle."""
    print(f"{folder.name}: {versions(folder)}", flush=True)
    with tempfile.TemporaryDirectory(prefix=f"oracle-{folder.name}-") as temporary:
        scratch = Path(temporary)
        home = prepare(folder)
        if (folder / "build.sh").exists():
            _step(["sh", str(folder / "build.sh"), str(home)])
        with fresh_account(scratch) as account:
            environment = surroundings(account, home, scratch)
            started = time.monotonic()
            held, failed = claims(["sh", "run.sh"], folder, environment)
            seconds = time.monotonic() - started
            count = statements_of(scratch)
    return Result(folder.name, versions(folder), held, failed, count, seconds)


def table(results: Sequence[Result]) -> str:
    """The results as the table of README.md has them."""
    head = ("oracle", "version", "claims", "statements", "seconds", "")
    rows = [
        (
            *(one.name, one.version, f"{one.held}/{one.held + one.failed}"),
            *(str(one.statements), f"{one.seconds:.1f}", "" if one.fine else "FAILED"),
        )
        for one in results
    ]
    width = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(space) for cell, space in zip(row, width, strict=True)).rstrip()
        for row in (head, *rows)
    )


def main() -> int:
    """Run the named oracles, or all; 0 when every claim holds."""
    known = {file.parent.name: file.parent for file in sorted(HERE.glob("*/run.sh"))}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help=f"which (default: all): {', '.join(known)}")
    names = parser.parse_args().names or list(known)
    if unknown := sorted(set(names) - set(known)):
        parser.error(f"no oracle is called {unknown[0]}; there are {', '.join(known)}")
    results = []
    for name in names:
        try:
            results.append(show(known[name]))
        except (OracleError, subprocess.SubprocessError, OSError) as error:
            print(f"   {error}")
            results.append(Result(name, versions(known[name]), 0, 1, 0, 0.0))
    print(table(results))
    return 0 if all(result.fine for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
