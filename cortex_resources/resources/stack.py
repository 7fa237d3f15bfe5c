"""A whole stack from its file: every resource, and what must exist before what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pulumi

from cortex_resources.backends import registry
from cortex_resources.errors import CortexError, PolicyError
from cortex_resources.gateway.session import account_for
from cortex_resources.model import grants
from cortex_resources.model import snapshots as declared_model
from cortex_resources.model.grants import Grantee, GranteeType, SecurableType
from cortex_resources.model.jobs import FINETUNE
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.policy import Policy
from cortex_resources.model.stack import DeclaredModel, Stack
from cortex_resources.plan import privileges
from cortex_resources.preflight.submit import declared_lines
from cortex_resources.resources import declared
from cortex_resources.resources.dataset_snapshot import DatasetSnapshot
from cortex_resources.resources.fine_tuned_model import FineTunedModel
from cortex_resources.resources.privilege_grants import PrivilegeGrants
from cortex_resources.resources.role_grants import RoleGrants
from cortex_resources.resources.training_view import TrainingView
from cortex_resources.specs import load


def declare_stack(folder: str | Path = "stacks") -> None:
    """Declare everything that `<folder>/<stack>.yaml` says, for the stack Pulumi runs.

    Raises:
        pulumi.RunError: the file breaks rules, or the account cannot be reached; nothing changed.
    """
    try:
        loaded = load.load(pulumi.get_stack(), Path(folder))
        account_for(declared.connection()).current_role()
        _require_something(loaded.stack)
    except CortexError as error:
        raise pulumi.RunError(str(error)) from None
    if declared.warns():
        _tell(loaded)
    Declaration(loaded.stack).run()


def _tell(loaded: load.Loaded) -> None:
    """What is worth knowing, in an `up` too where it is not known to have had a preview."""
    for warning in loaded.warnings:
        pulumi.log.warn(warning)
    if loaded.stack.models and (notice := registry.named(FINETUNE).capabilities.notice):
        pulumi.log.info(notice)


def _require_something(stack: Stack) -> None:
    """Refuse a file that declares nothing, unless it lets everything be removed.

    No resource is left that could tell the providers what the policy forbids.
    """
    sections = (stack.privileges, stack.roles, stack.views, stack.snapshots, stack.models)
    if stack.policy.withheld and not any(sections):
        raise PolicyError(
            f"the stack file of {stack.name} declares nothing, and its policy does not let"
            " everything be removed",
            hint="Was it emptied by mistake? `pulumi destroy` removes a stack; or set"
            " policy.allow_drop to true. Nothing was changed.",
        )


@dataclass(frozen=True, slots=True)
class _Target:
    """What a grant is on.

    Arguments:
        on: its name, once that is known.
        needs: what must be there first.
        cleared: which version may be served, where the grant waits for one.
    """

    on: pulumi.Input[str]
    needs: pulumi.Input[Sequence[pulumi.Resource]]
    cleared: pulumi.Input[str] | None = None


class Declaration:
    """The resources of one stack, in the order they need each other."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.views: dict[QualifiedName, pulumi.Resource] = {}
        self.snapshots: dict[QualifiedName, DatasetSnapshot] = {}
        self.models: dict[QualifiedName, FineTunedModel] = {}

    def run(self) -> None:
        """Declare views, snapshots, grants, then models, then the grants on those models."""
        declared.withhold(self.policy)
        for key, view in self.stack.views.items():
            self.views[view.name] = TrainingView(
                key,
                name=str(view.name),
                query=view.query,
                comment=view.comment,
                secure=view.secure,
                allow_drop=self.policy.allow_drop,
                opts=pulumi.ResourceOptions(protect=self.policy.protect),
            )
        for key, snapshot in self.stack.snapshots.items():
            self.snapshots[snapshot.name] = self._freeze(key, snapshot)
        on_models = [item for item in self.stack.privileges if self._made_last(item)]
        before = [self._grant(item) for item in self.stack.privileges if item not in on_models]
        before += [self._grant_role(item) for item in self.stack.roles]
        for model in self.stack.models:
            self.models[model.job.model] = self._train(model, before)
        for item in on_models:
            self._grant(item)
        for model in self.stack.models:
            pulumi.export(model.key, self.models[model.job.model].summary())

    @property
    def policy(self) -> Policy:
        """What the stack allows."""
        return self.stack.policy

    def _model_of(self, item: grants.PrivilegeGrants) -> DeclaredModel | None:
        """The model of this stack that a grant names by its declared name."""
        if item.on.type is not SecurableType.MODEL:
            return None
        return next((m for m in self.stack.models if m.job.model == item.on.name), None)

    def _served_by(self, item: grants.PrivilegeGrants) -> DeclaredModel | None:
        """The model of this stack whose alias a grant names."""
        aliased = ((model, model.alias) for model in self.stack.models)
        return next(
            (model for model, alias in aliased if alias and alias.function == item.on), None
        )

    def _made_last(self, item: grants.PrivilegeGrants) -> bool:
        """Whether a grant is on something that is only there once a model is."""
        return bool(self._model_of(item) or self._served_by(item))

    def _freeze(self, key: str, snapshot: declared_model.DatasetSnapshot) -> DatasetSnapshot:
        return DatasetSnapshot(
            key,
            name=str(snapshot.name),
            query=snapshot.query,
            as_of=snapshot.as_of,
            comment=snapshot.comment,
            allow_drop=self.policy.allow_drop,
            opts=pulumi.ResourceOptions(
                depends_on=list(self.views.values()), protect=self.policy.protect
            ),
        )

    def _grant(self, item: grants.PrivilegeGrants) -> pulumi.Resource:
        target = self._target(item)
        return PrivilegeGrants(
            str(item.on),
            on=target.on,
            to=_by_grantee(item),
            exclusive=item.exclusive,
            allow_revoke=self.policy.allow_revoke,
            cleared=target.cleared,
            foreign=not self._made_last(item),
            opts=pulumi.ResourceOptions(depends_on=target.needs),
        )

    def _target(self, item: grants.PrivilegeGrants) -> _Target:
        name = str(item.on)
        if model := self._model_of(item):
            made = self.models[model.job.model]
            # The declared name is a wish; the object that exists carries the hash.
            on = pulumi.Output.format("{} {}", item.on.type, made.job.model_name)
            return _Target(on, made.cleared.apply(lambda _: [made.artifact]), made.cleared)
        served = self._served_by(item)
        if served and (alias := self.models[served.job.model].served_by):
            return _Target(name, [alias], alias.serves)
        if item.on.type is SecurableType.TABLE and item.on.name in self.snapshots:
            frozen = self.snapshots[item.on.name]
            return _Target(pulumi.Output.format("{} {}", item.on.type, frozen.table), [frozen])
        view = self.views.get(item.on.name)
        return _Target(name, [view] if view else [])

    def _grant_role(self, item: grants.RoleGrants) -> pulumi.Resource:
        return RoleGrants(
            str(item.role),
            role=_plain(item.role),
            to=[_plain(g) for g in item.grantees if g.type is not GranteeType.USER],
            users=[_plain(g) for g in item.grantees if g.type is GranteeType.USER],
            exclusive=item.exclusive,
            allow_revoke=self.policy.allow_revoke,
        )

    def _train(self, model: DeclaredModel, before: Sequence[pulumi.Resource]) -> FineTunedModel:
        role = grants.role_named(model.job.role) if model.job.role else None
        return FineTunedModel(
            model.key,
            job=model.job,
            data=model.data,
            comment=model.comment,
            wait=model.wait,
            wait_minutes=model.wait_minutes,
            job_policy=model.job_policy,
            gate=model.gate,
            thresholds=model.thresholds,
            granted=declared_lines(privileges.given_to(role, self.stack)),
            reads=[str(on) for on in model.reads] if role else (),
            alias=model.alias,
            policy=self.policy,
            opts=pulumi.ResourceOptions(
                depends_on=[*before, *self.views.values(), *self.snapshots.values()]
            ),
        )


def _plain(grantee: Grantee) -> str:
    return str(grantee.name)


def _by_grantee(item: grants.PrivilegeGrants) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for privilege in sorted(item.privileges):
        option = " with GRANT OPTION" if privilege.grant_option else ""
        words = found.setdefault(_plain(privilege.grantee), [])
        words.append(f"{privilege.privilege}{option}")
    return found
