"""May this role submit the job? Asked in the preview, before anything changes.

Grants that the stack itself declares count as held. Only when something is not declared is the
account asked: one SHOW GRANTS per object, and the roles below the running one only on doubt. What
the job reads may be made in the same run; then who makes it owns it, unless a future grant says
otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace

from cortex_resources.errors import ObjectMissingError, PrivilegeMissingError
from cortex_resources.model.effects import Statement
from cortex_resources.model.grants import (
    Grantee,
    GranteeType,
    Privilege,
    Securable,
    SecurableType,
)
from cortex_resources.model.jobs import TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.plan import privileges as plan
from cortex_resources.sql import grants as sql

Reader = Callable[[Statement], list[dict[str, object]]]

MOST_ROLES = 200
"""Roles looked into below the running one before giving up."""

_Given = tuple[frozenset[Privilege], Grantee | None]
"""What is held on an object, and who owns it."""

_PUBLIC = Grantee(GranteeType.ROLE, QualifiedName(("PUBLIC",)))


def missing(
    job: TrainingJob,
    role: Grantee,
    declared: plan.Declared,
    read: Reader,
    *,
    reads: Iterable[Securable] = (),
    maker: Callable[[], Grantee] | None = None,
    revoked: plan.Declared = frozenset(),
) -> list[plan.Requirement]:
    """What the role lacks to submit the job.

    Arguments:
        job: what is to be submitted.
        role: the role that will submit it.
        declared: what the stack itself grants before that.
        read: runs a READ with a role that sees the objects.
        reads: the views and tables that the stack makes and the job reads.
        maker: the role that makes those; asked only where one is not there yet.
        revoked: what the stack takes away before that.
    """
    made = frozenset(reads)

    def born(on: Securable) -> _Given | None:
        return _born_with(read, on, role, maker()) if maker and on in made else None

    needed = plan.requirements(job, made)
    return unmet(needed, role, declared, read, revoked=revoked, born=born)


def unmet(
    needed: Iterable[plan.Requirement],
    role: Grantee,
    declared: plan.Declared,
    read: Reader,
    *,
    revoked: plan.Declared = frozenset(),
    born: Callable[[Securable], _Given | None] = lambda _: None,
) -> list[plan.Requirement]:
    """The requirements that neither the role meets nor one below it.

    Arguments:
        needed: what it takes.
        role: who needs it.
        declared: what the stack itself grants before that.
        read: runs a READ with a role that sees the objects.
        revoked: what the stack takes away before that.
        born: what an object that is not there yet will be given, None where that is not known.
    """
    needed = plan.undeclared(needed, role, declared)
    held: dict[Securable, frozenset[Privilege]] = {}
    owners: dict[Securable, Grantee | None] = {}
    for on in {item.on for item in needed}:
        rows = _rows(read, on)
        found = sql.parse_privileges(rows, on, with_inherited=True), sql.parse_owner(rows, on)
        privileges, owners[on] = found if rows else born(on) or found
        held[on] = frozenset(
            item for item in privileges if (on, replace(item, grant_option=False)) not in revoked
        )
    lacking = plan.missing(needed, frozenset({role, _PUBLIC}), held, owners)
    roles = frozenset(closure(role, read, declared)) if lacking else frozenset()
    for below in roles:
        lacking = plan.undeclared(lacking, below, declared)
    return lacking and plan.missing(lacking, roles, held, owners)


def _born_with(read: Reader, on: Securable, role: Grantee, maker: Grantee) -> _Given:
    """What is granted on an object that is yet to be made, and who will own it.

    Source: *GRANT <privileges>*, future grants. Where they may not be asked for, nothing is proved
    against the role.
    """
    schema = Securable(SecurableType.SCHEMA, on.name.parent)
    database = Securable(SecurableType.DATABASE, on.name.parent.parent)
    try:
        rows = [row for place in (schema, database) for row in read(sql.show_future(place))]
    except (ObjectMissingError, PrivilegeMissingError):
        return frozenset({Privilege("SELECT", role)}), maker
    found = sql.parse_future(rows, on)
    owner = next((grantee for word, grantee in found if word == "OWNERSHIP"), maker)
    return frozenset(Privilege(word, grantee) for word, grantee in found), owner


def _rows(read: Reader, on: Securable) -> list[dict[str, object]]:
    try:
        return read(sql.show_on(on))
    except ObjectMissingError:
        return []


def closure(
    role: Grantee, read: Reader, declared: plan.Declared = frozenset()
) -> Iterator[Grantee]:
    """The role and every role below it, PUBLIC too, each as soon as it is found.

    Arguments:
        role: where to begin.
        read: runs a READ with a role that sees the roles.
        declared: what is granted by then; a role that is given is followed like one that was.
    """
    seen, waiting = {role, _PUBLIC}, [_PUBLIC, role]
    yield from (role, _PUBLIC)
    while waiting and len(seen) < MOST_ROLES:
        current = waiting.pop()
        below = plan.given_roles(current, declared)
        with suppress(ObjectMissingError):
            below |= sql.parse_roles_held(read(sql.show_to(current)))
        yield from (found := sorted(below - seen))
        waiting += found
        seen |= below
