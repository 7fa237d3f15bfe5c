"""Runs the local account in this process until it is told to stop."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from cortex_resources.cli.account_client import address_file
from cortex_resources.emulator.errors import SnowflakeError
from cortex_resources.emulator.server import LocalAccount
from cortex_resources.emulator.state_file import StateFileError


class StartError(Exception):
    """The account cannot be started; the text says what to do."""


def serve(
    state: Path, port: int, seed: Path | None, ready: Callable[[dict[str, Any]], object]
) -> None:
    """Open the state file, run the seed if it is new, answer requests; `ready` is told where."""
    local = _open(state, port)
    if seed is not None and local.account.is_new:
        try:
            local.seed(seed.read_text(encoding="utf-8"))
        except (SnowflakeError, OSError) as error:
            local.account.close()
            raise StartError(f"{seed}: {error}") from None
    where = {
        "host": local.host,
        "port": local.port,
        "user": local.user,
        "password": local.password,
        "account": "local",
        "pid": os.getpid(),
    }

    def stop(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=local.stop, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    address = address_file(state)
    local.start()
    address.write_text(json.dumps(where), encoding="utf-8")
    try:
        ready(where)
        local.prepare()
        local.wait()
    finally:
        address.unlink(missing_ok=True)


def reset(state: Path) -> None:
    """Empty the account in a state file that nobody has open."""
    local = _open(state, 0)
    local.account.reset()
    local.close()


def _open(state: Path, port: int) -> LocalAccount:
    try:
        return LocalAccount(state, port)
    except StateFileError as error:
        raise StartError(str(error)) from None
    except OSError as error:
        raise StartError(
            f"port {port} cannot be used ({error.strerror}); choose another with --port "
            "or CORTEX_RESOURCES_LOCAL_PORT"
        ) from None
