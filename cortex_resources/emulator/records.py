"""What the account remembers of statements: their log, the replies to repeats, recent results."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from cortex_resources.emulator.outcome import Outcome
from cortex_resources.emulator.store import STATEMENT, Store

_REQUEST: Final = "request"
_REQUESTS_KEPT: Final = 2_000
_ENTRIES_KEPT: Final = 20_000
_RESULTS_KEPT: Final = 200
_READS_KEPT: Final = 100
_RESULT_CELLS_KEPT: Final = 2_000_000
_SQL_KEPT: Final = 4_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One executed statement."""

    seq: int
    at: float
    session: int
    user: str
    role: str | None
    database: str | None
    schema: str | None
    warehouse: str | None
    sql: str
    query_tag: str
    request_id: str
    query_id: str
    outcome: str
    errno: int | None
    message: str | None
    effect: str
    rows: int
    ended: float


class StatementLog:
    """The newest statements; their lines reach the file with the next commit."""

    def __init__(self, store: Store) -> None:
        self._store = store
        lines = store.lines(STATEMENT)
        self._entries = deque((Entry(**line) for line in lines), maxlen=_ENTRIES_KEPT)
        self._saved = len(lines)
        self._last = self._entries[-1].seq if self._entries else 0

    def add(self, **fields: Any) -> Entry:
        """Note a statement."""
        self._last += 1
        fields["sql"] = fields["sql"][:_SQL_KEPT]
        entry = Entry(seq=self._last, **fields)
        self._entries.append(entry)
        self._store.append(STATEMENT, str(entry.seq), asdict(entry))
        self._saved += 1
        if self._saved > 2 * _ENTRIES_KEPT:
            self._store.forget_lines(STATEMENT, _ENTRIES_KEPT)
            self._saved = _ENTRIES_KEPT
        return entry

    @property
    def last(self) -> int:
        """The number of the newest statement."""
        return self._last

    def since(self, seq: int) -> list[Entry]:
        """The statements after a number, in order."""
        return [entry for entry in self._entries if entry.seq > seq]

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._entries))


class Requests:
    """The replies to statements with an effect, by requestId, so that a repeat does nothing."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._replies: OrderedDict[str, dict[str, Any]] = OrderedDict(store.load(_REQUEST))
        self._reads: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def find(self, key: str) -> dict[str, Any] | None:
        """The reply that a request got before."""
        return self._replies.get(key) or self._reads.get(key)

    def keep(self, key: str, reply: dict[str, Any]) -> None:
        """Remember a reply durably, with the statement's own transaction."""
        self._replies[key] = reply
        self._store.write(_REQUEST, key, reply, lambda: self._forget(key))
        while len(self._replies) > _REQUESTS_KEPT:
            oldest, _ = self._replies.popitem(last=False)
            self._store.write(_REQUEST, oldest, None)

    def keep_read(self, key: str, reply: dict[str, Any]) -> None:
        """Remember the reply of a statement without effect while the process lives."""
        self._reads.pop(key, None)
        self._reads[key] = reply
        while len(self._reads) > _READS_KEPT or (
            len(self._reads) > 20 and sum(map(_size, self._reads.values())) > _RESULT_CELLS_KEPT
        ):
            self._reads.popitem(last=False)

    def _forget(self, key: str) -> None:
        self._replies.pop(key, None)


class Results:
    """Recent results by query id, bounded in number and in cells."""

    def __init__(self) -> None:
        self._outcomes: OrderedDict[str, Outcome] = OrderedDict()
        self._replies: OrderedDict[str, tuple[str, dict[str, Any]]] = OrderedDict()
        self._cells = 0

    def keep(self, query_id: str, user: str, outcome: Outcome, reply: dict[str, Any]) -> None:
        """Remember a result."""
        self._outcomes[query_id] = outcome
        self._cells += _cells(outcome)
        self.keep_reply(query_id, user, reply)
        while len(self._outcomes) > 1 and (
            len(self._outcomes) > _RESULTS_KEPT or self._cells > _RESULT_CELLS_KEPT
        ):
            oldest, dropped = self._outcomes.popitem(last=False)
            self._replies.pop(oldest, None)
            self._cells -= _cells(dropped)

    def keep_reply(self, query_id: str, user: str, reply: dict[str, Any]) -> None:
        """Remember a reply that has no rows, such as an error."""
        self._replies[query_id] = (user, reply)
        while len(self._replies) > 2 * _RESULTS_KEPT:
            self._replies.popitem(last=False)

    def outcome(self, query_id: str) -> Outcome | None:
        """The rows of a recent query."""
        return self._outcomes.get(query_id)

    def reply(self, query_id: str, user: str) -> dict[str, Any] | None:
        """The reply of a recent query of this user; those of others are none of its business."""
        owner, found = self._replies.get(query_id, ("", None))
        return found if owner == user else None


def _cells(outcome: Outcome) -> int:
    return len(outcome.rows) * max(1, len(outcome.columns))


def _size(reply: dict[str, Any]) -> int:
    data = reply.get("data") or {}
    return len(data.get("rowset") or ()) * max(1, len(data.get("rowtype") or ()))
