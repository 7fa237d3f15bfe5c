"""What comes after a job, asked before it is paid: can its gate be asked, its alias be made?

A run reaches both only once the model is there, and an `up` without a preview asks nothing before:
the job's check is the last before the money.
"""

from __future__ import annotations

from cortex_resources.errors import CortexError, GateError, PrivilegeMissingError
from cortex_resources.model.gates import ModelGate
from cortex_resources.model.jobs import TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.preflight import evaluations, serving, submit
from cortex_resources.providers import bag, declared_now, engine_log
from cortex_resources.providers.bag import Bag
from cortex_resources.providers.lifecycle import Failures
from cortex_resources.providers.seat import Owner, Seat

GATE, ALIAS = "__gate", "__alias"
"""The properties in which a job is told the query of its gate and the name of its alias."""

_VIEWS = "TrainingViewProvider"


def faults(job: TrainingJob, news: Bag) -> Failures:
    """What keeps the model that is to be paid for from being served, as (property, sentence)."""
    found: Failures = []
    if query := bag.text(news, GATE):
        try:
            require_compiled(ModelGate(job.model, query), job.model_name, news)
        except GateError as error:
            found.append(("model", error.line))
    if name := bag.text(news, ALIAS):
        obstacle = alias_obstacle(QualifiedName.parse(name, depth=3), news)
        is_of_role = job.role is not None and isinstance(obstacle, PrivilegeMissingError)
        found += [("role" if is_of_role else "model", obstacle.line)] if obstacle else []
    return found


def require_compiled(gate: ModelGate, model: QualifiedName, news: Bag) -> None:
    """Have the account compile the query of a gate, and say so where it cannot yet.

    Arguments:
        gate: what will be asked.
        model: the version that it will be asked about.
        news: the properties that tell the role.

    Raises:
        GateError: the query is wrong, whoever runs it.
    """
    seat = Seat.of(news)
    seats = [seat] if seat.role is None else [seat, seat.of_connection]
    may_change = declared_now.is_to_change(_VIEWS)
    describers = [item.columns for item in seats]
    if doubt := evaluations.require_compiled(gate, model, describers, may_change=may_change):
        engine_log.info(doubt)


def alias_obstacle(name: QualifiedName, news: Bag) -> CortexError | None:
    """Why the alias cannot be made: another has its name, or the role may not make functions.

    Arguments:
        name: the alias.
        news: the properties that tell role, owner, and what the stack grants before.
    """
    seat = Seat.of(news)
    return serving.obstacle(
        name,
        Owner.of(news).alias_marker(name),
        role=lambda: seat.wanted_role,
        declared=submit.declared_in(bag.text(news, "__declared")),
        revoked=declared_now.revoked(),
        read=seat.of_connection.read,
    )
