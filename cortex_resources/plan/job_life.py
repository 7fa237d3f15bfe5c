"""The life of a paid job as one table: what is saved and what is seen, and what follows from it.

`decide` is a pure function and the only place that decides. The first row that applies counts; its
number is that of the state table in `docs/lifecycle.md`. Money is spent by `Action.SUBMIT` and by
nothing else.
"""

from __future__ import annotations

from collections.abc import Callable

from cortex_resources.errors import CortexError, OwnershipError
from cortex_resources.model.base_models import Lifecycle
from cortex_resources.model.job_policy import OnCancelled, OnMissing
from cortex_resources.model.jobs import JobRecord, Phase, Status
from cortex_resources.model.orders import OurJob
from cortex_resources.model.stack import Wait
from cortex_resources.plan import job_failures as failures
from cortex_resources.plan.situations import Action, Moment, Row, Situation, Step


def decide(situation: Situation) -> Step:
    """The first row that applies."""
    rows = _TABLES[situation.moment]
    row = next(row for row in rows if row.applies(situation))
    return row.follows(situation)


def _refuse(row: int, error: CortexError) -> Step:
    return Step(row, Action.REFUSE, error=error)


def _unasked(s: Situation) -> Step:
    return Step(20, Action.FAIL, s.saved, s.refusal)


# -- before paying -----------------------------------------------------------------------


def _adopt_model(s: Situation) -> Step:
    assert s.found.model is not None  # noqa: S101 - the row applies
    record = JobRecord(s.found.model_job, Status.SUCCESS, str(Status.SUCCESS))
    return Step(2, Action.ADOPT_MODEL, Phase.READY, job=record, model=s.found.model)


def _adopt_job(s: Situation) -> Step:
    ours = (*s.found.live, *s.found.made)[0]
    phase = Phase.READY if ours.is_made else Phase.TRAINING
    return Step(3, Action.ADOPT_JOB, phase, job=ours.record, attempt=ours.attempt)


def _adopt_ended(row: int, phase: Phase) -> Callable[[Situation], Step]:
    """The job is ours and left no model: that is told, not paid away."""

    def follows(s: Situation) -> Step:
        ours = s.found.last
        assert ours is not None  # noqa: S101 - the row applies
        return Step(row, Action.ADOPT_JOB, phase, job=ours.record, attempt=ours.attempt)

    return follows


def _doubtful(s: Situation) -> Step:
    assert s.found.doubt is not None  # noqa: S101 - the row applies
    return _refuse(3, OwnershipError(s.found.doubt.what, hint=s.found.doubt.hint))


def _last_ended(s: Situation, status: Status) -> bool:
    return s.found.last is not None and s.found.last.record.status is status


def _is_repeated(s: Situation) -> bool:
    """Whether the last attempt failed and the policy asks for another."""
    ours = s.found.last
    return ours is not None and failures.may_retry(ours.record, ours.attempt, s.policy)


def _is_paid_again(s: Situation) -> bool:
    """Whether a model that is provably gone is trained again."""
    return s.policy.on_missing is OnMissing.RETRAIN and not s.unseen_by


def _submit(row: int) -> Callable[[Situation], Step]:
    def follows(s: Situation) -> Step:
        last = s.found.last
        if last is None:
            return Step(row, Action.SUBMIT, Phase.TRAINING)
        return Step(row, Action.SUBMIT, Phase.TRAINING, job=last.record, attempt=last.attempt + 1)

    return follows


_PAYING = (
    Row(20, lambda s: s.refusal is not None, _unasked),
    Row(
        3,
        lambda s: len(s.found.live) > 1,
        lambda s: _refuse(3, failures.ambiguous(s.model, s.found.live)),
    ),
    Row(2, lambda s: s.found.model is not None, _adopt_model),
    Row(3, lambda s: bool(s.found.live or s.found.made), _adopt_job),
    Row(3, lambda s: s.found.doubt is not None, _doubtful),
    Row(
        10,
        lambda s: _last_ended(s, Status.ERROR) and not _is_repeated(s),
        _adopt_ended(10, Phase.FAILED),
    ),
    Row(
        12,
        lambda s: _last_ended(s, Status.CANCELLED) and s.policy.on_cancelled is OnCancelled.HOLD,
        _adopt_ended(12, Phase.CANCELLED),
    ),
    Row(
        16,
        lambda s: _last_ended(s, Status.SUCCESS) and not _is_paid_again(s),
        _adopt_ended(16, Phase.MISSING),
    ),
    Row(
        19,
        lambda s: s.offer.lifecycle is Lifecycle.EOL,
        lambda s: _refuse(19, failures.past_end_of_life(s.model, s.offer)),
    ),
    Row(
        18,
        lambda s: s.offer.lifecycle is Lifecycle.LEGACY and not s.policy.allow_legacy,
        lambda s: _refuse(18, failures.legacy(s.model, s.offer)),
    ),
    Row(11, _is_repeated, _submit(11)),
    Row(12, lambda s: _last_ended(s, Status.CANCELLED), _submit(12)),
    Row(16, lambda s: _last_ended(s, Status.SUCCESS), _submit(16)),
    Row(1, lambda _: True, _submit(1)),
)

# -- right after a submit ----------------------------------------------------------------


def _first(s: Situation) -> OurJob | None:
    """The oldest job of the order where it is another run's; both runs see the same one."""
    if all(job.record.id != s.job_id for job in s.found.live):
        return None
    first = min(s.found.live, key=lambda job: (job.record.created_on or 0, job.record.id))
    return None if first.record.id == s.job_id else first


def _give_way(s: Situation) -> Step:
    first = _first(s)
    assert first is not None  # noqa: S101 - the row applies
    told = failures.submitted_twice(s.model, s.job_id, first.record.id)
    return Step(
        3, Action.GIVE_WAY, Phase.TRAINING, warning=told, job=first.record, attempt=first.attempt
    )


def _keep_ours(s: Situation) -> Step:
    ids = sorted({s.job_id, *(job.record.id for job in s.found.live)})
    told = failures.beside(s.model, ids) if len(ids) > 1 else ""
    return Step(1, Action.KEEP, Phase.TRAINING, warning=told)


def _keep_unasked(s: Situation) -> Step:
    why = s.refusal.what if s.refusal else ""
    return Step(20, Action.KEEP, Phase.TRAINING, warning=failures.unlooked(s.model, s.job_id, why))


_SUBMITTED = (
    Row(20, lambda s: s.refusal is not None, _keep_unasked),
    Row(3, lambda s: _first(s) is not None, _give_way),
    Row(1, lambda _: True, _keep_ours),
)

# -- what a record tells, whoever looks --------------------------------------------------


def _failed(s: Situation) -> Step:
    assert s.job is not None  # noqa: S101 - the row applies
    error = failures.failed(s.model, s.job, s.attempt, s.policy)
    if not s.is_waiting and failures.may_retry(s.job, s.attempt, s.policy):
        return Step(11, Action.RETRAIN, Phase.FAILED, error, job=s.job, attempt=s.attempt + 1)
    # Row 22 is the same at the very first look: the job's resource exists, its model fails.
    return Step(22 if s.saved is None else 10, Action.FAIL, Phase.FAILED, error, job=s.job)


def _cancelled(s: Situation) -> Step:
    error = failures.cancelled(s.model, s.job.id if s.job else s.job_id, s.policy)
    if not s.is_waiting and s.policy.on_cancelled is OnCancelled.RETRAIN:
        return Step(12, Action.RETRAIN, Phase.CANCELLED, error, attempt=s.attempt + 1)
    return Step(12, Action.FAIL, Phase.CANCELLED, error, job=s.job)


def _unknown_word(s: Situation) -> str:
    if s.job is None or s.job.status is not Status.UNKNOWN:
        return ""
    return (
        f"job {s.job.id} of {s.model} is {s.job.word or 'in no state'}, a status that is not known"
        " here: it counts as running, and the deadline of the wait ends it"
    )


# -- waiting -----------------------------------------------------------------------------


def _give_up(s: Situation) -> Step:
    if s.patience.wait is Wait.BOUNDED:
        return Step(6, Action.LEAVE, Phase.TRAINING)
    error = failures.still_training(s.model, s.job_id, s.patience.limit)
    return Step(6, Action.FAIL, Phase.TRAINING, error)


def _abort(s: Situation) -> Step:
    error = failures.aborted(s.model, s.job_id, s.patience.exceeded)
    return Step(6, Action.CANCEL, Phase.CANCELLED, error)


def _go_on(row: int) -> Callable[[Situation], Step]:
    def follows(s: Situation) -> Step:
        return Step(row, Action.LOOK_AGAIN, Phase.TRAINING, warning=_unknown_word(s))

    return follows


_WAITING = (
    Row(20, lambda s: s.refusal is not None, _unasked),
    Row(10, lambda s: s.status is Status.ERROR, _failed),
    Row(12, lambda s: s.status is Status.CANCELLED, _cancelled),
    Row(9, lambda s: s.status is Status.SUCCESS, lambda s: Step(9, Action.HARVEST, job=s.job)),
    # The artifact looks next and tells what became of the model.
    Row(14, lambda s: s.job is None, lambda _: Step(14, Action.HARVEST)),
    Row(6, lambda s: bool(s.patience.exceeded), _abort),
    Row(
        4,
        lambda s: s.patience.wait is Wait.NONE,
        lambda _: Step(4, Action.LEAVE, Phase.TRAINING),
    ),
    Row(6, lambda s: s.patience.elapsed >= s.patience.limit, _give_up),
    Row(21, lambda s: s.status is Status.UNKNOWN, _go_on(21)),
    Row(7, lambda s: s.saved is Phase.TRAINING, _go_on(7)),
    Row(5, lambda _: True, _go_on(5)),
)

# -- looking -----------------------------------------------------------------------------

_REMEMBERED = {Phase.FAILED, Phase.CANCELLED}
_HAD_MODEL = {Phase.READY, Phase.MISSING}


def _ready(row: int) -> Callable[[Situation], Step]:
    def follows(s: Situation) -> Step:
        action = Action.KEEP if s.saved is Phase.READY else Action.HARVEST
        return Step(row, action, Phase.READY, job=s.job, model=s.artifact)

    return follows


def _ready_elsewhere(s: Situation) -> Step:
    assert s.artifact is not None  # noqa: S101 - the row applies
    warning = f"Snowflake saved {s.wished} as {s.artifact.name}: an object of that name was there"
    action = Action.KEEP if s.saved is Phase.READY else Action.HARVEST
    return Step(17, action, Phase.READY, warning=warning, job=s.job, model=s.artifact)


def _missing(s: Situation) -> Step:
    name = str(s.job.model) if s.job and s.job.model else str(s.wished)
    job_id = s.job.id if s.job else s.job_id
    error = failures.missing(name, job_id, s.policy)
    if s.renamed is not None:
        error = failures.renamed(name, s.renamed, job_id)
    elif s.unseen_by:
        error = failures.unseen(name, job_id, s.unseen_by, s.policy)
    match s.policy.on_missing:
        case OnMissing.RETRAIN if s.renamed is None and not s.unseen_by:
            return Step(16, Action.RETRAIN, Phase.MISSING, error, attempt=s.attempt + 1)
        case OnMissing.WARN:
            return Step(16, Action.KEEP, Phase.MISSING, warning=error.line)
    return Step(16, Action.FAIL, Phase.MISSING, error)


def _remembered(s: Situation) -> Step:
    # The record is gone, what it said is saved: neither tells more than before.
    row = 10 if s.saved is Phase.FAILED else 12
    return Step(row, Action.KEEP, s.saved)


def _lost(s: Situation) -> Step:
    return Step(15, Action.FAIL, Phase.LOST, failures.lost(str(s.wished), s.job_id))


def _training(row: int) -> Callable[[Situation], Step]:
    def follows(s: Situation) -> Step:
        return Step(row, Action.KEEP, Phase.TRAINING, warning=_unknown_word(s), job=s.job)

    return follows


_LOOKING = (
    Row(20, lambda s: s.refusal is not None, _unasked),
    Row(10, lambda s: s.status is Status.ERROR, _failed),
    Row(12, lambda s: s.status is Status.CANCELLED, _cancelled),
    Row(
        17,
        lambda s: (
            s.status is Status.SUCCESS and s.artifact is not None and s.artifact.name != s.wished
        ),
        _ready_elsewhere,
    ),
    Row(9, lambda s: s.status is Status.SUCCESS and s.artifact is not None, _ready(9)),
    Row(16, lambda s: s.status is Status.SUCCESS, _missing),
    Row(21, lambda s: s.status is Status.UNKNOWN, _training(21)),
    Row(4, lambda s: s.job is not None, _training(4)),
    Row(13, lambda s: s.artifact is not None and s.saved in _HAD_MODEL, _ready(13)),
    Row(14, lambda s: s.artifact is not None, _ready(14)),
    Row(10, lambda s: s.saved in _REMEMBERED, _remembered),
    Row(16, lambda s: s.saved in _HAD_MODEL, _missing),
    Row(15, lambda _: True, _lost),
)

_TABLES = {
    Moment.PAYING: _PAYING,
    Moment.SUBMITTED: _SUBMITTED,
    Moment.WAITING: _WAITING,
    Moment.LOOKING: _LOOKING,
}
