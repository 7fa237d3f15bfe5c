"""A whole stack as declared: what one `stacks/<name>.yaml` says."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from cortex_resources.model.aliases import ModelAlias
from cortex_resources.model.fingerprints import DataWatch
from cortex_resources.model.gates import ModelGate, Thresholds
from cortex_resources.model.grants import PrivilegeGrants, RoleGrants, Securable
from cortex_resources.model.job_policy import JobPolicy
from cortex_resources.model.jobs import TrainingJob
from cortex_resources.model.policy import Policy
from cortex_resources.model.snapshots import DatasetSnapshot
from cortex_resources.model.views import TrainingView


class Wait(StrEnum):
    """What `pulumi up` does while a job trains."""

    BLOCK = "block"
    """Wait until the job ends; its failure fails the run."""
    BOUNDED = "bounded"
    """Wait until a deadline, then leave the harvest to a later run."""
    NONE = "none"
    """Submit and leave the harvest to a later run."""


@dataclass(frozen=True, slots=True)
class DeclaredModel:
    """One entry under `models:`."""

    key: str
    job: TrainingJob
    comment: str = ""
    wait: Wait = Wait.BLOCK
    wait_minutes: float = 240
    data: DataWatch = field(default_factory=DataWatch)
    job_policy: JobPolicy = field(default_factory=JobPolicy)
    gate: ModelGate | None = None
    thresholds: Thresholds = field(default_factory=Thresholds)
    """What the gate's scores must reach."""
    alias: ModelAlias | None = None
    reads: tuple[Securable, ...] = ()
    """The views, and the tables of snapshots, of the same stack that it is trained on."""


@dataclass(frozen=True, slots=True)
class Stack:
    """Everything one stack declares, checked and with every variable filled in."""

    name: str
    privileges: tuple[PrivilegeGrants, ...] = ()
    roles: tuple[RoleGrants, ...] = ()
    views: dict[str, TrainingView] = field(default_factory=dict)
    snapshots: dict[str, DatasetSnapshot] = field(default_factory=dict)
    models: tuple[DeclaredModel, ...] = ()
    policy: Policy = field(default_factory=Policy)
