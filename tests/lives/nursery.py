"""Provider hosts in a tenth of a second: forked from a process that has imported everything.

A host is what the engine starts for each run and what an accident kills, so a proof of hundreds of
runs needs hundreds of them. What is forked runs `pulumi.dynamic` itself, as a process of its own.
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-u", "-m", "tests.lives.nursery")
CHECKOUT = Path(__file__).resolve().parents[2]


class Nursery:
    """Forks hosts; a context manager that ends them all."""

    def __init__(self, environ: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            COMMAND,
            cwd=CHECKOUT,
            env={**environ, "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._ask({})

    def host(self, said: Path, engine: str) -> tuple[int, str]:
        """The process and the port of a new host that writes to a file."""
        answer = self._ask({"said": str(said), "engine": engine})
        return int(answer["pid"]), str(answer["port"])

    def _ask(self, request: dict[str, str]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *_: object) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=10)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


def _child(said: str, engine: str, port_to: int) -> None:
    """Become a host: standard output carries the port, then everything goes to the file."""
    log = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(port_to, 1)
    os.dup2(log, 2)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    sys.argv = ["pulumi.dynamic", engine]
    runpy.run_module("pulumi.dynamic", run_name="__main__")


def _fork(said: str, engine: str) -> dict[str, str | int]:
    port_from, port_to = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(port_from)
        _child(said, engine, port_to)
        os._exit(1)
    os.close(port_to)
    with os.fdopen(port_from) as stream:
        return {"pid": pid, "port": stream.readline().strip()}


def main() -> None:
    """Import what hosts need, start no thread, then fork one for each line that is read.

    The connector is left to the hosts: its native core has threads from its import on.
    """
    import dill  # type: ignore[import-untyped]  # noqa: F401, PLC0415
    import grpc  # noqa: F401, PLC0415
    import numpy  # noqa: F401, PLC0415
    import pulumi.dynamic  # noqa: F401, PLC0415

    from cortex_resources.providers import (  # noqa: F401, PLC0415
        fine_tune_job,
        fine_tuned_artifact,
    )

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        request = json.loads(line)
        answer = _fork(request["said"], request["engine"]) if request else {}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
