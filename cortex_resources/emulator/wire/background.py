"""Statements that were asked for asynchronously."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from cortex_resources.emulator.executor import Request

_IN_PROGRESS: Final = "333334"
_LONGEST_WAIT_S: Final = 45


class Background:
    """Runs statements in threads and lets clients wait for them."""

    def __init__(self) -> None:
        self._running: dict[str, threading.Event] = {}
        self._done: dict[str, dict[str, Any]] = {}
        self._ids: dict[str, str] = {}
        self._lock = threading.Lock()

    def start(self, request: Request, execute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Start a statement; a repeated request finds the one that runs already."""
        with self._lock:
            known = self._ids.get(request.request_id)
            if known is not None:
                return _pending(known)
            query_id = request.query_id
            self._ids[request.request_id] = query_id
            self._running[query_id] = threading.Event()
            self._forget_old()
        threading.Thread(target=self._run, args=(query_id, execute), daemon=True).start()
        return _pending(query_id)

    def _run(self, query_id: str, execute: Callable[[], dict[str, Any]]) -> None:
        try:
            self._done[query_id] = execute()
        finally:
            self._running.pop(query_id).set()

    def _forget_old(self) -> None:
        while len(self._ids) > 500:
            oldest = next(iter(self._ids))
            self._done.pop(self._ids.pop(oldest), None)

    def running(self, query_id: str) -> bool:
        """Whether a statement is still being executed."""
        return query_id in self._running

    def wait(self, query_id: str) -> dict[str, Any] | None:
        """The reply of a background statement when it is there, else "still in progress"."""
        event = self._running.get(query_id)
        if event is not None and not event.wait(_LONGEST_WAIT_S):
            return _pending(query_id)
        return self._done.get(query_id)


def _pending(query_id: str) -> dict[str, Any]:
    return {
        "data": {
            "queryId": query_id,
            "getResultUrl": f"/queries/{query_id}/result",
            "queryAbortsAfterSecs": 300,
            "progressDesc": None,
        },
        "code": _IN_PROGRESS,
        "message": "Asynchronous execution in progress. Use provided query id to perform query"
        " monitoring and management.",
        "success": True,
    }
