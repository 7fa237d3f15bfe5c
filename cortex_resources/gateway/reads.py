"""Rows that were read once and are still true: one execution for any number of askers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future

Rows = list[dict[str, object]]


class ReadCache:
    """Single flight: the first asker loads, the others wait for it; a failure is not kept.

    `forget` makes later askers load anew. Whoever waits already gets what was being loaded: they
    asked before the change.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loads: dict[Hashable, Future[Rows]] = {}

    def get(self, key: Hashable, load: Callable[[], Rows]) -> Rows:
        """The rows for a key, fresh copies of them, so that a caller may change its own."""
        with self._lock:
            future = self._loads.get(key)
            mine = future is None
            if future is None:
                future = self._loads[key] = Future()
        if mine:
            self._load(key, future, load)
        return [dict(row) for row in future.result()]

    def forget(self) -> None:
        """Nothing that was read before counts any more."""
        with self._lock:
            self._loads.clear()

    def _load(self, key: Hashable, future: Future[Rows], load: Callable[[], Rows]) -> None:
        try:
            rows = load()
        except BaseException as error:
            with self._lock:
                if self._loads.get(key) is future:
                    del self._loads[key]
            future.set_exception(error)
            raise
        future.set_result(rows)
