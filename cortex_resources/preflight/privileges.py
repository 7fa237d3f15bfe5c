"""May this role submit the job? Asked in the preview, before anything changes.

Grants that the stack itself declares count as held. Only when something is not declared is the
account asked: one SHOW GRANTS per object, and the roles below the running one only on doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cortex_resources.errors import ObjectMissingError
from cortex_resources.model.effects import Statement
from cortex_resources.model.grants import Grantee, GranteeType, Privilege, Securable
from cortex_resources.model.jobs import TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.plan import privileges as plan
from cortex_resources.sql import grants as sql

Reader = Callable[[Statement], list[dict[str, object]]]

MOST_ROLES = 200
"""Roles looked into below the running one before giving up."""

_PUBLIC = Grantee(GranteeType.ROLE, QualifiedName(("PUBLIC",)))


def missing(job: TrainingJob, role: Grantee, declared: plan.Declared, read: Reader) -> list[str]:
    """The GRANT statements that must be run before the role can submit the job.

    Arguments:
        job: what is to be submitted.
        role: the role that will submit it.
        declared: what the stack itself grants before that.
        read: runs a READ with a role that sees the objects.
    """
    needed = plan.undeclared(plan.requirements(job), role, declared)
    held: dict[Securable, frozenset[Privilege]] = {}
    owners: dict[Securable, Grantee | None] = {}
    for on in {item.on for item in needed}:
        rows = _rows(read, on)
        held[on], owners[on] = sql.parse_privileges(rows, on), sql.parse_owner(rows, on)
    lacking = plan.missing(needed, frozenset({role, _PUBLIC}), held, owners)
    if lacking:
        lacking = plan.missing(lacking, frozenset(closure(role, read)), held, owners)
    return [item.grant_to(role) for item in lacking]


def _rows(read: Reader, on: Securable) -> list[dict[str, object]]:
    try:
        return read(sql.show_on(on))
    except ObjectMissingError:
        return []


def closure(role: Grantee, read: Reader) -> Iterable[Grantee]:
    """The role and every role below it, PUBLIC too."""
    seen, waiting = {role, _PUBLIC}, [role, _PUBLIC]
    while waiting and len(seen) < MOST_ROLES:
        try:
            below = sql.parse_roles_held(read(sql.show_to(waiting.pop())))
        except ObjectMissingError:
            continue
        waiting += sorted(below - seen)
        seen |= below
    return seen
