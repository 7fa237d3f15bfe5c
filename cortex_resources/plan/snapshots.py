"""What to do about frozen rows: take them once, never again under the same name, drop or keep.

A snapshot that is gone is not taken again by itself: the rows of now under the old name would be a
lie about what its models were trained on.
"""

from __future__ import annotations

from cortex_resources.errors import OwnershipError
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.snapshots import DatasetSnapshot
from cortex_resources.plan import markers
from cortex_resources.plan.verdict import Plan, Verdict
from cortex_resources.sql import snapshots as sql


def create(desired: DatasetSnapshot, found: sql.FoundTable | None, marker: str) -> Plan:
    """Take the snapshot, or adopt the one of this very content.

    Arguments:
        desired: the declaration.
        found: the table under its name, None when there is none.
        marker: what the comment of a table of this stack carries.

    Raises:
        OwnershipError: a table of somebody else has the name.
    """
    if found is None:
        return Plan(Verdict.CREATE, (sql.create(desired, marker),))
    if not markers.is_same_stack(found.marker, marker):
        raise OwnershipError(
            f"table {desired.table} exists and was not made by this stack",
            hint="Declare another name or another as_of; nothing was changed.",
        )
    if (found.comment, found.marker) == (desired.comment, marker):
        return Plan(Verdict.ADOPT)
    return Plan(Verdict.ADOPT, (sql.set_comment(desired, marker),))


def notices(table: QualifiedName, found: sql.FoundTable | None, taken: int | None) -> list[str]:
    """What a user should know about a snapshot that is not as it was taken.

    Arguments:
        table: its name.
        found: what stands under it.
        taken: how many rows it had.
    """
    if found is None:
        text = (
            f"snapshot {table} was dropped outside this stack: bring it back with UNDROP TABLE"
            f" {table}, or take another one with a new as_of; nothing was taken again by itself"
        )
        return [text]
    if taken is not None and found.rows is not None and found.rows != taken:
        text = (
            f"snapshot {table} had {taken:,} rows and has {found.rows:,}: somebody wrote to it, and"
            " models that were trained on it cannot be trained on the same rows again"
        )
        return [text]
    return []


def drop(
    table: QualifiedName, found: sql.FoundTable | None, marker: str, *, allow_drop: bool
) -> Plan:
    """Drop frozen rows that are ours, if the stack may."""
    if found is None:
        return Plan.leaving(f"snapshot {table} is already gone")
    if not allow_drop:
        return Plan.leaving(f"kept snapshot {table}: policy.allow_drop is false")
    if found.marker != marker:
        return Plan.leaving(f"kept snapshot {table}: it does not carry our marker")
    return Plan(Verdict.DROP, (sql.drop(table),), (f"dropped snapshot {table}",))
