"""What was dropped and can be brought back until its retention time is over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Final

from cortex_resources.emulator.access.grants import Grant
from cortex_resources.emulator.entities import Entity, Kind
from cortex_resources.emulator.journal import from_json, to_json
from cortex_resources.emulator.store import Store

DAY: Final = 86_400.0
_KIND: Final = "dropped"


@dataclass(frozen=True, slots=True)
class Dropped:
    """One dropped object: `parts` is what was in it, containers first.

    `grants` are those on and to all of these, one tuple for each of `dropping.kept_grants`.
    """

    entity: Entity
    parts: tuple[Entity, ...]
    grants: tuple[tuple[Grant, ...], ...]
    dropped_on: float
    until: float

    @property
    def size(self) -> int:
        """How many objects came with it."""
        return 1 + len(self.parts)


class Retained:
    """The dropped objects that UNDROP finds, written through to the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._by_id: dict[str, Dropped] = {}
        for key, record in store.load(_KIND):
            self._by_id[key] = Dropped(
                entity=from_json(record["entity"]),
                parts=tuple(map(from_json, record["parts"])),
                grants=tuple(
                    tuple(Grant(**grant) for grant in grants) for grants in record["grants"]
                ),
                dropped_on=record["dropped_on"],
                until=record["until"],
            )
        self._held = sum(dropped.size for dropped in self._by_id.values())

    def keep(self, dropped: Dropped) -> None:
        """Keep what has just been dropped."""
        key = dropped.entity.id
        record = {
            "entity": to_json(dropped.entity),
            "parts": [to_json(part) for part in dropped.parts],
            "grants": [[asdict(grant) for grant in grants] for grants in dropped.grants],
            "dropped_on": dropped.dropped_on,
            "until": dropped.until,
        }
        self._add(dropped)
        self._store.write(_KIND, key, record, lambda: self._forget(key))

    def release(self, dropped: Dropped) -> None:
        """Keep it no longer: it is back, or gone for good."""
        key = dropped.entity.id
        self._forget(key)
        self._store.write(_KIND, key, None, lambda: self._add(dropped))

    def latest(self, kind: Kind, parent: str | None, name: str) -> Dropped | None:
        """The last that was dropped under a name."""
        found = [d for d in self.of(kind, parent) if d.entity.name == name]
        return found[-1] if found else None

    def of(self, kind: Kind, parent: str | None) -> list[Dropped]:
        """What was dropped of one kind in one container."""
        return [
            dropped
            for dropped in self._by_id.values()
            if dropped.entity.kind is kind and dropped.entity.parent == parent
        ]

    def due(self, now: float, most: int) -> list[Dropped]:
        """What was kept long enough, and the oldest when there are too many objects.

        Contents count; what was dropped last is kept, however much is in it.
        """
        if self._held <= most:
            return [dropped for dropped in self._by_id.values() if dropped.until <= now]
        found, held = [], self._held
        *earlier, last = self._by_id.values()
        for dropped in earlier:
            if dropped.until <= now or held > most:
                found.append(dropped)
                held -= dropped.size
        return found + [last] * (last.until <= now)

    def inside(self, containers: frozenset[str]) -> list[Dropped]:
        """What was dropped out of these containers before."""
        return [dropped for dropped in self._by_id.values() if dropped.entity.parent in containers]

    def __iter__(self) -> Iterator[Dropped]:
        return iter(list(self._by_id.values()))

    def _add(self, dropped: Dropped) -> None:
        self._forget(dropped.entity.id)
        self._by_id[dropped.entity.id] = dropped
        self._held += dropped.size

    def _forget(self, key: str) -> None:
        gone = self._by_id.pop(key, None)
        self._held -= gone.size if gone else 0
