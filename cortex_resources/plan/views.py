"""What to do about a training view: create, adopt, update in place, keep or drop."""

from __future__ import annotations

from dataclasses import dataclass

from cortex_resources.errors import OwnershipError
from cortex_resources.model import sqltext
from cortex_resources.model.effects import Statement
from cortex_resources.model.views import TrainingView
from cortex_resources.plan import markers
from cortex_resources.plan.verdict import Plan, Verdict
from cortex_resources.sql import views as sql


@dataclass(frozen=True, slots=True)
class ViewPlan:
    """The plan for one view, and whether the view is ours afterwards."""

    plan: Plan
    is_owned: bool


def create(desired: TrainingView, found: sql.FoundView | None, marker: str) -> ViewPlan:
    """Make the view exist.

    Arguments:
        desired: the declaration.
        found: what stands under that name, None when nothing does.
        marker: what the body of a view of this stack carries.

    Raises:
        OwnershipError: a view of somebody else with another query has the name.
    """
    if found is None:
        return ViewPlan(Plan(Verdict.CREATE, (sql.create(desired, marker),)), is_owned=True)
    if found.marker == marker:
        return ViewPlan(Plan(Verdict.ADOPT, _changes(desired, found.view, marker)), is_owned=True)
    if markers.is_same_stack(found.marker, marker):
        # Ours under another key: a resource that was renamed writes its own marker.
        return ViewPlan(Plan(Verdict.ADOPT, (sql.replace(desired, marker),)), is_owned=True)
    if found.is_readable and sqltext.same(found.view.query, desired.query):
        note = f"view {desired.name} was there with this query; this stack will never drop it"
        return ViewPlan(Plan(Verdict.ADOPT, notes=(note,)), is_owned=False)
    raise OwnershipError(
        f"view {desired.name} exists, reads something else and was not made by this stack",
        hint="Declare another name, or drop it yourself first; nothing was changed.",
    )


def update(
    desired: TrainingView, observed: TrainingView, marker: str, *, is_owned: bool = True
) -> Plan:
    """Bring a view to its declaration in place, keeping what is granted on it.

    Raises:
        OwnershipError: the query differs and the view was there before this stack.
    """
    if not is_owned and not sqltext.same(desired.query, observed.query):
        raise OwnershipError(
            f"view {desired.name} was there before this stack, so its query is not replaced",
            hint="Declare another name, or drop it yourself first; nothing was changed.",
        )
    statements = _changes(desired, observed, marker)
    return Plan(Verdict.UPDATE if statements else Verdict.NO_CHANGE, statements)


def _changes(desired: TrainingView, observed: TrainingView, marker: str) -> tuple[Statement, ...]:
    if not sqltext.same(desired.query, observed.query):
        return (sql.replace(desired, marker),)
    statements = []
    if desired.comment != observed.comment:
        statements.append(sql.set_comment(desired))
    if desired.secure != observed.secure:
        statements.append(sql.set_secure(desired))
    return tuple(statements)


def drop(
    desired: TrainingView,
    found: sql.FoundView | None,
    marker: str,
    *,
    is_owned: bool,
    allow_drop: bool,
) -> Plan:
    """Remove a view that is ours, if the stack may.

    It must still carry our marker: a view that somebody replaced is theirs now.
    """
    if found is None:
        return Plan.leaving(f"view {desired.name} is already gone")
    if not is_owned:
        return Plan.leaving(f"view {desired.name} was there before this stack and stays")
    if not allow_drop:
        return Plan.leaving(f"kept view {desired.name}: policy.allow_drop is false")
    if found.marker != marker:
        return Plan.leaving(
            f"kept view {desired.name}: somebody replaced it, it no longer carries our marker"
        )
    return Plan(Verdict.DROP, (sql.drop(desired.name),), (f"dropped view {desired.name}",))


def observed(desired: TrainingView, found: sql.FoundView) -> TrainingView:
    """The view as the account has it, with the declared text where the two mean the same."""
    is_same = not found.is_readable or sqltext.same(desired.query, found.view.query)
    return TrainingView(
        name=desired.name,
        query=desired.query if is_same else found.view.query,
        comment=found.view.comment,
        secure=found.view.secure,
    )
