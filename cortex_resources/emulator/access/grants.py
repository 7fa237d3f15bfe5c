"""The grants of an account: privileges on objects, roles to grantees, and future grants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Final

from cortex_resources.emulator.catalog import ROLE_ID
from cortex_resources.emulator.store import Store

ACCOUNT: Final = "ACCOUNT"


@dataclass(frozen=True, slots=True)
class Grant:
    """A privilege on an entity (`on`: its id, or ACCOUNT) held by a role or user (`to`: its id).

    A role given to a grantee is USAGE on that role. `future` names the kind of objects to come
    when the grant is on a container and waits for them. `by` is None for the system's grants.
    """

    privilege: str
    on: str
    to: str
    option: bool = False
    by: str | None = None
    created_on: float = 0.0
    future: str = ""

    @property
    def key(self) -> str:
        """What makes a grant the same grant."""
        return "|".join((self.on, self.to, self.privilege, self.by or "", self.future))


class Grants:
    """A set of grants, found by object and by grantee, written through to the store."""

    def __init__(self, store: Store, kind: str) -> None:
        self._store = store
        self._kind = kind
        self._on: dict[str, dict[str, dict[str, Grant]]] = {}
        self._to: dict[str, dict[str, Grant]] = {}
        self._roles_of: dict[str, dict[str, None]] = {}
        self.roles_version = 0
        for _, record in store.load(kind):
            self._index(Grant(**record))

    @property
    def empty(self) -> bool:
        """Whether nothing was ever granted here."""
        return not self._to

    def put(self, grant: Grant) -> None:
        """Add a grant; the same grant once more may only add the grant option."""
        before = self._to.get(grant.to, {}).get(grant.key)
        if before is not None and (before.option or not grant.option):
            return
        self._index(grant)
        undo = (lambda: self._unindex(grant)) if before is None else (lambda: self._index(before))
        self._store.write(self._kind, grant.key, asdict(grant), undo)

    def replace(self, grant: Grant) -> None:
        """Put a grant over the one with its key, also when that takes the option away."""
        before = self._to[grant.to][grant.key]
        self._index(grant)
        self._store.write(self._kind, grant.key, asdict(grant), lambda: self._index(before))

    def remove(self, grant: Grant) -> None:
        """Take a grant away."""
        self._unindex(grant)
        self._store.write(self._kind, grant.key, None, lambda: self._index(grant))

    def on(self, target: str) -> list[Grant]:
        """Every grant on an object."""
        return [g for held in self._on.get(target, {}).values() for g in held.values()]

    def to(self, grantee: str) -> list[Grant]:
        """Every grant to a grantee."""
        return list(self._to.get(grantee, {}).values())

    def roles_of(self, grantee: str) -> list[str]:
        """The ids of the roles that were granted to a role or user directly."""
        return list(self._roles_of.get(grantee, ()))

    def held(self, target: str, roles: frozenset[str]) -> Iterator[Grant]:
        """The grants on an object that any of these roles holds."""
        holders = self._on.get(target)
        if not holders:
            return
        few, many = (roles, holders) if len(roles) < len(holders) else (holders, roles)
        for role in few:
            if role in many:
                yield from holders[role].values()

    def all(self) -> Iterator[Grant]:
        """Every grant."""
        for held in self._to.values():
            yield from held.values()

    def forget(self, entity_id: str) -> None:
        """Remove what was granted on and to an entity that is dropped."""
        for grant in {g.key: g for g in (*self.on(entity_id), *self.to(entity_id))}.values():
            self.remove(grant)

    def _index(self, grant: Grant) -> None:
        self._on.setdefault(grant.on, {}).setdefault(grant.to, {})[grant.key] = grant
        self._to.setdefault(grant.to, {})[grant.key] = grant
        if grant.on.startswith(ROLE_ID):
            self._roles_of.setdefault(grant.to, {})[grant.on] = None
            self.roles_version += 1

    def _unindex(self, grant: Grant) -> None:
        holders = self._on.get(grant.on, {})
        held = holders.get(grant.to, {})
        held.pop(grant.key, None)
        if not held:
            holders.pop(grant.to, None)
        self._to.get(grant.to, {}).pop(grant.key, None)
        if grant.on.startswith(ROLE_ID) and not held:
            self._roles_of.get(grant.to, {}).pop(grant.on, None)
            self.roles_version += 1
