"""May, and need, this job be submitted? The questions asked before the one statement that pays."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cortex_resources.errors import (
    AccountError,
    ObjectMissingError,
    PrivilegeMissingError,
    StatementRefusedError,
)
from cortex_resources.gateway import errnos
from cortex_resources.model.effects import Statement
from cortex_resources.model.grants import Grantee, Privilege, Securable, role_named
from cortex_resources.model.jobs import JobRecord, Marker, ModelRecord, TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.plan import guard
from cortex_resources.plan import jobs as plan
from cortex_resources.plan import privileges as privilege_plan
from cortex_resources.preflight import privileges, records
from cortex_resources.sql import finetune, models

Rows = list[dict[str, object]]
Runner = Callable[[Statement], Rows]
Models = dict[QualifiedName, ModelRecord]


def declared_lines(pairs: privilege_plan.Declared) -> str:
    """What a stack grants, as text that travels in a property: one `object⇥privilege` a line."""
    return "".join(sorted(f"{on}\t{privilege}\n" for on, privilege in pairs))


def declared_in(text: str) -> privilege_plan.Declared:
    """Read `declared_lines` back."""
    pairs = (line.partition("\t") for line in text.splitlines() if line)
    return frozenset((Securable.parse(on), Privilege.parse(item)) for on, _, item in pairs)


def faults(
    job: TrainingJob,
    marker: Marker,
    *,
    declared: privilege_plan.Declared,
    allow_training: bool,
    read: Runner,
    running_role: Callable[[], Grantee],
) -> list[tuple[str, str]]:
    """What forbids a planned submit, as (property, sentence) pairs; shown by the preview.

    Arguments:
        job, marker: what is planned, and whose it is.
        declared: what the stack itself grants before the job is submitted.
        allow_training: the stack's permission.
        read: runs a READ with the connection's own role.
        running_role: that role; asked only if the job names none.
    """
    if not allow_training:
        if plan.adoptable(_model(read, job.model_name), marker):
            return []
        text = (
            f"{job.model} would start a paid job and policy.allow_training is false:"
            " allow it in the stack's policy, or take the model out. Nothing was submitted"
        )
        return [("allow_training", text)]
    role = role_named(job.role) if job.role else None
    needed = privilege_plan.requirements(job)
    if role is not None and not privilege_plan.undeclared(needed, role, declared):
        return []
    role = role or running_role()
    lacking = privileges.missing(job, role, declared, read)
    if not lacking:
        return []
    text = f"{role} may not train {job.model}; run: {'; '.join(lacking)}"
    return [("role" if job.role else "model", text)]


def forecast(job: TrainingJob, marker: Marker, read: Runner) -> str:
    """What a planned submit will come to, in words for the preview: paid, or adopted for nothing.

    Arguments:
        job, marker: what is planned, and whose it is.
        read: runs a READ with a role that sees the models.
    """
    found = plan.adoptable(_model(read, job.model_name), marker)
    if found:
        return f"{job.model} will adopt {found.model.name}: nothing to train, 0 tokens"
    return f"{job.model} will be trained as {job.model_name}: a paid job {guard.ceiling(job)}"


def _model(read: Runner, name: QualifiedName) -> ModelRecord | None:
    try:
        return models.parse(read(models.show(name))).get(name)
    except ObjectMissingError:
        return None


def decide(job: TrainingJob, marker: Marker, run: Runner) -> plan.Submission:
    """Look for a model, then for jobs of this very spec; submit only when there is neither.

    Reads are sent anew here, never from a cache: the answer decides whether money is spent.
    """
    model = _model(run, job.model_name)
    adopted = plan.adoptable(model, marker)
    if adopted is not None:
        return adopted
    listed = finetune.parse_jobs(finetune.reply(run(finetune.show())))
    known = described(job, listed, run)
    return plan.submission(job, marker, known, _made_by(run, known, model))


def described(job: TrainingJob, listed: Sequence[JobRecord], run: Runner) -> list[JobRecord]:
    """The jobs of a list that may be this one or an earlier one of it, with what they train on."""
    found = (
        _describe(run, candidate, job.model_name)
        for candidate in plan.candidates(listed, job.base_model)
    )
    return [record for record in found if record is not None]


def decide_for_all(
    job: TrainingJob, marker: Marker, run: Runner, everybody: Runner | None
) -> plan.Submission:
    """Decide with the job's role, after a look with the connection's own where that is another.

    The model of an earlier run may belong to a role that this one does not see. What the other
    role may not ask is no reason to stop: the job's own role decides.

    Arguments:
        job, marker: as for `decide`.
        run: runs a statement with the job's role.
        everybody: the same with the connection's role, None where it is the same.
    """
    if everybody is not None:
        try:
            step = decide(job, marker, everybody)
        except AccountError:
            return decide(job, marker, run)
        if not isinstance(step, plan.Submit):
            return step
    return decide(job, marker, run)


def is_unanswered(error: AccountError) -> bool:
    """Whether the account gave up on a question: that says nothing about what was asked for."""
    return error.errno in errnos.TIMEOUTS or error.errno in errnos.INTERNAL


def _describe(run: Runner, job: JobRecord, beside: QualifiedName) -> JobRecord | None:
    try:
        return records.of(run(finetune.describe(job.id)), beside)
    except (ObjectMissingError, PrivilegeMissingError):
        return None  # Hidden, or another role's: not a job that we could have submitted.
    except StatementRefusedError as error:
        if is_unanswered(error) or not job.status.is_terminal:
            # It may be ours: paying for another one on a guess is worse than stopping.
            raise
        return None  # Collected between SHOW and DESCRIBE; its model speaks for itself.


def _made_by(run: Runner, described: list[JobRecord], model: ModelRecord | None) -> Models:
    found: Models = {model.name: model} if model else {}
    for record in described:
        if record.model is not None and record.model not in found:
            made = _model(run, record.model)
            found |= {made.name: made} if made else {}
    return found


def explained(error: AccountError, job: TrainingJob, role: Grantee) -> PrivilegeMissingError:
    """An error of CREATE with the statements that would most likely prevent it."""
    grants = [item.grant_to(role) for item in privilege_plan.requirements(job)]
    return PrivilegeMissingError(
        f"{role} could not submit {job.model}: {error.what}",
        hint=f"Check: {'; '.join(grants)}; GRANT DATABASE ROLE SNOWFLAKE.CORTEX_USER TO {role}."
        " Nothing was submitted.",
        errno=error.errno,
        statement=error.statement,
    )
