"""Where the local account listens and how to log in to it; never anything but this machine."""

from __future__ import annotations

import ipaddress
import json
import socket
from collections.abc import Mapping
from pathlib import Path

from cortex_resources.errors import ConnectError

NAME = "local"
DEFAULT_PORT = 8765
PORT_VARIABLE = "CORTEX_RESOURCES_LOCAL_PORT"
READY_FILE = Path(".local-account") / "ready.json"
START = "start it: cortex-resources account start"
_PROBE_S = 2.0


def fields(
    environ: Mapping[str, str], folder: Path, overrides: Mapping[str, object]
) -> dict[str, object]:
    """The login of the local account.

    The variables of a real account are left alone: they apply only when they name no account or
    `local`, and no address outside this machine is accepted.
    """
    found: dict[str, object] = {
        "account": NAME,
        "user": "LOCAL_ADMIN",
        "password": "local",
        "protocol": "http",
        "host": "127.0.0.1",
        "port": DEFAULT_PORT,
    }
    if asked := environ.get(PORT_VARIABLE):
        found["port"] = asked
    else:
        found |= _ready(folder / READY_FILE)
    if overrides.get("account", NAME) == NAME:
        found |= overrides
    if not is_loopback(str(found["host"])):
        raise ConnectError(
            f"the local account is at {found['host']}, which is not this machine; nothing was sent",
            hint="unset SNOWFLAKE_HOST, or name a connection that is not `local`",
        )
    return found


def _ready(file: Path) -> dict[str, object]:
    """What a started account said about itself, as far as it makes sense."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    keys = ("host", "port", "user", "password", "account")
    return {key: told[key] for key in keys if key in told} if isinstance(told, dict) else {}


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def probe(host: str, port: int) -> None:
    """Fail at once when nobody listens, instead of after the connector's patience.

    Raises:
        ConnectError: the local account is not running.
    """
    try:
        socket.create_connection((host, port), timeout=_PROBE_S).close()
    except OSError:
        raise ConnectError(
            f"the local account does not answer at {host}:{port}", hint=START
        ) from None
