"""What the account remembers of statements: their log, the replies to repeats, recent results."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from cortex_resources.emulator.outcome import Outcome
from cortex_resources.emulator.store import Store

RUNNING: Final = "running"
_REQUEST: Final = "request"
_REQUESTS_KEPT: Final = 50  # of one session
_REQUEST_SECONDS: Final = 14_400  # as long as a session lives without a new login
_READS_KEPT: Final = 100
_CELLS_REPEATED: Final = 10_000
_ENTRIES_KEPT: Final = 20_000
_REPLY_BYTES: Final = 800  # without rows, for each column
_CELL_BYTES: Final = 60
_WEIGHED: Final = 100  # rows
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


Origin = Callable[[], dict[str, Any]]
"""Tells who runs what; asked only when somebody looks."""


class StatementLog:
    """The newest statements; their lines reach the file with the next commit."""

    def __init__(self, store: Store) -> None:
        self._store = store
        newest = store.last_logged()
        self._last: int = newest["seq"] if newest else 0
        self.ended: float = newest["ended"] if newest else 0.0
        self._forgotten = 0
        self._read: deque[Entry] | None = None
        self._running: dict[str, Origin] = {}

    @property
    def _entries(self) -> deque[Entry]:
        """Read from the file when somebody asks first: neither start nor statement waits for it."""
        if self._read is None:
            lines = self._store.logged()
            self._read = deque((Entry(**line) for line in lines), maxlen=_ENTRIES_KEPT)
        return self._read

    def add(self, **fields: Any) -> None:
        """Note a statement."""
        self._last += 1
        fields["sql"] = fields["sql"][:_SQL_KEPT]
        fields["seq"] = self._last
        if self._read is not None:
            self._read.append(Entry(**fields))
        self._store.log(self._last, fields)
        oldest = self._last - _ENTRIES_KEPT
        if oldest >= self._forgotten + _ENTRIES_KEPT:
            self._forgotten = oldest
            self._store.forget_logged(oldest)

    @contextmanager
    def running(self, query_id: str, origin: Origin | None) -> Iterator[None]:
        """Show a statement while it runs: in memory alone, and gone with the process.

        Arguments:
            query_id: the statement.
            origin: what is told of it; None shows nothing.
        """
        if origin is not None:
            self._running[query_id] = origin
        try:
            yield
        finally:
            self._running.pop(query_id, None)

    def unended(self) -> list[Entry]:
        """The statements that run and have no line yet, in the order of their start."""
        running = self._running.copy()
        if not running:
            return []
        ended = {entry.query_id for entry in self._entries}
        return [_unended(origin()) for key, origin in running.items() if key not in ended]

    @property
    def last(self) -> int:
        """The number of the newest statement."""
        return self._last

    def since(self, seq: int) -> list[Entry]:
        """The statements after a number, in order."""
        return [entry for entry in self._entries if entry.seq > seq]

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._entries))


def _unended(origin: dict[str, Any]) -> Entry:
    origin["sql"] = origin["sql"][:_SQL_KEPT]
    return Entry(
        **origin, seq=0, outcome=RUNNING, errno=None, message=None, effect="", rows=0, ended=0.0
    )


class Requests:
    """The replies to statements with an effect, by session and requestId.

    A repeat gets the reply and does nothing. A session repeats only what it has just asked, so
    the newest requests of each session are enough; the parts of one request stay together.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sessions: dict[str, OrderedDict[str, list[str]]] = {}
        self._reads: OrderedDict[str, dict[str, Any]] = OrderedDict()
        for key in store.keys(_REQUEST):
            self._index(key)

    def find(self, key: str) -> dict[str, Any] | None:
        """The reply that a request got before."""
        kept = self._store.get(_REQUEST, key) if key else None
        return self._reads.get(key) if kept is None else kept["reply"]

    def keep(self, key: str, reply: dict[str, Any]) -> None:
        """Remember a reply durably, with the statement's own transaction."""
        self._keep(key, {"reply": reply})

    def told(self, key: str) -> str | None:
        """What a function answered within a request before; see `keep_told`."""
        kept = self._store.get(_REQUEST, key) if key else None
        return None if kept is None else str(kept["told"])

    def keep_told(self, key: str, answer: str) -> None:
        """Remember what a function with an effect answered, beside the reply of its request.

        Its effect does not wait for the end of the statement, and stays when that fails: a repeat
        after a restart must find it even where no reply was written.
        """
        if key:
            self._keep(key, {"told": answer})

    def keep_read(self, key: str, reply: dict[str, Any]) -> None:
        """Remember the reply of a statement without effect while the process lives."""
        self._reads.pop(key, None)
        if not key or _size(reply) > _CELLS_REPEATED:
            return  # a repeat reads them again
        self._reads[key] = reply
        while len(self._reads) > _READS_KEPT:
            self._reads.popitem(last=False)

    def forget(self, session: int) -> None:
        """A session ended: nobody can repeat its requests."""
        for parts in self._sessions.pop(str(session), {}).values():
            for part in parts:
                self._store.write(_REQUEST, part, None)

    def _keep(self, key: str, kept: dict[str, Any]) -> None:
        now = time.time()
        requests = self._index(key)
        self._store.write(_REQUEST, key, {"at": now, **kept}, lambda: self._take_back(key))
        while len(requests) > _REQUESTS_KEPT or self._is_old(requests, now):
            _, parts = requests.popitem(last=False)
            for part in parts:
                self._store.write(_REQUEST, part, None)

    def _index(self, key: str) -> OrderedDict[str, list[str]]:
        """Note a key under its session and request; the requests of that session."""
        session, request = _split(key)
        requests = self._sessions.setdefault(session, OrderedDict())
        requests.setdefault(request, []).append(key)
        return requests

    def _take_back(self, key: str) -> None:
        session, request = _split(key)
        parts = self._sessions[session].get(request, [])
        if key in parts:
            parts.remove(key)

    def _is_old(self, requests: OrderedDict[str, list[str]], now: float) -> bool:
        """Whether the oldest of several requests was answered long ago."""
        if len(requests) < 2:
            return False
        parts = next(iter(requests.values()))
        kept = self._store.get(_REQUEST, parts[0]) if parts else None
        return kept is None or kept["at"] < now - _REQUEST_SECONDS


def _split(key: str) -> tuple[str, str]:
    session, _, rest = key.partition("/")
    return session, rest.partition("#")[0]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A reply with the rows it was made of, and about how many bytes both hold."""

    user: str
    reply: dict[str, Any]
    outcome: Outcome | None
    size: int


class Results:
    """Recent results by query id, bounded in number and in bytes; the newest is always there.

    Snowflake keeps them for 24 hours (*Using persisted query results*).
    """

    def __init__(self, bounds: Callable[[], tuple[int, int]]) -> None:
        self._bounds = bounds  # the most results, the most bytes
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self.size = 0

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, query_id: str, user: str, outcome: Outcome, reply: dict[str, Any]) -> None:
        """Remember a result."""
        self._put(query_id, _Kept(user, reply, outcome, _weight(outcome)))

    def keep_reply(self, query_id: str, user: str, reply: dict[str, Any]) -> None:
        """Remember a reply that has no rows, such as an error."""
        self._put(query_id, _Kept(user, reply, None, _REPLY_BYTES))

    def _put(self, query_id: str, kept: _Kept) -> None:
        self._kept[query_id] = kept
        self.size += kept.size
        most, most_bytes = self._bounds()
        while len(self._kept) > 1 and (len(self._kept) > most or self.size > most_bytes):
            _, oldest = self._kept.popitem(last=False)
            self.size -= oldest.size

    def outcome(self, query_id: str) -> Outcome | None:
        """The rows of a recent query."""
        kept = self._kept.get(query_id)
        return kept.outcome if kept else None

    def reply(self, query_id: str, user: str) -> dict[str, Any] | None:
        """The reply of a recent query of this user; those of others are none of its business."""
        kept = self._kept.get(query_id)
        return kept.reply if kept and kept.user == user else None


def _weight(outcome: Outcome) -> int:
    """About how many bytes a result holds as rows and as a reply, by a sample of its rows."""
    rows = outcome.rows
    sample = rows[:: max(1, len(rows) // _WEIGHED)]
    cells = (cell for row in sample for cell in row)
    texts = sum(len(cell) if isinstance(cell, (str, bytes)) else 0 for cell in cells)
    each = texts // max(1, len(sample)) + _CELL_BYTES * len(outcome.columns)
    return _REPLY_BYTES * max(1, len(outcome.columns)) + 2 * each * len(rows)


def _size(reply: dict[str, Any]) -> int:
    data = reply.get("data") or {}
    return len(data.get("rowset") or ()) * max(1, len(data.get("rowtype") or ()))
