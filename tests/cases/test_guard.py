"""Golden cases of the cost guard: what forbids the one statement that pays."""

from __future__ import annotations

import datetime

import pytest

from cortex_resources.errors import PolicyError
from cortex_resources.model.guard import Pace, Rate
from cortex_resources.model.jobs import JobRecord, Marker, ModelRecord, Status, TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.orders import Order
from cortex_resources.plan import adoption, guard
from cortex_resources.sql.training_data import Measure
from tests.cases.reading import Case, cases

NAME = QualifiedName.parse("DB.ML.M")
DAY = datetime.date(2026, 11, 1)
CASES = cases("cost_guard")
ROWS = {claim: case for claim, case in CASES.items() if claim.startswith("rows_and_price")}
PACES = {claim: case for claim, case in CASES.items() if claim.startswith("pace")}
NOW = 1_790_000_000_000


@pytest.mark.parametrize("case", ROWS.values(), ids=list(ROWS))
def test_rows_and_price(case: Case) -> None:
    fields = {"base_model": "llama3.1-8b", "training_query": "SELECT 1", **case.get("desired", {})}
    rate = Rate(case["rate"], DAY) if "rate" in case else None
    job = TrainingJob(model=NAME, rate=rate, **fields)
    measure = Measure(**{"incomplete": 0, **case["measure"]})
    faults = guard.data_faults(job, measure)
    if measure.pairs:
        faults += guard.cost_faults(job, guard.estimate(job, measure))
    assert faults == case.get("faults", [])
    assert guard.warnings(job, measure) == case.get("notes", [])


@pytest.mark.parametrize("case", PACES.values(), ids=list(PACES))
def test_pace(case: Case) -> None:
    job = TrainingJob(NAME, "llama3.1-8b", "SELECT 1")
    pace = Pace(**case.get("pace", {}))
    trained = [NOW - minutes * 60_000 for minutes in case.get("minutes_ago", ())]
    failed = [NOW - minutes * 60_000 for minutes in case.get("failed_minutes_ago", ())]
    faults = guard.pace_faults(
        job,
        pace,
        running=case.get("running", 0),
        earlier=[*trained, *failed],
        trained=trained,
        now=NOW,
    )
    assert faults == case.get("faults", [])
    assert pace.is_limited == bool(case.get("pace"))


def test_a_limit_looks_back_at_all_jobs_of_its_time_whatever_they_are() -> None:
    day = 86_400_000
    statuses = [Status.SUCCESS] * 40 + [Status.ERROR, Status.CANCELLED, Status.PENDING]
    jobs = [
        JobRecord(f"ft_{number}", status, str(status), created_on=NOW - number * day // 2)
        for number, status in enumerate(statuses)
    ]
    unknown = JobRecord("ft_x", Status.SUCCESS, "SUCCESS")
    ids = [job.id for job in guard.counted([*jobs, unknown], Pace(max_retrains_30d=2), NOW)]
    assert ids == [*(job.id for job in jobs), "ft_x"]
    week = guard.counted(jobs, Pace(min_retrain_interval=7 * 86_400), NOW)
    assert [job.id for job in week] == [job.id for job in jobs[:14]]
    assert guard.counted(jobs, Pace(max_concurrent_jobs=1), NOW) == []


def test_earlier_submits_are_told_by_jobs_and_models_of_this_declaration() -> None:
    job = TrainingJob(NAME, "llama3.1-8b", "SELECT 1")
    marker = Marker("p", "s", "k", job.spec_hash)
    key = adoption.key_of(Order(job, marker))

    def record(id_: str, text: str, at: int | None) -> JobRecord:
        return JobRecord(id_, Status.ERROR, "ERROR", training_data=text, created_on=at)

    def model(name: str, comment: str, at: int) -> ModelRecord:
        return ModelRecord(NAME.sibling(name), "CORTEX_FINETUNED", "R", comment, at)

    other = Marker("p", "s", "other", job.spec_hash, "ft_9")
    described = [
        record("ft_1", f"/* {key} */ SELECT 1", 100),
        record("ft_2", "SELECT 1", 200),
        record("ft_3", f"/* {key} */ SELECT 1", None),
    ]
    found = [
        model("M__1", str(Marker("p", "s", "k", "0" * 64, "ft_1")), 150),
        model("M__2", str(Marker("p", "s", "k", "1" * 64, "ft_0")), 50),
        model("M__3", str(other), 300),
        model("M__4", "nobody's", 400),
    ]
    assert guard.earlier_submits(job, marker, described, found) == [100, 50]


def test_a_refusal_tells_everything_and_that_nothing_was_sent() -> None:
    guard.require([])
    with pytest.raises(PolicyError, match="one; two") as caught:
        guard.require(["one", "two"])
    assert "Nothing was submitted" in caught.value.hint


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "without a budget"),
        ({"max_rows": 6_000}, "of at most 6,000 rows"),
        ({"max_trained_tokens": 2_000_000}, "of at most 2,000,000 tokens"),
        (
            {"max_trained_tokens": 2_000_000, "rate": Rate(1.5, DAY)},
            "of at most 2,000,000 tokens, 3.00 credits",
        ),
        ({"max_credits": 2.5}, "of at most 2.50 credits by its budget"),
    ],
)
def test_a_ceiling_is_told_in_tokens_and_credits(fields: Case, text: str) -> None:
    job = TrainingJob(NAME, "llama3.1-8b", "SELECT 1", max_epochs=1, **fields)
    assert guard.ceiling(job) == text
    assert guard.needs_measure(job) == bool(fields)
