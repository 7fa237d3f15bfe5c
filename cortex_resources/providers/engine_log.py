"""Lines for the user, sent through the engine's own log.

Printing would land beside the engine's display. The engine's address is the host's last argument;
outside a host, in tests that call a provider directly, there is none and nothing is said.

A host lives for one run, and the engine may ask the same of it again, as it checks the inputs of a
replacement twice: what was said in a process is not said in it again.
"""

from __future__ import annotations

import sys
import threading
from functools import cache
from typing import Any

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

_SECONDS = 2


@cache
def _engine() -> Any:
    address = sys.argv[-1] if len(sys.argv) > 1 else ""
    if not address.startswith("127.0.0.1:"):
        return None
    return engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))


_said: set[str] = set()
_saying = threading.Lock()


def _is_new(message: str) -> bool:
    with _saying:
        is_new = message not in _said
        _said.add(message)
    return is_new


def _say(severity: engine_pb2.LogSeverity.ValueType, message: str) -> None:
    engine = _engine()
    if engine is None or not _is_new(message):
        return
    request = engine_pb2.LogRequest(severity=severity, message=message, urn="", ephemeral=False)
    try:
        engine.Log(request, timeout=_SECONDS)
    except grpc.RpcError:
        # A line that the engine does not take must never fail paid work.
        return


def info(message: str) -> None:
    """Tell the user something that needs no action."""
    _say(engine_pb2.INFO, message)


def warning(message: str) -> None:
    """Tell the user something to look at."""
    _say(engine_pb2.WARNING, message)
