"""The scores of a model: found in the account's history, or asked for and paid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from cortex_resources.errors import (
    AccountError,
    CortexError,
    GateError,
    InvalidQueryError,
    ObjectMissingError,
    ReplyLostError,
    StatementRefusedError,
)
from cortex_resources.model.effects import Statement
from cortex_resources.model.gates import COLUMNS, ModelGate, Scores
from cortex_resources.model.jobs import Marker
from cortex_resources.model.names import QualifiedName
from cortex_resources.plan import gates as plan
from cortex_resources.preflight import serving
from cortex_resources.sql import evaluations as sql
from cortex_resources.sql import history

Columns = Callable[[str], Sequence[str]]
"""The columns that a query would give; nothing is executed, so nothing is paid."""
Runner = Callable[[Statement], list[dict[str, object]]]


def named(wished: QualifiedName, marker: Marker, read: Runner) -> QualifiedName:
    """The real name of the version of a spec.

    Arguments:
        wished: the name that carries the hash.
        marker: ours, for that spec.
        read: runs a READ.

    Raises:
        ObjectMissingError: it is not there, or not seen.
    """
    try:
        return serving.real_name(wished, marker.spec_hash, marker, (read,))
    except ObjectMissingError:
        raise ObjectMissingError(
            f"model {wished} is not there, or this role does not see it",
            hint=f"Grant it what it needs: GRANT USAGE ON MODEL {wished} TO ROLE …, or run"
            " `pulumi up` again once the model is trained.",
        ) from None


def require_compiled(
    gate: ModelGate, model: QualifiedName, describers: Sequence[Columns], *, may_change: bool
) -> str:
    """Have the account compile the gate's query before the model is paid for.

    Arguments:
        gate: what will be asked.
        model: which model; it need not be there, a name is only a text to the compiler.
        describers: the same with one role after the other, the gate's own first.
        may_change: this run is yet to change a view, so that other columns may be there by then.

    Returns:
        What is worth saying where it does not compile yet: what it reads may be made, or granted,
        in this run. Nothing where it compiles.

    Raises:
        GateError: the text is wrong, whoever runs it.
    """
    doubt: CortexError | None = None
    for columns in describers:
        try:
            _require_columns(gate, columns(sql.query(gate, model)))
        except (InvalidQueryError, GateError) as error:
            doubt = error
            break
        except AccountError as error:
            # What is hidden from this role the next one may see.
            doubt = doubt or error
        else:
            return ""
    return plan.not_compiled(gate.model, doubt, may_change=may_change) if doubt else ""


def scores(
    gate: ModelGate,
    model: QualifiedName,
    key: str,
    *,
    read: Runner,
    pay: Runner,
    columns: Columns,
) -> Scores:
    """What the gate's query says of a model: an answer that nobody read, else a new one.

    Arguments:
        gate, model: what is asked, and of which model.
        key: the evaluation; history is searched for it.
        read: runs a READ.
        pay: runs the query, tagged with the key.
        columns: describes the query.

    Raises:
        GateError: the query does not give NAME and VALUE, or an evaluation still runs.
        AccountError: the account refused the query.
    """
    if (known := _answered(key, model, read)) is not None:
        return known
    _require_columns(gate, columns(sql.query(gate, model)))
    try:
        return sql.parse(pay(sql.evaluate(gate, model)))
    except ReplyLostError:
        # It may have been answered: look, never ask a second time in the same breath.
        if (known := _answered(key, model, read)) is not None:
            return known
        raise


def _require_columns(gate: ModelGate, columns: Sequence[str]) -> None:
    given = sorted(name.upper() for name in columns)
    if given != list(COLUMNS):
        raise GateError(
            f"the gate's query of {gate.model} gives {', '.join(given) or 'no column'}",
            hint="Write a query with two columns, NAME and VALUE. Nothing was evaluated.",
        )


def _answered(key: str, model: QualifiedName, read: Runner) -> Scores | None:
    try:
        traces = history.outcomes(read(history.evaluations(key, model.parent.parent)))
    except AccountError:
        # Without history nothing is known, and an evaluation is no training: it is asked again.
        return None
    query_id = plan.answered(traces)
    if query_id is None:
        return None
    with suppress(StatementRefusedError, ObjectMissingError):
        # Answers are kept for 24 hours.
        return sql.parse(read(history.result(query_id)))
    return None
