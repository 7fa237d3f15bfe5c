"""What the decisions on privileges and on roles have in common.

Grants are additive: what nobody declared is left alone, unless the object is `exclusive`. Only what
this stack granted is ever revoked in additive mode, so what was there before survives. Grants go
before revokes. What only one preview can show is revoked by the run after it: a new resource never
revokes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from cortex_resources.model.grants import Grantee, Privilege, PrivilegeGrants, RoleGrants
from cortex_resources.plan.verdict import Plan

Declared = TypeVar("Declared", PrivilegeGrants, RoleGrants, contravariant=True)  # noqa: PLC0105 - only the protocol has it contravariant
Line = TypeVar("Line", Privilege, Grantee)


@dataclass(frozen=True, slots=True)
class GrantsPlan(Generic[Line]):
    """The plan for one object or role, and what this stack will have granted on it afterwards."""

    plan: Plan
    granted: frozenset[Line]


class Decisions(Protocol[Declared, Line]):
    """What is decided about one kind of grants: a module of this package."""

    def first(self, desired: Declared, held: frozenset[Line]) -> GrantsPlan[Line]:
        """The plan of a new resource: it only grants."""

    def settled(
        self,
        desired: Declared,
        held: frozenset[Line],
        granted: frozenset[Line] = ...,
        *,
        running_role: Grantee | None = ...,
    ) -> GrantsPlan[Line]:
        """The plan that brings the object to what is declared."""

    def visible(
        self, desired: Declared, held: frozenset[Line], *, running_role: Grantee | None = ...
    ) -> frozenset[Line]:
        """The part of what is held that a stack looks at."""

    def removal(self, desired: Declared, held: frozenset[Line], granted: frozenset[Line]) -> Plan:
        """The plan that takes away what is ours and still held."""


def _bare(line: Line) -> Line:
    """The line without its grant option."""
    return replace(line, grant_option=False) if isinstance(line, Privilege) else line


def as_shown(
    held: frozenset[Line], shown: frozenset[Line], declared: frozenset[Line]
) -> tuple[frozenset[Line], frozenset[Line]]:
    """What of an exclusive object a run may act on, and what appeared after its preview.

    Arguments:
        held: what the account shows now.
        shown: what it showed to the preview.
        declared: what is granted anyway.
    """
    known = shown | declared
    bare = {_bare(line) for line in known}
    acted, appeared = set(), set()
    for line in held:
        less = _bare(line)
        if line in known or (line == less and less in bare):
            acted.add(line)
        else:
            appeared.add(line)
            # Of what was known, only the right to pass it on is new.
            acted |= {less} & bare
    return frozenset(acted), frozenset(appeared)


def with_extras(plan: Plan, on: str, others: Collection[object]) -> Plan:
    """The plan of a new resource, and how much more an exclusive object will show."""
    if not others:
        return plan
    note = f"{on} is exclusive: the next preview shows what is not declared ({len(others)} found)"
    return Plan(plan.verdict, plan.statements, (*plan.notes, note))


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
    stays = {*map(str, after)}
    # A privilege that gains the grant option is not revoked.
    stays |= {str(Privilege(p.privilege, p.grantee)) for p in after if isinstance(p, Privilege)}
    lost = ", ".join(sorted({*map(str, before)} - stays))
    if not lost:
        return []
    told = (
        f"policy.allow_revoke is false, and this would revoke {lost}: declare it again, or allow it"
        " in the stack's policy"
    )
    return [(field, told)]
