"""What a role needs to submit a job, and which of it is missing.

Source: *Fine-tuning (Snowflake Cortex)*, access control. What the stack itself declares counts as
held: it will be granted before the job is submitted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cortex_resources.errors import PrivilegeMissingError
from cortex_resources.model.grants import (
    Grantee,
    GranteeType,
    Privilege,
    Securable,
    SecurableType,
    held_by,
)
from cortex_resources.model.jobs import TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.stack import Stack

Declared = frozenset[tuple[Securable | Grantee, Privilege]]
"""Privileges on objects, and USAGE on roles: that a role is given to another one."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One privilege on one object, or ownership of it."""

    privilege: str
    on: Securable

    def grant_to(self, role: Grantee) -> str:
        """The statement that gives it."""
        return f"GRANT {self.privilege} ON {self.on} TO {role}"


def given_to(role: Grantee | None, stack: Stack) -> Declared:
    """What a stack grants before a job is submitted, in the words of the role that submits it.

    What a role below it is given, and what anybody is given, the role holds; what a role that it is
    given holds already, only the account knows. Rows of a snapshot are in a table whose name
    carries their hash.
    """
    tables = {frozen.name: frozen.table for frozen in stack.snapshots.values()}
    pairs = {
        (_existing(item.on, tables), privilege)
        for item in stack.privileges
        for privilege in item.privileges
    }
    given: set[tuple[Securable | Grantee, Privilege]] = {
        (item.role, Privilege("USAGE", grantee))
        for item in stack.roles
        for grantee in item.grantees
        if grantee.type is not GranteeType.USER
    }
    if role is not None:
        roles = held_by(role, stack.roles)
        given |= {(on, Privilege(p.privilege, role)) for on, p in pairs if p.grantee in roles}
    return frozenset(given | pairs)


def given_roles(grantee: Grantee, declared: Declared) -> frozenset[Grantee]:
    """The roles that a stack gives to one."""
    return frozenset(
        on for on, item in declared if isinstance(on, Grantee) and item.grantee == grantee
    )


def _existing(on: Securable, tables: Mapping[QualifiedName, QualifiedName]) -> Securable:
    if on.type is not SecurableType.TABLE:
        return on
    return Securable(on.type, tables.get(on.name, on.name))


def requirements(job: TrainingJob, reads: Iterable[Securable] = ()) -> list[Requirement]:
    """What FINETUNE CREATE needs on the objects that the job names, and on those that it reads.

    The rows are read under the role that submits (*Fine-tuning (Snowflake Cortex)*).
    """
    schema = Securable(SecurableType.SCHEMA, job.model.parent)
    database = Securable(SecurableType.DATABASE, job.model.parent.parent)
    needed = [
        Requirement("USAGE", database),
        Requirement("USAGE", schema),
        Requirement("CREATE MODEL", schema),
    ]
    for version in (job.training_dataset, job.validation_dataset):
        # *Fine-tuning arctic-extract models*; which stage the documents are on, only they tell.
        needed += _of_dataset(version.dataset) if version else ()
    for on in reads:
        needed += _inside(on.name)
        needed.append(Requirement("SELECT", on))
    if job.warehouse:
        warehouse = Securable(SecurableType.WAREHOUSE, QualifiedName.parse(job.warehouse))
        needed.append(Requirement("USAGE", warehouse))
    return list(dict.fromkeys(needed))


def _of_dataset(name: QualifiedName) -> list[Requirement]:
    return [*_inside(name), Requirement("USAGE", Securable(SecurableType.DATASET, name))]


def of_function(name: QualifiedName) -> list[Requirement]:
    """What it takes to make a function (*CREATE FUNCTION*, access control requirements)."""
    schema = Securable(SecurableType.SCHEMA, name.parent)
    return [*_inside(name), Requirement("CREATE FUNCTION", schema)]


def not_made(
    name: QualifiedName, role: Grantee, lacking: Iterable[Requirement], revoked: Declared
) -> PrivilegeMissingError:
    """What is said of a role that lacks something to make a function.

    Arguments:
        name: the function.
        role: who lacks it.
        lacking: what it lacks, at least one.
        revoked: what this run takes away.
    """
    items = list(lacking)
    gone = {(on, privilege.privilege) for on, privilege in revoked}
    taken = [
        f"{item.privilege} on {item.on}" for item in items if (item.on, item.privilege) in gone
    ]
    if taken:
        return PrivilegeMissingError(
            f"{role} needs {' and '.join(taken)} to make function {name}, and this run revokes it",
            hint=f"Declare it for {role} under grants: of the stack file.",
        )
    run = "; ".join(item.grant_to(role) for item in items)
    return PrivilegeMissingError(
        f"{role} may not make function {name}", hint=f"Where the objects exist run: {run}"
    )


def _inside(name: QualifiedName) -> list[Requirement]:
    """What it takes to get to an object: its database and its schema."""
    return [
        Requirement("USAGE", Securable(SecurableType.DATABASE, name.parent.parent)),
        Requirement("USAGE", Securable(SecurableType.SCHEMA, name.parent)),
    ]


def undeclared(
    needed: Iterable[Requirement], role: Grantee, declared: Declared
) -> list[Requirement]:
    """The requirements that the stack itself does not grant to the role."""
    given = {(on, item.privilege) for on, item in declared if item.grantee == role}
    return [item for item in needed if (item.on, item.privilege) not in given]


def missing(
    needed: Iterable[Requirement],
    roles: frozenset[Grantee],
    held: Mapping[Securable, frozenset[Privilege]],
    owners: Mapping[Securable, Grantee | None],
) -> list[Requirement]:
    """The requirements that none of these roles meets by a privilege or by ownership."""
    return [
        item
        for item in needed
        if owners.get(item.on) not in roles
        and not any(
            p.privilege == item.privilege and p.grantee in roles
            for p in held.get(item.on, frozenset())
        )
    ]
