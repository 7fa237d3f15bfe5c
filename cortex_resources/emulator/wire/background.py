"""Statements that were asked for asynchronously."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from cortex_resources.emulator.request import Request

_IN_PROGRESS: Final = "333334"
_LONGEST_WAIT_S: Final = 45
_KEPT: Final = 500
_AT_ONCE: Final = 100


@dataclass(slots=True)
class _Task:
    """One statement: who asked for it, and its reply once it is there."""

    query_id: str
    user: str
    done: threading.Event = field(default_factory=threading.Event)
    reply: dict[str, Any] | None = None


class Background:
    """Runs statements in threads and lets clients wait for them."""

    def __init__(self) -> None:
        self._by_request: dict[str, _Task] = {}
        self._by_query: dict[str, _Task] = {}
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(_AT_ONCE)

    def start(
        self, key: str, user: str, request: Request, execute: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        """Start a statement; a repeated request finds the one that runs already."""
        with self._lock:
            known = self._by_request.get(key) if request.request_id else None
            if known is not None:
                return _pending(known.query_id)
            task = _Task(request.query_id, user)
            self._by_request[key if request.request_id else request.query_id] = task
            self._by_query[task.query_id] = task
            self._forget_old()
        self._room.acquire()  # a client that floods the account waits here for its own statements
        threading.Thread(target=self._run, args=(task, execute), daemon=True).start()
        return _pending(task.query_id)

    def _run(self, task: _Task, execute: Callable[[], dict[str, Any]]) -> None:
        try:
            task.reply = execute()
        finally:
            self._room.release()
            task.done.set()

    def _forget_old(self) -> None:
        """Drop the oldest that are done."""
        for key in [key for key, task in self._by_request.items() if task.done.is_set()]:
            if len(self._by_request) <= _KEPT:
                return
            self._by_query.pop(self._by_request.pop(key).query_id, None)

    def running(self, query_id: str, user: str) -> bool:
        """Whether a statement of this user is still being executed."""
        task = self._by_query.get(query_id)
        return task is not None and task.user == user and not task.done.is_set()

    def wait(self, query_id: str, user: str) -> dict[str, Any] | None:
        """The reply of a background statement when it is there, else "still in progress"."""
        task = self._by_query.get(query_id)
        if task is None or task.user != user:
            return None
        if not task.done.wait(_LONGEST_WAIT_S):
            return _pending(query_id)
        return task.reply


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
