"""Grant plans on a simulated account: they converge, and what others granted survives."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from cortex_resources.model.effects import Effect, Statement
from cortex_resources.model.grants import (
    Grantee,
    Privilege,
    PrivilegeGrants,
    RoleGrants,
    Securable,
)
from cortex_resources.plan import privilege_grants, role_grants
from tests.properties import texts
from tests.properties.texts import bounded

ON = Securable.parse("SCHEMA DB.ML")
ADMIN = Grantee.parse("ROLE A")
Held = frozenset[Privilege]
sets = st.frozensets(texts.privileges(texts.few_grantees), max_size=6)


def shown(privileges: Held) -> Held:
    """How an account shows what is held: one row each, under the word it reads back as."""
    found: dict[tuple[str, Grantee], bool] = {}
    for item in privileges:
        word = "USAGE" if item.privilege == "IMPORTED PRIVILEGES" else item.privilege
        found[word, item.grantee] = found.get((word, item.grantee), False) or item.grant_option
    return frozenset(Privilege(word, who, option) for (word, who), option in found.items())


def after(held: Held, statements: tuple[Statement, ...]) -> Held:
    """What is held after the statements, read from their text alone."""
    now = {(item.privilege, item.grantee): item.grant_option for item in held}
    for statement in statements:
        verb, _, rest = statement.text.partition(" ")
        names, _, whom = rest.partition(f" ON {ON} ")
        only_option = names.startswith("GRANT OPTION FOR ")
        option = whom.endswith(" WITH GRANT OPTION")
        who = Grantee.parse(whom.removesuffix(" WITH GRANT OPTION").partition(" ")[2])
        for word in names.removeprefix("GRANT OPTION FOR ").split(", "):
            key = ("USAGE" if word == "IMPORTED PRIVILEGES" else word, who)
            if verb == "GRANT":
                now[key] = now.get(key, False) or option
            elif only_option:
                now[key] = False
            else:
                now.pop(key, None)
    return frozenset(Privilege(*key, option) for key, option in now.items())


def is_unambiguous(privileges: Held) -> bool:
    return len(shown(privileges)) == len(privileges)


@bounded
@given(sets, sets, sets, st.booleans())
def test_a_second_plan_is_empty(declared: Held, there: Held, ours: Held, exclusive: bool) -> None:
    desired = PrivilegeGrants(ON, declared, exclusive)
    held = shown(there | ours)
    first = privilege_grants.settled(desired, held, ours, running_role=ADMIN)
    held = after(held, first.plan.statements)
    second = privilege_grants.settled(desired, held, first.granted, running_role=ADMIN)
    assert second.plan.statements == ()
    assert second.granted == first.granted


@bounded
@given(sets, sets)
def test_what_is_seen_after_a_plan_is_what_is_declared(declared: Held, there: Held) -> None:
    assume(is_unambiguous(declared))
    for exclusive in (False, True):
        desired = PrivilegeGrants(ON, declared, exclusive)
        step = privilege_grants.settled(desired, shown(there), running_role=ADMIN)
        held = after(shown(there), step.plan.statements)
        seen = privilege_grants.visible(desired, held, running_role=ADMIN)
        surplus = {item for item in seen if item not in declared}
        assert {item.grantee for item in surplus} <= {ADMIN} if exclusive else not surplus
        assert {(p.privilege, p.grantee) for p in seen} == {
            (p.privilege, p.grantee) for p in declared
        }


@bounded
@given(sets, sets)
def test_additive_grants_never_revoke_what_others_granted(declared: Held, there: Held) -> None:
    step = privilege_grants.settled(PrivilegeGrants(ON, declared), shown(there))
    assert all(statement.effect is Effect.CHANGE for statement in step.plan.statements)


@bounded
@given(sets, sets)
def test_a_new_resource_never_revokes(declared: Held, there: Held) -> None:
    step = privilege_grants.first(PrivilegeGrants(ON, declared, exclusive=True), shown(there))
    assert all(statement.effect is Effect.CHANGE for statement in step.plan.statements)


@bounded
@given(sets, sets)
def test_granting_and_removing_leaves_the_account_as_it_was(declared: Held, there: Held) -> None:
    before = shown(there)
    step = privilege_grants.first(PrivilegeGrants(ON, declared), before)
    held = after(before, step.plan.statements)
    end = privilege_grants.removal(PrivilegeGrants(ON, declared), held, step.granted)
    assert after(held, end.statements) == before


@bounded
@given(sets, sets, sets)
def test_a_changed_declaration_and_a_removal_leave_what_was_there(
    declared: Held, changed: Held, there: Held
) -> None:
    before = shown(there)
    one = privilege_grants.first(PrivilegeGrants(ON, declared), before)
    held = after(before, one.plan.statements)
    two = privilege_grants.settled(PrivilegeGrants(ON, changed), held, one.granted)
    held = after(held, two.plan.statements)
    end = privilege_grants.removal(PrivilegeGrants(ON, changed), held, two.granted)
    assert after(held, end.statements) == before


@bounded
@given(sets, sets, sets)
def test_exclusive_never_takes_from_the_running_role(
    declared: Held, there: Held, ours: Held
) -> None:
    ours = frozenset(item for item in ours if item.grantee != ADMIN)
    held = shown(there)
    step = privilege_grants.settled(
        PrivilegeGrants(ON, declared, exclusive=True), held, ours, running_role=ADMIN
    )
    kept = {(p.privilege, p.grantee) for p in after(held, step.plan.statements)}
    assert {(p.privilege, p.grantee) for p in held if p.grantee == ADMIN} <= kept


holders = st.frozensets(texts.few_grantees, max_size=4)


@bounded
@given(holders, holders, holders, st.booleans())
def test_holders_converge(
    declared: frozenset[Grantee],
    there: frozenset[Grantee],
    ours: frozenset[Grantee],
    exclusive: bool,
) -> None:
    desired = RoleGrants(Grantee.parse("ROLE X"), declared, exclusive)
    held = there | ours
    step = role_grants.settled(desired, held, ours, running_role=ADMIN)
    for statement in step.plan.statements:
        who = Grantee.parse(statement.text.split(" ", 4)[4])
        held = held | {who} if statement.text.startswith("GRANT") else held - {who}
    again = role_grants.settled(desired, held, step.granted, running_role=ADMIN)
    assert again.plan.statements == ()
    assert declared <= held
    assert there - ours - declared <= held or exclusive
    assert role_grants.visible(desired, held, running_role=ADMIN) == declared
