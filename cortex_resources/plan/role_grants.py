"""To whom one role is granted, and from whom it is taken."""

from __future__ import annotations

from cortex_resources.model.grants import Grantee, RoleGrants
from cortex_resources.plan.grants import GrantsPlan, with_extras
from cortex_resources.plan.verdict import Plan, Verdict
from cortex_resources.sql import grants as sql


def settled(
    desired: RoleGrants,
    held: frozenset[Grantee],
    granted: frozenset[Grantee] = frozenset(),
    *,
    running_role: Grantee | None = None,
) -> GrantsPlan[Grantee]:
    """Bring one role to the grantees that are declared; arguments as for privileges."""
    missing = desired.grantees - held
    extra = held - desired.grantees
    revoked = extra - {running_role} if desired.exclusive else extra & granted
    statements = (
        *sql.grant_role(desired.role, missing),
        *sql.revoke_role(desired.role, revoked),
    )
    verdict = Verdict.UPDATE if statements else Verdict.NO_CHANGE
    notes = tuple(
        f"{desired.role} was granted to {item} before this stack and stays so"
        for item in sorted(extra - revoked)
    )
    return GrantsPlan(Plan(verdict, statements, notes), (granted & desired.grantees) | missing)


def first(desired: RoleGrants, held: frozenset[Grantee]) -> GrantsPlan[Grantee]:
    """The plan of a new resource: it only grants, as `first` does."""
    additive = RoleGrants(desired.role, desired.grantees)
    step = settled(additive, held & desired.grantees)
    others = visible(desired, held) - desired.grantees
    return GrantsPlan(with_extras(step.plan, str(desired.role), others), step.granted)


def visible(
    desired: RoleGrants, held: frozenset[Grantee], *, running_role: Grantee | None = None
) -> frozenset[Grantee]:
    """The holders that a stack looks at: the declared ones, or all if exclusive.

    The running role keeps what it holds, so it is looked at only where it is declared.
    """
    seen = held & desired.grantees
    return seen | (held - {running_role}) if desired.exclusive else seen


def removal(desired: RoleGrants, held: frozenset[Grantee], granted: frozenset[Grantee]) -> Plan:
    """Take the role from those to whom this stack granted it and who still hold it."""
    return settled(RoleGrants(desired.role, frozenset()), held & granted, granted).plan
