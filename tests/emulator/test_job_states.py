"""A job is a function of its plan and the time: it only goes forward, and its end is final."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cortex_resources.emulator.finetune import jobs, usage
from cortex_resources.emulator.finetune.jobs import Failure, Job

ORDER = {"PENDING": 0, "IN_PROGRESS": 1, "SUCCESS": 2, "ERROR": 2, "CANCELLED": 2}
CREATED = 1_800_000_000.0
moments = st.floats(0, 20_000, allow_nan=False)


@st.composite
def planned(draw: st.DrawFn) -> Job:
    tokens = draw(st.integers(0, 50_000_000))
    failure = draw(st.none() | st.floats(0, 0.99).map(lambda at: Failure("X", "x", at)))
    cancelled = draw(st.none() | moments)
    return Job(
        id="ft_1",
        number=1,
        name="M",
        path=("D", "S", "M"),
        base_model="llama3.1-8b",
        training_data="",
        validation_data="",
        options=None,
        epochs=1,
        role="r",
        user="u",
        created_on=CREATED,
        input_tokens=tokens,
        duration=jobs.seconds(tokens),
        failure=failure,
        cancelled_on=None if cancelled is None else CREATED + cancelled,
    )


@given(planned(), moments, moments)
def test_a_job_only_goes_forward(job: Job, one: float, other: float) -> None:
    earlier, later = (jobs.state(job, CREATED + at) for at in sorted((one, other)))
    assert ORDER[earlier.status] <= ORDER[later.status]
    if earlier.terminal:
        assert later == earlier
    elif later.status != "ERROR":  # a bad query takes its progress back to nothing
        assert earlier.progress <= later.progress


@given(planned())
def test_every_job_ends_when_it_is_due_and_not_before(job: Job) -> None:
    due = jobs.next_change(job)
    assert jobs.state(job, due + 0.001).terminal
    undisturbed = replace(job, cancelled_on=None)
    assert not jobs.state(undisturbed, jobs.next_change(undisturbed) - 0.001).terminal


@given(planned(), moments)
def test_what_is_shown_fits_together(job: Job, at: float) -> None:
    now = CREATED + at
    state = jobs.state(job, now)
    assert 0 <= state.progress <= 1
    assert (state.finished_on is not None) == (ORDER[state.status] == 2)
    assert (state.progress == 1) == (state.status == "SUCCESS")
    if state.finished_on is not None:
        assert CREATED <= state.finished_on <= now
    spent = sum(used.tokens for used in usage.history([job], now, {}))
    assert spent == (int(job.trained_tokens * state.progress) if state.terminal else 0)
