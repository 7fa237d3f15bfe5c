"""Golden cases of privileges and role grants."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cortex_resources.model.grants import (
    Grantee,
    PrivilegeGrants,
    RoleGrants,
    Securable,
    grantees_of,
    privileges_of,
)
from cortex_resources.plan import privilege_grants, role_grants
from cortex_resources.plan.grants import Decisions, Declared, Line
from tests.cases.reading import Case, cases, lines, require

PRIVILEGES = cases("privilege_grants")
ROLES = cases("role_grants")


def _is_decided(
    decisions: Decisions[Declared, Line],
    desired: Declared,
    read: Callable[[str], frozenset[Line]],
    case: Case,
) -> None:
    """One case of one kind of grants: `do` names the decision, a changed resource's by default."""
    role = Grantee.parse(case["running_role"]) if "running_role" in case else None
    held, ours = (read(lines(case.get(side))) for side in ("observed", "before"))
    if case.get("do") == "removal":
        require(decisions.removal(desired, held, ours), case)
        return
    if case.get("do") == "first":
        step = decisions.first(desired, held)
    else:
        step = decisions.settled(desired, held, ours, running_role=role)
    require(step.plan, case)
    assert step.granted == read(lines(case["granted"]))
    if "visible" in case:
        seen = decisions.visible(desired, held, running_role=role)
        assert seen == read(lines(case["visible"]))


@pytest.mark.parametrize("case", PRIVILEGES.values(), ids=list(PRIVILEGES))
def test_privileges(case: Case) -> None:
    declared = case["desired"]
    desired = PrivilegeGrants(
        Securable.parse(declared["object"]),
        privileges_of(lines(declared.get("privileges"))),
        declared.get("exclusive", False),
    )
    _is_decided(privilege_grants, desired, privileges_of, case)


@pytest.mark.parametrize("case", ROLES.values(), ids=list(ROLES))
def test_roles(case: Case) -> None:
    declared = case["desired"]
    desired = RoleGrants(
        Grantee.parse(declared["role"]),
        grantees_of(lines(declared["to"])),
        declared.get("exclusive", False),
    )
    _is_decided(role_grants, desired, grantees_of, case)
