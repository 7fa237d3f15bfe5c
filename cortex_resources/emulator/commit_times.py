"""When tables and views changed last, for SYSTEM$LAST_CHANGE_COMMIT_TIME.

The value grows with every change, even where the account's clock stands still: it tells that
something changed, and about when, in nanoseconds since 1970 (*SYSTEM$LAST_CHANGE_COMMIT_TIME*).
DDL counts as a change; so does a DML statement that touched no row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from cortex_resources.emulator.store import Store

_KIND: Final = "changed"
_STEP: Final = 1_000_000  # a millisecond


class CommitTimes:
    """The last change of each table and view, by entity id."""

    def __init__(self, store: Store, seconds: Callable[[], float]) -> None:
        self._store = store
        self._seconds = seconds
        self._at: dict[str, int] = {key: value["at"] for key, value in store.load(_KIND)}
        self._last = max(self._at.values(), default=0)

    def changed(self, entity_id: str) -> None:
        """Note a change that the current statement commits."""
        before = self._at.get(entity_id)
        at = self._next(entity_id)
        self._store.write(_KIND, entity_id, {"at": at}, lambda: self._restore(entity_id, before))

    def committed(self, entity_ids: Iterable[str]) -> None:
        """Note the changes of a transaction just before its COMMIT."""
        for entity_id in sorted(entity_ids):
            self.changed(entity_id)

    def forget(self, entity_id: str) -> None:
        """Let go of what was dropped."""
        before = self._at.pop(entity_id, None)
        if before is not None:
            self._store.write(_KIND, entity_id, None, lambda: self._restore(entity_id, before))

    def of(self, entity_ids: Iterable[str]) -> int:
        """The latest change of any of these."""
        return max((self._at.get(entity_id, 0) for entity_id in entity_ids), default=0)

    def _next(self, entity_id: str) -> int:
        now = int(self._seconds() * 1000) * _STEP
        self._last = self._at[entity_id] = max(now, self._last + _STEP)
        return self._last

    def _restore(self, entity_id: str, before: int | None) -> None:
        if before is None:
            self._at.pop(entity_id, None)
        else:
            self._at[entity_id] = before
