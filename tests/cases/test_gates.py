"""Golden cases of a gate: what passes, and what is said of what does not."""

from __future__ import annotations

import pytest

from cortex_resources.errors import (
    CortexError,
    GateError,
    InvalidQueryError,
    ObjectMissingError,
    PrivilegeMissingError,
    StatementRefusedError,
)
from cortex_resources.model.gates import Thresholds
from cortex_resources.model.names import QualifiedName
from cortex_resources.plan import gates as plan
from cortex_resources.sql.history import Outcome
from tests.cases.reading import Case, cases

MODEL = QualifiedName.parse("DB.ML.M__1")
ALL = cases("model_gate")
CASES = {claim: case for claim, case in ALL.items() if claim.startswith("judge: ")}
PROMISING = {claim: case for claim, case in ALL.items() if claim.startswith("promising: ")}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_model_before_its_gate(case: Case) -> None:
    bounds = {name: case.get(name, {}) for name in ("at_least", "at_most")}
    thresholds = Thresholds(**bounds, override=case.get("override", ""))
    if "error" not in case:
        assert plan.judge(MODEL, case["scores"], thresholds) == case.get("notice", "")
        return
    with pytest.raises(GateError) as caught:
        plan.judge(MODEL, case["scores"], thresholds)
    assert caught.value.what == case["error"]
    assert "nothing is paid again" in caught.value.hint


@pytest.mark.parametrize(
    ("traces", "query_id"),
    [
        ([], None),
        ([("1", Outcome.FAILED)], None),
        ([("1", Outcome.DONE), ("2", Outcome.DONE), ("3", Outcome.FAILED)], "2"),
    ],
)
def test_the_latest_answer_counts(traces: list[tuple[str, Outcome]], query_id: str | None) -> None:
    assert plan.answered(traces) == query_id


def test_an_evaluation_that_still_runs_is_not_paid_a_second_time() -> None:
    with pytest.raises(GateError, match="query 2 of this gate still runs"):
        plan.answered([("1", Outcome.DONE), ("2", Outcome.RUNNING)])


@pytest.mark.parametrize("case", PROMISING.values(), ids=list(PROMISING))
def test_a_model_before_it_is_asked(case: Case) -> None:
    thresholds = Thresholds(
        case.get("at_least", {}), case.get("at_most", {}), case.get("override", "")
    )
    if "error" in case:
        with pytest.raises(GateError) as caught:
            plan.require_promising(MODEL, case["scores"], thresholds)
        assert caught.value.what == case["error"]
        return
    plan.require_promising(MODEL, case["scores"], thresholds)


@pytest.mark.parametrize(
    ("error", "may_change", "told"),
    [
        (ObjectMissingError("no table T"), False, ""),
        (PrivilegeMissingError("not yours"), False, ""),
        (StatementRefusedError("busy"), False, ""),
        (InvalidQueryError("no column Q"), True, ""),
        (GateError("one column"), True, ""),
        (InvalidQueryError("no column Q"), False, "gate.query of DB.ML.M__1 cannot be run: no col"),
        (GateError("one column"), False, "one column"),
    ],
)
def test_only_a_text_that_nothing_makes_right_is_refused(
    error: CortexError, may_change: bool, told: str
) -> None:
    if not told:
        said = plan.not_compiled(MODEL, error, may_change=may_change)
        assert said.startswith(f"gate.query of {MODEL} does not compile yet")
        assert said.endswith(error.what)
        return
    with pytest.raises(GateError, match=told):
        plan.not_compiled(MODEL, error, may_change=may_change)
