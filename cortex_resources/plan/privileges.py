"""What a role needs to submit a job, and which of it is missing.

Source: *Fine-tuning (Snowflake Cortex)*, access control. What the stack itself declares counts as
held: it will be granted before the job is submitted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cortex_resources.model.grants import Grantee, Privilege, Securable, SecurableType
from cortex_resources.model.jobs import TrainingJob
from cortex_resources.model.names import QualifiedName

Declared = frozenset[tuple[Securable, Privilege]]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One privilege on one object, or ownership of it."""

    privilege: str
    on: Securable

    def grant_to(self, role: Grantee) -> str:
        """The statement that gives it."""
        return f"GRANT {self.privilege} ON {self.on} TO {role}"


def requirements(job: TrainingJob) -> list[Requirement]:
    """What FINETUNE CREATE needs on the objects that the job names."""
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
    if job.warehouse:
        warehouse = Securable(SecurableType.WAREHOUSE, QualifiedName.parse(job.warehouse))
        needed.append(Requirement("USAGE", warehouse))
    return list(dict.fromkeys(needed))


def _of_dataset(name: QualifiedName) -> list[Requirement]:
    return [
        Requirement("USAGE", Securable(SecurableType.DATABASE, name.parent.parent)),
        Requirement("USAGE", Securable(SecurableType.SCHEMA, name.parent)),
        Requirement("USAGE", Securable(SecurableType.DATASET, name)),
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
