"""Which entities exist, under which names, inside which containers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from cortex_resources.emulator import names
from cortex_resources.emulator.commit_times import CommitTimes
from cortex_resources.emulator.entities import (
    ROLES,
    Entity,
    Function,
    Kind,
    Role,
    Table,
    View,
)
from cortex_resources.emulator.errors import SnowflakeError, already_exists
from cortex_resources.emulator.journal import from_json, to_json
from cortex_resources.emulator.store import Store

ROLE_ID: Final = "r"
DEFAULT_RETENTION_DAYS: Final = 1
_ENTITY: Final = "entity"
_COUNTER: Final = "counter"


class Catalog:
    """Every entity by id and by name; each change is written through to the store."""

    def __init__(self, store: Store, commit_times: CommitTimes) -> None:
        self._store = store
        self._commit_times = commit_times
        self._by_id: dict[str, Entity] = {}
        self._by_name: dict[tuple[str | None, str, str], str] = {}
        self._children: dict[tuple[str | None, Kind], dict[str, None]] = {}
        self._temporary: dict[str, None] = {}
        self.version = 0
        # Whose temporary tables hide others of their name: the session that holds the lock now.
        self.session: int | None = None
        counter = store.get(_COUNTER, "id")
        self._last_id: int = counter["last"] if counter else 0
        for _, record in store.load(_ENTITY):
            self._index(from_json(record))

    def new_id(self, kind: Kind) -> str:
        """A fresh opaque id; the ids of roles can be told from all others."""
        before = self._last_id
        self._last_id += 1
        self._store.write(
            _COUNTER, "id", {"last": self._last_id}, lambda: setattr(self, "_last_id", before)
        )
        return f"{ROLE_ID if kind in ROLES else 'e'}{self._last_id}"

    def by_id(self, entity_id: str) -> Entity:
        """The entity with this id."""
        return self._by_id[entity_id]

    def get(self, entity_id: str | None) -> Entity | None:
        """The entity with this id, if there still is one."""
        return None if entity_id is None else self._by_id.get(entity_id)

    def find(self, kind: Kind, path: tuple[str, ...]) -> Entity | None:
        """The entity of exactly this kind at a full path."""
        found = self.find_in_namespace(kind, path)
        return found if found is not None and found.kind is kind else None

    def find_in_namespace(
        self, kind: Kind, path: tuple[str, ...], *, temporary: bool | None = None
    ) -> Entity | None:
        """What holds this name; a table and a view share theirs.

        A temporary table of the session comes before a permanent one, unless it is told
        which of the two is meant.
        """
        parent: str | None = None
        for depth, name in enumerate(path[:-1]):
            container = Kind.DATABASE if depth == 0 else Kind.SCHEMA
            parent = self._by_name.get((parent, _namespace(container), name))
            if parent is None:
                return None
        sessions = [self.session] if temporary else [None]
        if temporary is None and self._temporary:
            sessions = [self.session, None]
        keys = ((parent, _namespace(kind, session), path[-1]) for session in sessions)
        return next((self._by_id[self._by_name[key]] for key in keys if key in self._by_name), None)

    def role(self, name: str) -> Role | None:
        """The account role of this name."""
        found = self.find(Kind.ROLE, (name,))
        return found if isinstance(found, Role) else None

    def children(self, parent: str | None, kind: Kind) -> list[Entity]:
        """The entities of one kind inside a container, by name, temporary ones of all sessions."""
        ids = self._children.get((parent, kind), {})
        return sorted((self._by_id[i] for i in ids), key=_order)

    def all(self, kind: Kind) -> list[Entity]:
        """Every entity of one kind, by path."""
        found = (entity for entity in self._by_id.values() if entity.kind is kind)
        return sorted(found, key=self.path)

    def everything(self) -> Iterator[Entity]:
        """Every entity, in the order of creation."""
        return iter(list(self._by_id.values()))

    def within(self, container: Entity | None, kind: Kind) -> list[Entity]:
        """The entities of one kind in the account, a database or a schema."""
        if container is None:
            return self.all(kind)
        if container.kind is Kind.DATABASE and kind not in (Kind.SCHEMA, Kind.DATABASE_ROLE):
            schemas = self.children(container.id, Kind.SCHEMA)
            return [entity for schema in schemas for entity in self.children(schema.id, kind)]
        return self.children(container.id, kind)

    def temporary(self) -> list[Table | View]:
        """Every temporary table and view."""
        found = (self._by_id[entity_id] for entity_id in self._temporary)
        return [entity for entity in found if isinstance(entity, (Table, View))]

    def retention_days(self, entity: Entity) -> int:
        """For how many days an entity is kept after its DROP: its own number or its container's."""
        for holder in (entity, *self.parents(entity)):
            days: int | None = getattr(holder, "retention_days", None)
            if days is not None:
                return min(days, 1) if getattr(entity, "transient", False) else days
        return DEFAULT_RETENTION_DAYS

    def owned_by(self, role_id: str) -> list[Entity]:
        """What a role owns."""
        return [entity for entity in self._by_id.values() if entity.owner == role_id]

    def path(self, entity: Entity) -> tuple[str, ...]:
        """The full path of an entity."""
        parts = [entity.name]
        while entity.parent is not None:
            entity = self._by_id[entity.parent]
            parts.append(entity.name)
        return tuple(reversed(parts))

    def qualified(self, entity: Entity) -> str:
        """The full name of an entity, quoted where needed."""
        return names.qualified(self.path(entity))

    def parents(self, entity: Entity) -> list[Entity]:
        """The containers of an entity, the innermost first."""
        found: list[Entity] = []
        while entity.parent is not None:
            entity = self._by_id[entity.parent]
            found.append(entity)
        return found

    def owner_name(self, entity: Entity) -> str:
        """The name of the owning role, empty for what the system owns."""
        owner = self.get(entity.owner)
        return owner.name if owner else ""

    def conflict(self, entity: Entity) -> SnowflakeError:
        """The error for a name that this entity holds; a function's is told without its place."""
        alone = entity.kind is Kind.FUNCTION
        return already_exists(names.quoted(entity.name) if alone else self.qualified(entity))

    def add(self, entity: Entity) -> None:
        """Put a new entity under its name; 2002 when the name is taken."""
        taken = self._by_name.get(_key(entity))
        if taken is not None:
            raise self.conflict(self._by_id[taken])
        self._put(entity)

    def update(self, entity: Entity) -> None:
        """Store a changed entity; a new name must be free."""
        taken = self._by_name.get(_key(entity))
        if taken not in (None, entity.id):
            raise self.conflict(self._by_id[str(taken)])
        self._put(entity)

    def swap(self, one: Entity, other: Entity) -> None:
        """Let two entities exchange their names and places."""
        for entity, place in ((one, other), (other, one)):
            self._put(replace(entity, name=place.name, parent=place.parent))

    def rename(self, entity: Entity, name: str, parent: str | None) -> None:
        """Give an entity another name, or another container."""
        self.update(replace(entity, name=name, parent=parent))

    def remove(self, entity: Entity) -> None:
        """Take one entity away; its children must be gone already."""
        self._unindex(entity)
        self._store.write(_ENTITY, entity.id, None, lambda: self._index(entity))
        self._commit_times.forget(entity.id)

    def _put(self, entity: Entity) -> None:
        before = self._by_id.get(entity.id)
        self._index(entity)
        self._store.write(
            _ENTITY, entity.id, to_json(entity), lambda: self._restore(entity, before)
        )
        if is_relation(entity):
            self._commit_times.changed(entity.id)

    def _restore(self, entity: Entity, before: Entity | None) -> None:
        self._unindex(entity)
        if before is not None:
            self._index(before)

    def _index(self, entity: Entity) -> None:
        before = self._by_id.get(entity.id)
        if before is not None:
            self._drop_names(before)
        self._by_id[entity.id] = entity
        self._by_name[_key(entity)] = entity.id
        if getattr(entity, "session", None) is not None:
            self._temporary[entity.id] = None
        self._children.setdefault((entity.parent, entity.kind), {})[entity.id] = None
        self.version += 1

    def _unindex(self, entity: Entity) -> None:
        self._drop_names(entity)
        self._by_id.pop(entity.id, None)
        self._temporary.pop(entity.id, None)
        self.version += 1

    def _drop_names(self, entity: Entity) -> None:
        key = _key(entity)
        if self._by_name.get(key) == entity.id:
            del self._by_name[key]
        self._children.get((entity.parent, entity.kind), {}).pop(entity.id, None)


def _key(entity: Entity) -> tuple[str | None, str, str]:
    session: int | None = getattr(entity, "session", None)
    name = entity.signature if isinstance(entity, Function) else entity.name
    return entity.parent, _namespace(entity.kind, session), name


def _order(entity: Entity) -> tuple[str, str]:
    """Entities of one container by name, functions of one name by their arguments."""
    return entity.name, entity.signature if isinstance(entity, Function) else ""


def _namespace(kind: Kind, session: int | None = None) -> str:
    shared = "relation" if kind in (Kind.TABLE, Kind.VIEW) else kind.value
    return shared if session is None else f"{shared} of session {session}"


def is_relation(entity: Entity | None) -> bool:
    """Whether rows can be selected from it."""
    return isinstance(entity, (Table, View))
