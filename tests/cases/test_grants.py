"""Golden cases of privileges and role grants."""

from __future__ import annotations

import pytest

from cortex_resources.model.grants import (
    Grantee,
    PrivilegeGrants,
    RoleGrants,
    Securable,
    grantees_of,
    privileges_of,
)
from cortex_resources.plan import grants as plan
from tests.cases.reading import Case, cases, lines, require

PRIVILEGES = cases("privilege_grants")
ROLES = cases("role_grants")


def _role(case: Case) -> Grantee | None:
    return Grantee.parse(case["running_role"]) if "running_role" in case else None


@pytest.mark.parametrize("case", PRIVILEGES.values(), ids=list(PRIVILEGES))
def test_privileges(case: Case) -> None:
    declared = case["desired"]
    desired = PrivilegeGrants(
        Securable.parse(declared["object"]),
        privileges_of(lines(declared.get("privileges"))),
        declared.get("exclusive", False),
    )
    held, ours = (privileges_of(lines(case.get(side))) for side in ("observed", "before"))
    if case.get("do") == "removal":
        require(plan.removal(desired.on, held, ours), case)
        return
    if case.get("do") == "first":
        step = plan.first(desired, held)
    else:
        step = plan.privileges(desired, held, ours, running_role=_role(case))
    require(step.plan, case)
    assert step.granted == privileges_of(lines(case["granted"]))
    if "visible" in case:
        seen = plan.visible(desired, held, running_role=_role(case))
        assert seen == privileges_of(lines(case["visible"]))


@pytest.mark.parametrize("case", ROLES.values(), ids=list(ROLES))
def test_roles(case: Case) -> None:
    declared = case["desired"]
    desired = RoleGrants(
        Grantee.parse(declared["role"]),
        grantees_of(lines(declared["to"])),
        declared.get("exclusive", False),
    )
    held, ours = (grantees_of(lines(case.get(side))) for side in ("observed", "before"))
    if case.get("do") == "first":
        step = plan.first_holders(desired, held)
    else:
        step = plan.roles(desired, held, ours, running_role=_role(case))
    require(step.plan, case)
    assert step.granted == grantees_of(lines(case["granted"]))
    if "visible" in case:
        seen = plan.visible_holders(desired, held, running_role=_role(case))
        assert seen == grantees_of(lines(case["visible"]))
