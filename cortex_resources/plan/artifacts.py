"""The model a job made: is it ours, and may it be dropped?

A model is dropped only when its own comment carries this stack's marker under this key. Never by
prefix, never by schema.
"""

from __future__ import annotations

from cortex_resources.errors import OwnershipError
from cortex_resources.model.jobs import JobRecord, Marker, ModelRecord
from cortex_resources.model.names import QualifiedName
from cortex_resources.plan.verdict import Plan, Verdict
from cortex_resources.sql import models as sql


def is_ours(model: ModelRecord, marker: Marker) -> bool:
    """Whether the model's comment says that this stack made it for this key."""
    found = sql.marker_of(model.comment)
    return found is not None and (found.project, found.stack, found.model) == (
        marker.project,
        marker.stack,
        marker.model,
    )


def claim(model: ModelRecord, comment: str, marker: Marker, *, is_proven: bool = True) -> Plan:
    """Write our marker and the user's comment on a model that our job made.

    Arguments:
        model: what stands under the name.
        comment, marker: what its comment shall say.
        is_proven: the job's record names it, or we claimed it before; else only a marker counts.

    Raises:
        OwnershipError: the model carries the marker of another stack, or nothing proves it ours.
    """
    found = sql.marker_of(model.comment)
    if found is None and not is_proven:
        raise OwnershipError(
            f"model {model.name} carries nobody's marker, and no job tells who made it",
            hint=f"If it is yours, adopt it: {sql.set_comment(model.name, comment, marker).text}."
            " Nothing was changed.",
        )
    if found is not None and not marker.is_same_stack(found):
        raise OwnershipError(
            f"model {model.name} belongs to {found.project}/{found.stack}/{found.model}",
            hint="Two stacks must not train under one name: change the name in one of them.",
        )
    if found == marker and sql.without_marker(model.comment) == comment:
        return Plan(Verdict.NO_CHANGE)
    return Plan(Verdict.UPDATE, (sql.set_comment(model.name, comment, marker),))


def borrowed(model: ModelRecord) -> str:
    """What is said of a model that another role owns: it is served, never dropped or marked."""
    return f"model {model.name} is owned by role {model.owner}: it is borrowed and stays as it is"


def drop(
    name: QualifiedName,
    model: ModelRecord | None,
    marker: Marker,
    *,
    allow_drop: bool,
    is_proven: bool = False,
    is_retained: bool = False,
) -> Plan:
    """Drop one recorded model, if it is there, ours, and the stack may.

    Arguments:
        name, model: what is recorded, and what stands there.
        marker: ours.
        allow_drop: the stack's permission.
        is_proven: the service has no place for a marker and its names are ours alone.
        is_retained: the stack keeps its models.

    Raises:
        OwnershipError: the model is there and nothing proves that it is ours.
    """
    if model is None:
        return Plan(Verdict.NO_CHANGE, notes=(f"model {name} is already gone",))
    if is_retained or not allow_drop:
        why = "policy.retain is true" if is_retained else "policy.allow_drop is false"
        return Plan(Verdict.NO_CHANGE, notes=(f"kept model {name}: {why}",))
    if is_proven:
        return Plan(Verdict.DROP, (sql.drop(name),), (f"dropped model {name}",))
    found = sql.marker_of(model.comment)
    if found is not None and marker.is_same_stack(found) and not is_ours(model, marker):
        note = f"model {name} belongs to {found.model} of this stack now and stays"
        return Plan(Verdict.NO_CHANGE, notes=(note,))
    if not is_ours(model, marker):
        raise OwnershipError(
            f"model {name} does not carry the marker of this stack, so it is not dropped",
            hint="If it is yours, drop it by hand: DROP MODEL cannot be undone.",
        )
    return Plan(Verdict.DROP, (sql.drop(name),), (f"dropped model {name}",))


def unclaimed(
    job: JobRecord,
    model: ModelRecord | None,
    marker: Marker,
    *,
    allow_drop: bool,
    is_replaced: bool = False,
    is_retained: bool = False,
) -> Plan:
    """What becomes of the model that our own job's record names and that nobody ever claimed.

    It exists when a run was interrupted between the job's end and the claim. A model that only
    has the requested name proves nothing: Snowflake saves under another one where it is taken.

    Arguments:
        job: the job that is removed.
        model: what stands under the name in its record.
        marker: ours.
        allow_drop: the stack's permission.
        is_replaced: another job takes its place: what was paid for is claimed, not dropped, since
            no preview spoke of it.
        is_retained: the stack keeps its models; with our marker a later run finds it.
    """
    if model is None or model.name != job.model or sql.marker_of(model.comment) is not None:
        return Plan(Verdict.NO_CHANGE)
    name = model.name
    if is_replaced or is_retained:
        why = "policy.retain is true" if is_retained else "it was replaced"
        note = f"kept model {name} of job {job.id}: {why}, and the same spec finds it again"
        return Plan(Verdict.UPDATE, (sql.set_comment(name, model.comment, marker),), (note,))
    if not allow_drop:
        return Plan(Verdict.NO_CHANGE, notes=(f"kept model {name}: policy.allow_drop is false",))
    note = f"dropped model {name} of job {job.id}, which was never claimed"
    return Plan(Verdict.DROP, (sql.drop(name),), (note,))
