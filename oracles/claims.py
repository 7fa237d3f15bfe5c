"""What a Python oracle needs to say what holds: one line per claim, and an exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

ADDRESS: Mapping[str, Any] = {
    "protocol": "http",
    "host": os.environ.get("CORTEX_LOCAL_HOST", "127.0.0.1"),
    "port": int(os.environ.get("CORTEX_LOCAL_PORT", "0")),
}
LOGIN: Mapping[str, Any] = {
    "account": os.environ.get("CORTEX_LOCAL_ACCOUNT", ""),
    "user": os.environ.get("CORTEX_LOCAL_USER", ""),
    "password": os.environ.get("CORTEX_LOCAL_PASSWORD", ""),
}

_failed: list[str] = []


@contextmanager
def claim(text: str) -> Iterator[None]:
    """What happens inside must hold: an exception fails the claim, and the next one is tried."""
    try:
        yield
    except Exception:  # noqa: BLE001 - whatever a foreign tool raises fails its claim
        _failed.append(text)
        print(f"not ok {text}")
        print("".join(f"      {line}\n" for line in traceback.format_exc().splitlines()[-40:]))
    else:
        print(f"ok {text}")
    sys.stdout.flush()


def ended() -> NoReturn:
    """Exit with 0 if every claim held."""
    sys.exit(1 if _failed else 0)


def run(
    command: Sequence[str], exit_code: int = 0, *, log: bool = False, **environment: str
) -> str:
    """The output of a command (or its log), which must end as told."""
    done = subprocess.run(
        command,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode != exit_code:
        said = f"{done.stdout[-3000:]}{done.stderr[-3000:]}"
        raise AssertionError(f"{' '.join(command)}: exit code {done.returncode}\n{said}")
    return done.stderr if log else done.stdout


def admin(path: str, body: Any) -> Any:
    """Ask the local account for something that no SQL can: a setting, the clock."""
    request = urllib.request.Request(
        f"http://{ADDRESS['host']}:{ADDRESS['port']}/admin/{path}", json.dumps(body).encode()
    )
    with urllib.request.urlopen(request, timeout=30) as reply:
        return json.loads(reply.read())


def reach_the_local_account() -> None:
    """Give the connector's `connect` the address, for tools that have no option for it."""
    from snowflake import connector  # noqa: PLC0415 - in the oracle's own environment

    connect: Callable[..., Any] = connector.connect

    def reached(**options: Any) -> Any:
        return connect(**{**options, **ADDRESS})

    connector.connect = reached
