"""What in the account is provably of one order, and what may be and cannot be proved.

A model is proven by the marker in its comment, a job by its signature: the key in front of its
training query, or the query tag of the CREATE that gave its id. Equal text alone is no proof: it
may belong to another stack, whose job our destroy would cancel.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cortex_resources.model import sqltext
from cortex_resources.model.datasets import version_in
from cortex_resources.model.jobs import JobRecord, Marker, ModelRecord, Status
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.orders import Doubt, Found, Order, OurJob
from cortex_resources.plan import inventory
from cortex_resources.sql import models
from cortex_resources.sql.history import Outcome, Trace
from cortex_resources.sql.literals import block_comment

TUNED = "CORTEX_FINETUNED"
"""The model_type of SHOW MODELS for what FINETUNE made."""

CANDIDATES = 20
"""Ended jobs that are looked into, newest first, before a paid one is submitted. Running ones are
all looked into: one of them may be ours."""

_HEAD = "cortex-resources "
_ATTEMPT = re.compile(r" attempt (?P<number>\d+)\Z")
_BEFORE_MS, _AFTER_MS = 5_000, 60_000
"""How far from its CREATE a job's own time may lie: clocks of two services differ a little."""

Models = Mapping[QualifiedName, ModelRecord]


@dataclass(frozen=True, slots=True)
class Answered:
    """A statement of query history, and the job that its reply names, where that can be read."""

    trace: Trace
    job_id: str = ""
    job: JobRecord | None = None

    @property
    def is_unnamed(self) -> bool:
        """A submit that took effect and whose reply is no longer kept."""
        is_done = self.trace.outcome is Outcome.DONE and not self.trace.is_removal
        return is_done and not self.job_id


def proven(model: ModelRecord | None, marker: Marker) -> str | None:
    """The job of a model whose own marker proves that it is of this spec; None without proof."""
    if model is None:
        return None
    found = models.marker_of(model.comment)
    return found.job if found and marker.is_same_spec(found) else None


def renamed(
    existing: Models, wished: QualifiedName, marker: Marker, job_ids: Iterable[str] = ()
) -> ModelRecord | None:
    """A model of this spec that somebody gave another name.

    A name that ends in the hash is one that a stack gives: another declaration of the same content
    has it, unless the marker names a job of ours.

    Arguments:
        existing: the models of the schema.
        wished, marker: the name it should have, and what its comment says.
        job_ids: jobs that made a model under the wished name.
    """
    ending = wished.name.rpartition("__")[2]
    for model in existing.values():
        found = models.marker_of(model.comment)
        if model.name == wished or found is None or not marker.is_same_spec(found):
            continue
        if found.job in job_ids or not model.name.name.endswith(f"__{ending}"):
            return model
    return None


def moved(wished: QualifiedName, model: ModelRecord) -> Doubt:
    """What is said instead of paying for a model that only has another name."""
    return Doubt(
        f"model {model.name} carries the marker of this very spec and was {wished} before somebody"
        " renamed it; nothing was submitted",
        f"Give it its name back: ALTER MODEL {model.name} RENAME TO {wished}. Or set a"
        " retrain_token to train another.",
    )


def taken(
    order: Order, model: ModelRecord | None, described: Iterable[JobRecord] = ()
) -> Doubt | None:
    """Another stack holds this very model, or a job of it makes the model: do not pay beside it.

    Snowflake would save ours under another name and charge for it. Only who declares the same spec
    under the same name in the same schema meets this: the name carries the hash.

    Arguments:
        order: what is to be paid for.
        model: what stands under the hashed name.
        described: jobs with their training data.
    """
    found = models.marker_of(model.comment) if model else None
    if model and found and not order.marker.is_same_stack(found):
        here = replace(order.marker, job=found.job)
        claim = models.set_comment(model.name, models.without_marker(model.comment), here).text
        return Doubt(
            f"model {model.name} belongs to {found.project}/{found.stack}/{found.model}, another"
            " stack that declares the same training under the same name; nothing was submitted",
            "Give the model another name or database in one of the two stacks. Or move it here:"
            f" take it out of that stack with policy.retain: true, then run {claim}.",
        )
    for record in described:
        owner = inventory.owner_in(record.training_data)
        if owner and not order.marker.is_same_stack(owner) and _makes(record, order, model):
            return Doubt(
                f"job {record.id} of {owner.project}/{owner.stack}/{owner.model}, another stack,"
                f" makes {order.job.model_name} from the same training; nothing was submitted",
                "Give the model another name or database in one of the two stacks.",
            )
    return None


def _makes(record: JobRecord, order: Order, model: ModelRecord | None) -> bool:
    """Whether a job runs for the order's very name, or made what stands there."""
    name = order.job.model_name
    if inventory.requested_in(record.training_data) != name:
        return False
    is_there = record.status is Status.SUCCESS and model is not None
    return not record.status.is_terminal or (is_there and (record.model or name) == name)


def candidates(
    jobs: Sequence[JobRecord], base_model: str, *, with_failures: bool = False
) -> list[JobRecord]:
    """The jobs worth a closer look before paying: all that run, then the newest that ended well.

    Within both the newest come first; other base models are left out. `with_failures` adds as many
    that ended badly: where they are repeated, they must be counted.
    """
    fitting = [j for j in jobs if (j.base_model or base_model).lower() == base_model.lower()]
    newest = sorted(fitting, key=lambda job: (-(job.created_on or 0), job.id))
    running = [job for job in newest if not job.status.is_terminal]
    done = [job for job in newest if job.status is Status.SUCCESS]
    bad = [job for job in newest if job.status in (Status.ERROR, Status.CANCELLED)]
    return [*running, *done[:CANDIDATES], *(bad[:CANDIDATES] if with_failures else ())]


def key_of(order: Order) -> str:
    """What the training query of a job carries in front: whose it is and which model it makes.

    The model's name is part of it. After a rename the resource of the old name still owns its job
    and its model and removes them; sharing them would take them from the new one.
    """
    attempt = f" attempt {order.attempt}" if order.attempt > 1 else ""
    text = f"{order.marker.key} as {order.job.model_name}{attempt}"
    return sqltext.leading_comment(block_comment(text))


def is_signed(record: JobRecord) -> bool:
    """Whether a job says whose it is."""
    return sqltext.leading_comment(record.training_data or "").startswith(_HEAD)


def signed(training_data: str | None, proof: Trace) -> str:
    """Training data with what its CREATE was tagged with in front, as a query carries it."""
    attempt = f" attempt {proof.attempt}" if proof.attempt > 1 else ""
    return f"{block_comment(proof.signature + attempt)} {training_data or ''}"


def is_near(trace: Trace, record: JobRecord) -> bool:
    """Whether a job was created while a statement ran, as far as two clocks agree."""
    from_, until = trace.started - _BEFORE_MS, (trace.ended or trace.started) + _AFTER_MS
    return from_ <= (record.created_on or 0) <= until


def attempt_in(training_data: str | None) -> int:
    """Which attempt a job's training query says it is."""
    number = _ATTEMPT.search(sqltext.leading_comment(training_data or ""))
    return int(number["number"]) if number else 1


def attempt_of(record: JobRecord, order: Order) -> int | None:
    """Which attempt at this order a job is, None if its key is another's.

    The key in the stack file does not count: what is only called otherwise there is the same.
    """
    found = sqltext.leading_comment(record.training_data or "")
    number = _ATTEMPT.search(found)
    text = found[: number.start()] if number else found
    key = key_of(replace(order, attempt=1))
    head = f"{_HEAD}{order.marker.project}/{order.marker.stack}/"
    ours = key.removeprefix(head + order.marker.model)
    if text == key or (text.startswith(head) and text.endswith(ours)):
        return int(number["number"]) if number else 1
    return None


def predecessors(records: Iterable[JobRecord], order: Order) -> list[JobRecord]:
    """Running jobs of the same declaration that train another spec of it."""
    head = f"{order.marker.key.partition(' spec=')[0]} spec="
    return [
        record
        for record in records
        if not record.status.is_terminal
        and sqltext.leading_comment(record.training_data or "").startswith(head)
        and attempt_of(record, order) is None
    ]


def found(
    order: Order, described: Sequence[JobRecord], existing: Models, history: Sequence[Answered] = ()
) -> Found:
    """Everything that is of an order.

    Arguments:
        order: what is to be paid for.
        described: the candidates, each with its training data.
        existing: models under the hashed name and those that the jobs name, and what is beside.
        history: statements that carried the order's key, oldest first.
    """
    model = existing.get(order.job.model_name)
    job_id = proven(model, order.marker)
    if job_id is not None:
        return Found(model, job_id)
    removed = max((a.trace.started for a in history if a.trace.is_removal), default=-1)
    ours = {
        record.id: _our_job(order, record, number, existing, removed)
        for record, number in _proven_jobs(order, described, history)
    }
    jobs = tuple(ours.values())
    doubt = None
    if not any(job.is_made or not job.record.status.is_terminal for job in jobs):
        other = renamed(existing, order.job.model_name, order.marker, ours)
        doubt = (
            taken(order, model, described)
            or (moved(order.job.model_name, other) if other else None)
            or _unclaimed(order, described, model)
            or _unread(order, history, removed)
            or _unsigned(order, described, history, removed)
            or _on_same_dataset(order, described)
            or _unnamed(order, jobs, history, removed)
        )
    return Found(jobs=jobs, doubt=doubt)


def _proven_jobs(
    order: Order, described: Sequence[JobRecord], history: Sequence[Answered]
) -> Iterable[tuple[JobRecord, int]]:
    for answered in history:
        if answered.job is not None:
            yield answered.job, answered.trace.attempt
    for record in described:
        number = attempt_of(record, order)
        if number is not None:
            yield record, number


def _our_job(
    order: Order, record: JobRecord, attempt: int, existing: Models, removed: int
) -> OurJob:
    is_made = record.status is Status.SUCCESS and (
        (record.model or order.job.model_name) in existing
    )
    is_let_go = record.status.is_terminal and removed >= (record.created_on or 0)
    return OurJob(record, attempt, is_made, is_let_go)


def _unclaimed(
    order: Order, described: Sequence[JobRecord], model: ModelRecord | None
) -> Doubt | None:
    """A tuned model that carries this spec's hash in its name and nobody's marker: do not pay."""
    if model is None or model.model_type != TUNED or models.marker_of(model.comment):
        return None
    if any(record.model == model.name and _is_a_strangers(order, record) for record in described):
        return None
    claim = models.set_comment(model.name, "", order.marker).text
    return Doubt(
        f"model {model.name} carries the hash of this spec and nobody's marker, and no job tells"
        " who made it; nothing was submitted",
        f"If it is yours, adopt it: {claim}. If not, set a retrain_token to train another.",
    )


def _is_a_strangers(order: Order, record: JobRecord) -> bool:
    """A job that was found and is not ours; on a dataset ours may be unsigned."""
    return order.job.training_dataset is None or is_signed(record)


def _on_same_dataset(order: Order, described: Sequence[JobRecord]) -> Doubt | None:
    """A running job on the very same documents that nothing tells the owner of."""
    if order.job.training_dataset is None:
        return None
    ids = [
        record.id
        for record in described
        if not (record.status.is_terminal or is_signed(record))
        and version_in(record.training_data) in (None, order.job.training_dataset)
    ]
    if not ids:
        return None
    return Doubt(
        f"{', '.join(ids)} may train {order.job.model} on {order.job.training_dataset} already:"
        " no query history that this user sees tells who submitted it; nothing was submitted",
        "Run it as the user who submitted the job, which adopts it, or when the job has ended; or"
        " cancel it: SELECT SNOWFLAKE.CORTEX.FINETUNE('CANCEL', '<id>').",
    )


def _unread(order: Order, history: Sequence[Answered], removed: int) -> Doubt | None:
    """A CREATE that still runs, or whose job and model are both gone."""
    for answered in history:
        trace = answered.trace
        if trace.is_removal or trace.outcome is Outcome.FAILED or trace.started <= removed:
            continue
        if trace.outcome is Outcome.RUNNING:
            return Doubt(
                f"a submit of {order.job.model} is still being answered, query {trace.query_id};"
                " nothing was submitted",
                "Run `pulumi up` again in a minute: it adopts the job.",
            )
        if answered.job_id and answered.job is None:
            return Doubt(
                f"job {answered.job_id} of {order.job.model} was submitted by query"
                f" {trace.query_id}, and neither its record nor its model is there; nothing was"
                " submitted",
                "Look in SHOW MODELS; set a retrain_token to train it again.",
            )
    return None


def _unsigned(
    order: Order, described: Sequence[JobRecord], history: Sequence[Answered], removed: int
) -> Doubt | None:
    """A job without any key from the very seconds of a CREATE whose reply can no longer be read."""
    for answered in history:
        trace = answered.trace
        if not answered.is_unnamed or trace.started <= removed:
            continue
        ids = [
            record.id for record in described if is_near(trace, record) and not is_signed(record)
        ]
        if ids:
            return Doubt(
                f"query {trace.query_id} submitted {order.job.model} and its reply is no longer"
                f" kept; it may have started {', '.join(ids)}; nothing was submitted",
                "Cancel or import what is yours, or set a retrain_token to train another.",
            )
    return None


def _unnamed(
    order: Order, jobs: Sequence[OurJob], history: Sequence[Answered], removed: int
) -> Doubt | None:
    """A CREATE whose reply is no longer kept, and nothing is left of its job and its model."""
    known = {job.attempt for job in jobs}
    for answered in history:
        trace = answered.trace
        is_open = answered.is_unnamed and trace.started > removed
        if is_open and trace.attempt not in known:
            return Doubt(
                f"query {trace.query_id} submitted {order.job.model} before; its reply is no longer"
                " kept, and neither its job nor its model is there; nothing was submitted",
                "Look in SHOW MODELS; set a retrain_token to train it again.",
            )
    return None
