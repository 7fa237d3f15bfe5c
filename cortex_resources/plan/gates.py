"""Does a model pass its gate? And which of its earlier evaluations still count?"""

from __future__ import annotations

from collections.abc import Sequence

from cortex_resources.errors import CortexError, GateError, InvalidQueryError
from cortex_resources.model.gates import Scores, Thresholds
from cortex_resources.model.names import QualifiedName
from cortex_resources.sql.history import Outcome


def shortfalls(scores: Scores, thresholds: Thresholds) -> list[str]:
    """What a model does not reach, a phrase for each bound, in the order of their names."""
    bounds = [(name, bound, "at least") for name, bound in thresholds.at_least.items()]
    bounds += [(name, bound, "at most") for name, bound in thresholds.at_most.items()]
    told = (_shortfall(name, scores.get(name), bound, word) for name, bound, word in sorted(bounds))
    return [text for text in told if text]


def _shortfall(name: str, score: float | str | None, bound: float, word: str) -> str:
    asked = f"{word} {bound:g} is asked"
    if score is None:
        return f"{name} was not given, {asked}"
    if isinstance(score, str):
        return f"{name} has {score}, {asked}"
    is_met = score >= bound if word == "at least" else score <= bound
    # Rounded, a score that misses by little would read like its bound.
    digits = f"{score:g}" if f"{score:g}" != f"{bound:g}" else repr(score)
    return "" if is_met else f"{name} is {digits}, {asked}"


def judge(model: QualifiedName, scores: Scores, thresholds: Thresholds) -> str:
    """Whether a model passes; what is worth saying when it does only by an override.

    Raises:
        GateError: it does not reach what is asked, and no override lets it pass.
    """
    missed = "; ".join(shortfalls(scores, thresholds))
    if missed and thresholds.override:
        return f"{model} does not pass its gate ({missed}) and is served: {thresholds.override}"
    if missed:
        raise _failed(model, missed)
    return ""


def require_promising(model: QualifiedName, losses: Scores, thresholds: Thresholds) -> None:
    """Refuse a model that misses the bounds of its job's losses: no query can change that.

    Raises:
        GateError: it does, and no override lets it pass.
    """
    known = Thresholds(
        at_least={name: value for name, value in thresholds.at_least.items() if name in losses},
        at_most={name: value for name, value in thresholds.at_most.items() if name in losses},
    )
    missed = shortfalls(losses, known)
    if missed and not thresholds.override:
        raise _failed(model, "; ".join([*missed, "its query was not run"]))


def _failed(model: QualifiedName, missed: str) -> GateError:
    return GateError(
        f"{model} does not pass its gate: {missed}",
        hint="Nothing that is served moves, and nothing is paid again: revert the change,"
        " correct at_least or at_most, give a reason under gate.override, or pin a version"
        " under alias.pin.",
    )


def passed_over(error: GateError, pin: str) -> str:
    """What is said of a version that does not pass while its alias is pinned to another.

    The pin is the decision that the error asks for; without it the error comes back.
    """
    return f"{error.what}; what is served says alias.pin: {pin}"


def not_compiled(model: QualifiedName, error: CortexError, *, may_change: bool) -> str:
    """What is said of a query that does not compile yet: this run may make or grant what it reads.

    Arguments:
        model: whose gate it is.
        error: what the account said of the query, or what is wrong with its columns.
        may_change: other columns may be there once this run has changed its views.

    Raises:
        GateError: the text is wrong, whoever runs it.
    """
    is_wrong = isinstance(error, InvalidQueryError | GateError)
    if not is_wrong or may_change:
        told = f"gate.query of {model} does not compile yet, it is run after the training"
        return f"{told}: {error.what}"
    if isinstance(error, GateError):
        raise error
    raise GateError(
        f"gate.query of {model} cannot be run: {error.what}",
        hint="Correct it. No model was asked.",
    )


def answered(traces: Sequence[tuple[str, Outcome]]) -> str | None:
    """The id of the latest evaluation that ended well; None where the model must be asked.

    Raises:
        GateError: one still runs: a second one would be paid beside it.
    """
    if running := [query_id for query_id, outcome in traces if outcome is Outcome.RUNNING]:
        raise GateError(
            f"query {running[-1]} of this gate still runs, from a run that was interrupted",
            hint=f"Run `pulumi up` again when it has ended, or stop it: SELECT"
            f" SYSTEM$CANCEL_QUERY('{running[-1]}').",
        )
    done = [query_id for query_id, outcome in traces if outcome is Outcome.DONE]
    return done[-1] if done else None
