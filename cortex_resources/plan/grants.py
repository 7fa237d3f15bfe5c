"""Which privileges and roles to grant and revoke.

Grants are additive: what nobody declared is left alone, unless the object is `exclusive`. Only what
this stack granted is ever revoked in additive mode, so a privilege that was there before survives.
Every privilege is decided by one row of `_decide`; grants go before revokes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from cortex_resources.model.grants import Grantee, Privilege, PrivilegeGrants, RoleGrants
from cortex_resources.plan.verdict import Plan, Verdict
from cortex_resources.sql import grants as sql


class _Move(StrEnum):
    GRANT = "grant"
    REVOKE = "revoke"
    REVOKE_OPTION = "revoke option"
    LEAVE = "leave"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class GrantPlan:
    """The plan for one object, and what this stack will have granted on it afterwards."""

    plan: Plan
    granted: frozenset[Privilege]


@dataclass(frozen=True, slots=True)
class RolePlan:
    """The plan for one role, and whom this stack will have granted it to afterwards."""

    plan: Plan
    granted: frozenset[Grantee]


_Key = tuple[str, Grantee]


def _options(privileges: frozenset[Privilege]) -> dict[_Key, bool]:
    found: dict[_Key, bool] = {}
    for item in privileges:
        key = (sql.read_back(item.privilege), item.grantee)
        found[key] = found.get(key, False) or item.grant_option
    return found


def _decide(wanted: bool | None, held: bool | None, ours: bool | None, *, exclusive: bool) -> _Move:
    """One privilege of one grantee; each side is its grant option, or None where it is not held."""
    if wanted is not None:
        if held is None or (wanted and not held):
            return _Move.GRANT
        return _Move.REVOKE_OPTION if held and not wanted and (ours or exclusive) else _Move.KEEP
    if held is None:
        return _Move.KEEP
    return _Move.REVOKE if ours is not None or exclusive else _Move.LEAVE


@dataclass(slots=True)
class _Moves:
    """Privileges sorted by what happens to them."""

    by: dict[_Move, set[Privilege]] = field(default_factory=dict)

    def of(self, move: _Move) -> set[Privilege]:
        return self.by.setdefault(move, set())


def _moves(
    desired: PrivilegeGrants,
    held: frozenset[Privilege],
    granted: frozenset[Privilege],
    running_role: Grantee | None,
) -> _Moves:
    wanted, have, ours = (_options(s) for s in (desired.privileges, held, granted))
    words = {(sql.read_back(p.privilege), p.grantee): p.privilege for p in desired.privileges}
    moves = _Moves()
    for key in {*wanted, *have}:
        exclusive = desired.exclusive and key[1] != running_role
        move = _decide(wanted.get(key), have.get(key), ours.get(key), exclusive=exclusive)
        word = words.get(key, key[0])
        moves.of(move).add(Privilege(word, key[1], wanted.get(key, False)))
    return moves


def privileges(
    desired: PrivilegeGrants,
    held: frozenset[Privilege],
    granted: frozenset[Privilege] = frozenset(),
    *,
    running_role: Grantee | None = None,
) -> GrantPlan:
    """Bring one object to what is declared on it.

    Arguments:
        desired: the declaration; an empty set of privileges takes everything of ours away.
        held: what the account shows.
        granted: what this stack granted earlier.
        running_role: never loses anything, even on an exclusive object.
    """
    moves = _moves(desired, held, granted, running_role)
    to_grant, to_revoke = moves.of(_Move.GRANT), moves.of(_Move.REVOKE)
    options = moves.of(_Move.REVOKE_OPTION)
    statements = (
        *sql.grant(desired.on, to_grant),
        *sql.revoke_option(desired.on, options),
        *sql.revoke(desired.on, to_revoke),
    )
    kept = {item for item in granted if item in desired.privileges}
    notes = tuple(
        f"{item} on {desired.on} was granted before this stack and stays"
        for item in sorted(moves.of(_Move.LEAVE))
    )
    verdict = Verdict.UPDATE if statements else Verdict.NO_CHANGE
    return GrantPlan(Plan(verdict, statements, notes), frozenset({*kept, *to_grant, *options}))


def visible(desired: PrivilegeGrants, held: frozenset[Privilege]) -> frozenset[Privilege]:
    """The part of what is held that a stack looks at: what it declares, or all if exclusive.

    A privilege held with more than was declared counts as declared.
    """
    have = _options(held)
    seen = {
        item if have[key] or not item.grant_option else Privilege(item.privilege, item.grantee)
        for item in desired.privileges
        if (key := (sql.read_back(item.privilege), item.grantee)) in have
    }
    if desired.exclusive:
        named = _options(frozenset(seen))
        seen |= {p for p in held if (p.privilege, p.grantee) not in named}
    return frozenset(seen)


def roles(
    desired: RoleGrants,
    held: frozenset[Grantee],
    granted: frozenset[Grantee] = frozenset(),
    *,
    running_role: Grantee | None = None,
) -> RolePlan:
    """Bring one role to the grantees that are declared; arguments as for `privileges`."""
    missing = desired.grantees - held
    extra = held - desired.grantees
    revoked = extra - {running_role} if desired.exclusive else extra & granted
    statements = (
        *sql.grant_role(desired.role, missing),
        *sql.revoke_role(desired.role, revoked),
    )
    verdict = Verdict.UPDATE if statements else Verdict.NO_CHANGE
    return RolePlan(Plan(verdict, statements), (granted & desired.grantees) | missing)


def visible_holders(desired: RoleGrants, held: frozenset[Grantee]) -> frozenset[Grantee]:
    """The holders that a stack looks at: the declared ones, or all if exclusive."""
    return held if desired.exclusive else held & desired.grantees


def revoke_faults(
    before: frozenset[Privilege] | frozenset[Grantee],
    after: frozenset[Privilege] | frozenset[Grantee],
    *,
    is_same_object: bool,
    allow_revoke: bool,
    field: str = "privileges",
) -> list[tuple[str, str]]:
    """What is wrong with a plan that revokes where the stack may not: (field, sentence)."""
    if allow_revoke or not is_same_object:
        return []
    lost = ", ".join(str(item) for item in sorted(map(str, before - after)))
    if not lost:
        return []
    return [(field, f"policy.allow_revoke is false, and this would revoke {lost}")]
