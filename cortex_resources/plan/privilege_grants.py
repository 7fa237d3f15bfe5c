"""Which privileges on one object to grant and revoke: each is decided by one row of `_decide`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from cortex_resources.model.grants import (
    Grantee,
    GranteeType,
    Privilege,
    PrivilegeGrants,
    Securable,
)
from cortex_resources.plan.grants import GrantsPlan, with_extras
from cortex_resources.plan.verdict import Plan, Verdict
from cortex_resources.sql import grants as sql


class _Move(StrEnum):
    GRANT = "grant"
    REVOKE = "revoke"
    REVOKE_OPTION = "revoke option"
    LEAVE = "leave"
    KEEP = "keep"


_Key = tuple[str, Grantee]

_OPTION_FOR = "GRANT OPTION FOR "
"""In front of what is remembered where only the right to pass a privilege on is from this stack."""


def _key(item: Privilege) -> _Key:
    return sql.read_back(item.privilege.removeprefix(_OPTION_FOR)), item.grantee


def _options(privileges: Iterable[Privilege]) -> dict[_Key, bool]:
    found: dict[_Key, bool] = {}
    for item in privileges:
        found[_key(item)] = found.get(_key(item), False) or item.grant_option
    return found


@dataclass(frozen=True, slots=True)
class _Ours:
    """What this stack granted earlier: whole privileges, or only their grant option."""

    whole: frozenset[_Key]
    raised: frozenset[_Key]

    @classmethod
    def of(cls, granted: frozenset[Privilege]) -> _Ours:
        raised = {item for item in granted if item.privilege.startswith(_OPTION_FOR)}
        return cls(frozenset(map(_key, granted - raised)), frozenset(map(_key, raised)))


def _decide(wanted: bool | None, held: bool | None, *, owned: bool, raised: bool) -> _Move:
    """One privilege of one grantee.

    Arguments:
        wanted, held: each side's grant option, None where it is not declared or not held.
        owned: this stack may take it away, because it granted it or the object is exclusive.
        raised: only the grant option is from this stack.
    """
    if wanted is not None:
        if held is None or (wanted and not held):
            return _Move.GRANT
        return _Move.REVOKE_OPTION if held and not wanted and (owned or raised) else _Move.KEEP
    if owned:
        return _Move.REVOKE
    return _Move.REVOKE_OPTION if held and raised else _Move.LEAVE


def _is_spared(on: Securable, key: _Key, running_role: Grantee | None) -> bool:
    """Whether an exclusive object leaves it: the running role's, and what the system made.

    A database role has USAGE on its own database, which cannot be revoked.
    """
    privilege, grantee = key
    is_own = grantee.type is GranteeType.DATABASE_ROLE and grantee.name.parent == on.name
    return grantee == running_role or (privilege == "USAGE" and is_own)


def _moves(
    desired: PrivilegeGrants,
    held: frozenset[Privilege],
    granted: frozenset[Privilege],
    running_role: Grantee | None,
) -> dict[_Key, _Move]:
    wanted, have, ours = _options(desired.privileges), _options(held), _Ours.of(granted)
    moves = {}
    for key in {*wanted, *have}:
        exclusive = desired.exclusive and not _is_spared(desired.on, key, running_role)
        owned = key in ours.whole or exclusive
        raised = key in ours.raised
        moves[key] = _decide(wanted.get(key), have.get(key), owned=owned, raised=raised)
    return moves


def settled(
    desired: PrivilegeGrants,
    held: frozenset[Privilege],
    granted: frozenset[Privilege] = frozenset(),
    *,
    running_role: Grantee | None = None,
) -> GrantsPlan[Privilege]:
    """Bring one object to what is declared on it.

    Arguments:
        desired: the declaration; an empty set of privileges takes everything of ours away.
        held: what the account shows.
        granted: what this stack granted earlier.
        running_role: loses nothing to `exclusive`.
    """
    moves = _moves(desired, held, granted, running_role)
    wanted = _options(desired.privileges)
    words = {_key(p): p.privilege for p in (*sorted(held), *sorted(desired.privileges))}
    words |= {_key(p): p.privilege for p in granted if not p.privilege.startswith(_OPTION_FOR)}

    def to(move: _Move) -> list[Privilege]:
        keys = [key for key, found in moves.items() if found is move]
        return sorted(Privilege(words[k], k[1], wanted.get(k, False)) for k in keys)

    statements = (
        *sql.grant(desired.on, to(_Move.GRANT)),
        *sql.revoke_option(desired.on, to(_Move.REVOKE_OPTION)),
        *sql.revoke(desired.on, to(_Move.REVOKE)),
    )
    notes = tuple(
        f"{item} on {desired.on} was granted before this stack and stays"
        for item in to(_Move.LEAVE)
    )
    verdict = Verdict.UPDATE if statements else Verdict.NO_CHANGE
    remembered = _remembered(wanted, words, _options(held), _Ours.of(granted))
    return GrantsPlan(Plan(verdict, statements, notes), remembered)


def _remembered(
    wanted: dict[_Key, bool], words: dict[_Key, str], have: dict[_Key, bool], ours: _Ours
) -> frozenset[Privilege]:
    """What will be ours: what was not held before us, and the grant option of what was."""
    found = set()
    for key, option in wanted.items():
        if key in ours.whole or key not in have:
            found.add(Privilege(words[key], key[1], option))
        elif option and (key in ours.raised or not have[key]):
            found.add(Privilege(_OPTION_FOR + words[key], key[1]))
    return frozenset(found)


def revoked(
    desired: PrivilegeGrants, held: frozenset[Privilege], granted: frozenset[Privilege]
) -> frozenset[Privilege]:
    """What `settled` would take away whole."""
    moves = _moves(desired, held, granted, None)
    return frozenset(Privilege(*key) for key, move in moves.items() if move is _Move.REVOKE)


def first(desired: PrivilegeGrants, held: frozenset[Privilege]) -> GrantsPlan[Privilege]:
    """The plan of a new resource: it only grants.

    Its preview shows nothing that is held by others, so nothing is revoked yet. On an exclusive
    object the next preview shows each undeclared privilege, and that run revokes it.
    """
    additive = PrivilegeGrants(desired.on, desired.privileges)
    step = settled(additive, visible(additive, held))
    others = visible(desired, held) - visible(additive, held)
    return GrantsPlan(with_extras(step.plan, str(desired.on), others), step.granted)


def removal(
    desired: PrivilegeGrants, held: frozenset[Privilege], granted: frozenset[Privilege]
) -> Plan:
    """Take away what this stack granted on the object and is still held."""
    ours = frozenset(map(_key, granted))
    still = frozenset(item for item in held if _key(item) in ours)
    return settled(PrivilegeGrants(desired.on, frozenset()), still, granted).plan


def visible(
    desired: PrivilegeGrants,
    held: frozenset[Privilege],
    *,
    running_role: Grantee | None = None,
) -> frozenset[Privilege]:
    """The part of what is held that a stack looks at: what it declares, or all if exclusive.

    A privilege held with more than was declared counts as declared, unless the object is
    exclusive. What an exclusive object would leave anyway is not looked at.
    """
    have = _options(held)

    def is_watched(key: _Key) -> bool:
        return desired.exclusive and not _is_spared(desired.on, key, running_role)

    seen = {
        Privilege(item.privilege, item.grantee, have[key] and (item.grant_option or watched))
        for item in desired.privileges
        if (key := _key(item)) in have
        for watched in [is_watched(key)]
    }
    named = _options(seen)
    extra = {key for key in have if key not in named and is_watched(key)}
    return frozenset(seen | {Privilege(*key, have[key]) for key in extra})
