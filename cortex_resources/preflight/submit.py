"""May, and need, this job be submitted? The questions asked before the one statement that pays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from cortex_resources.backends.seam import TrainingBackend
from cortex_resources.errors import (
    AccountError,
    CortexError,
    ObjectMissingError,
    OwnershipError,
    PrivilegeMissingError,
    StatementRefusedError,
)
from cortex_resources.model.base_models import Offer
from cortex_resources.model.effects import Statement
from cortex_resources.model.grants import (
    Grantee,
    GranteeType,
    Privilege,
    Securable,
    role_named,
)
from cortex_resources.model.job_policy import JobPolicy, OnCancelled, OnFailure
from cortex_resources.model.jobs import ModelRecord, TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.orders import Doubt, Found, Order
from cortex_resources.plan import adoption, forecasts, job_life
from cortex_resources.plan import privileges as privilege_plan
from cortex_resources.plan.forecasts import Forecast
from cortex_resources.plan.situations import Action, Moment, Situation, Step
from cortex_resources.preflight import datasets, presence, privileges, renamed
from cortex_resources.preflight.presence import Viewer
from cortex_resources.sql import base_models, models

Rows = list[dict[str, object]]
Runner = Callable[[Statement], Rows]


def declared_lines(pairs: privilege_plan.Declared) -> str:
    """What a stack grants, as text that travels in a property: one `object⇥privilege` a line."""
    return "".join(sorted(f"{on}\t{privilege}\n" for on, privilege in pairs))


def declared_in(text: str) -> privilege_plan.Declared:
    """Read `declared_lines` back."""
    pairs = (line.partition("\t") for line in text.splitlines() if line)
    return frozenset((_granted_on(on), Privilege.parse(item)) for on, _, item in pairs)


def _granted_on(text: str) -> Securable | Grantee:
    is_role = text.startswith(tuple(f"{kind} " for kind in GranteeType))
    return Grantee.parse(text) if is_role else Securable.parse(text)


def objects_in(text: str) -> tuple[Securable, ...]:
    """The objects of a property that names one a line."""
    return tuple(Securable.parse(line) for line in text.splitlines() if line)


def faults(
    job: TrainingJob,
    *,
    declared: privilege_plan.Declared,
    reads: tuple[Securable, ...] = (),
    read: Runner,
    running_role: Callable[[], Grantee],
    revoked: privilege_plan.Declared = frozenset(),
) -> list[tuple[str, str]]:
    """What a paid job lacks, as (property, sentence) pairs; shown by the preview.

    Arguments:
        job: what is to be paid for.
        declared: what the stack itself grants before the job is submitted.
        reads: what the stack makes and the job's role must be able to read.
        read: runs a READ with the connection's own role.
        revoked: what the stack takes away before that.
        running_role: that role; asked only if the job names none, or reads what is yet to be made.
    """
    role = role_named(job.role) if job.role else None
    needed = privilege_plan.requirements(job, reads)
    if role is not None and not privilege_plan.undeclared(needed, role, declared):
        return []
    role = role or running_role()
    lacking = privileges.missing(
        job, role, declared, read, reads=reads, maker=running_role, revoked=revoked
    )
    at = "role" if job.role else "model"
    return [(at, text) for text in _of_lacking(job, role, lacking, reads, revoked)]


def _of_lacking(
    job: TrainingJob,
    role: Grantee,
    lacking: list[privilege_plan.Requirement],
    reads: tuple[Securable, ...],
    revoked: privilege_plan.Declared,
) -> Iterator[str]:
    """What the role lacks, in words: what this run takes, what is there, what the stack makes."""
    gone = {(on, item.privilege) for on, item in revoked}
    taken = [item for item in lacking if (item.on, item.privilege) in gone]
    for item in taken:
        yield (
            f"{role} needs {item.privilege} on {item.on} to train {job.model}, and this run revokes"
            f" it first; declare it for {role} under grants: of the stack file"
        )
    unread = [item for item in lacking if item.on in reads and item not in taken]
    if run := [item.grant_to(role) for item in lacking if item not in (*unread, *taken)]:
        yield f"{role} may not train {job.model}; where the objects exist run: {'; '.join(run)}"
    for item in unread:
        yield (
            f"{role} may not read {item.on}, on which {job.model} is trained, so its job would be"
            f" refused; declare SELECT on it for {role} under grants: of the stack file, or where"
            f" it exists run: {item.grant_to(role)}"
        )


def forecast(
    order: Order,
    policy: JobPolicy,
    backend: TrainingBackend,
    read: Runner,
    viewers: Sequence[Viewer] = (),
) -> Forecast:
    """What a planned submit will come to, in words for the preview: paid, or adopted for nothing.

    Arguments:
        order: what is planned.
        policy: what may happen by itself.
        backend: the service.
        read: runs a READ with a role that sees the models.
        viewers: who looks for a model before it is called gone.

    Raises:
        CortexError: the base model forbids it, a dataset has no such version, the model is there
            under another name or in the hands of another stack, or a job may be ours.
    """
    job = order.job
    model = _model(read, job.model_name)
    if adoption.proven(model, order.marker) is not None:
        return forecasts.forecast(job, Step(2, Action.ADOPT_MODEL), policy)
    if doubt := adoption.taken(order, model) or _moved(order, read):
        raise OwnershipError(doubt.what, hint=doubt.hint)
    here = replace(_situation(order, policy), found=_found(order, policy, backend, read))
    step = _on_proof(replace(here, offer=_offer(order, backend, read)), backend, viewers)
    if step.error is not None:
        raise step.error
    if step.action is Action.SUBMIT:
        with suppress(ObjectMissingError):
            # Perhaps only the job's role will see it; it is asked again before paying.
            documents = (job.training_dataset, job.validation_dataset)
            datasets.require_versions(documents, read, viewers)
    return forecasts.forecast(job, step, policy)


def _found(order: Order, policy: JobPolicy, backend: TrainingBackend, read: Runner) -> Found:
    """What there is of an order, for a preview: nothing where the account does not answer.

    The run asks again before it pays, with the job's role too, and is stopped by what it is told.
    """
    try:
        return backend.find(order, read, with_failures=_counts(policy))
    except AccountError:
        return Found()


def _counts(policy: JobPolicy) -> bool:
    """Whether jobs that ended badly are repeated, and so must be counted."""
    return policy.on_failure is not OnFailure.HOLD or policy.on_cancelled is not OnCancelled.HOLD


def _moved(order: Order, read: Runner) -> Doubt | None:
    other = renamed.model_of(order.job.model_name, order.marker, read)
    return adoption.moved(order.job.model_name, other) if other else None


def _model(read: Runner, name: QualifiedName) -> ModelRecord | None:
    try:
        return models.parse(read(models.show(name))).get(name)
    except ObjectMissingError:
        return None


def _situation(order: Order, policy: JobPolicy) -> Situation:
    return Situation(Moment.PAYING, order.job.model, order.job.model_name, policy=policy)


def _offer(order: Order, backend: TrainingBackend, run: Runner) -> Offer:
    """What the account says about the base model; nothing where it may not be asked."""
    if not backend.capabilities.has_base_models:
        return Offer(order.job.base_model)
    try:
        return base_models.parse(run(base_models.show()), order.job.base_model)
    except (ObjectMissingError, PrivilegeMissingError, StatementRefusedError):
        return Offer(order.job.base_model)


def _on_proof(here: Situation, backend: TrainingBackend, viewers: Sequence[Viewer]) -> Step:
    """What follows; a model is paid for again only where its absence is proved."""
    step = job_life.decide(here)
    is_again = step.row == 16 and step.action is Action.SUBMIT
    if not (is_again and viewers and step.job):
        return step
    sight = presence.model_seen(step.job.model or here.wished, viewers, backend.artifact)
    if sight.model is None and not sight.unseen_by:
        return step
    return job_life.decide(replace(here, unseen_by=sight.unseen_by or "this role"))


def decide(
    order: Order,
    policy: JobPolicy,
    backend: TrainingBackend,
    run: Runner,
    viewers: Sequence[Viewer] = (),
) -> Step:
    """Look for what exists of this order; what follows is the table's.

    Reads are sent anew here, never from a cache: the answer decides whether money is spent.
    """
    here = _situation(order, policy)
    try:
        here = replace(here, found=backend.find(order, run, with_failures=_counts(policy)))
    except AccountError as error:
        here = replace(here, refusal=error)
    step = job_life.decide(here)
    if step.action is not Action.SUBMIT:
        return step
    return _on_proof(replace(here, offer=_offer(order, backend, run)), backend, viewers)


def decide_for_all(
    order: Order,
    policy: JobPolicy,
    backend: TrainingBackend,
    run: Runner,
    everybody: Runner | None,
    *,
    viewers: Sequence[Viewer] = (),
) -> Step:
    """Decide with the job's role, after a look with the connection's own where that is another.

    The model of an earlier run may belong to a role that this one does not see. What the other
    role may not ask is no reason to stop: the job's own role decides.

    Arguments:
        order, policy, backend: as for `decide`.
        run: runs a statement with the job's role.
        everybody: the same with the connection's role, None where it is the same.
        viewers: who looks for a model before it is called gone.
    """
    if everybody is not None:
        step = decide(order, policy, backend, everybody, viewers)
        if step.action not in (Action.SUBMIT, Action.FAIL):
            return step
    return decide(order, policy, backend, run, viewers)


def after_submit(order: Order, job_id: str, backend: TrainingBackend, run: Runner) -> Step:
    """Look whether another run submitted the same at the same moment; it never raises.

    The lock of a stack's backend keeps its runs apart. Two backends know nothing of each other,
    and what both asked before paying came before either job.
    """
    here = replace(_situation(order, JobPolicy()), moment=Moment.SUBMITTED, job_id=job_id)
    try:
        here = replace(here, found=Found(jobs=backend.running(order, run)))
    except CortexError as error:
        here = replace(here, refusal=error)
    return job_life.decide(here)


def explained(error: AccountError, job: TrainingJob, role: Grantee) -> PrivilegeMissingError:
    """An error of CREATE with the statements that would most likely prevent it."""
    grants = [item.grant_to(role) for item in privilege_plan.requirements(job)]
    documents = ", READ on the stage of its documents" if job.training_dataset else ""
    return PrivilegeMissingError(
        f"{role} could not submit {job.model}: {error.what}",
        hint=f"Check: {'; '.join(grants)}; GRANT DATABASE ROLE SNOWFLAKE.CORTEX_USER TO {role}"
        f"{documents}."
        " Nothing was submitted.",
        errno=error.errno,
        statement=error.statement,
    )
