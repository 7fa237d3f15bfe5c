"""The state table of a paid job, row by row."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cortex_resources.errors import StatementRefusedError
from cortex_resources.model.base_models import Lifecycle, Offer
from cortex_resources.model.job_policy import JobPolicy, OnCancelled, OnFailure, OnMissing
from cortex_resources.model.jobs import JobRecord, ModelRecord, Phase, TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.orders import Doubt, Found, OurJob
from cortex_resources.model.stack import Wait
from cortex_resources.plan import forecasts, job_failures, job_life
from cortex_resources.plan.situations import Moment, Patience, Situation
from cortex_resources.sql import finetune
from tests.cases.reading import Case, cases

WISH = QualifiedName.parse("DB.ML.M")
WORDS: dict[str, Any] = {
    "on_failure": OnFailure,
    "on_cancelled": OnCancelled,
    "on_missing": OnMissing,
}
CASES = cases("job_life")
SAID = {claim: case for claim, case in CASES.items() if "says" in case}
JOB = TrainingJob(WISH, "llama3.1-8b", "SELECT prompt, completion FROM DB.ML.T")
NEW_YEAR = 1_767_225_600_000
FREE = frozenset(range(1, 23)) - {8}
"""Row 8, a job killed before its checkpoint, is row 3 at the next create."""


def _record(reply: Case) -> JobRecord:
    return finetune.parse_job(json.dumps({"id": "ft_1", "status": "SUCCESS", **reply}))


def _model(name: str) -> ModelRecord:
    return ModelRecord(QualifiedName.parse(name), "CORTEX_FINETUNED", "R", "")


def _ours(item: Case) -> OurJob:
    error = {"code": item.get("code", "X")}
    id_, made_on = item.get("id", "ft_1"), item.get("created_on", NEW_YEAR + 86_400_000)
    reply = {"id": id_, "status": item["status"], "error": error, "created_on": made_on}
    record = _record(reply)
    made, let_go = item.get("made", False), item.get("let_go", False)
    return OurJob(record, item.get("attempt", 1), is_made=made, is_let_go=let_go)


def _found(case: Case) -> Found:
    return Found(
        model=_model("DB.ML.M") if case.get("model") is True else None,
        jobs=tuple(map(_ours, case.get("jobs", ()))),
        doubt=Doubt("it may be ours", "look") if case.get("doubt") else None,
    )


def _situation(case: Case, moment: Moment) -> Situation:
    policy = {key: WORDS.get(key, bool)(value) for key, value in case.get("policy", {}).items()}
    patience = dict(case.get("patience", {}))
    patience["wait"] = Wait(patience.get("wait", "block"))
    name = case.get("model")
    return Situation(
        moment,
        WISH,
        WISH,
        saved=Phase(case["saved"]) if "saved" in case else None,
        job=_record(case["job"]) if "job" in case else None,
        artifact=_model(name.replace("wished", "DB.ML.M")) if isinstance(name, str) else None,
        renamed=QualifiedName.parse(case["renamed"]) if "renamed" in case else None,
        unseen_by=case.get("unseen", ""),
        job_id="ft_1",
        attempt=case.get("at_attempt", 1),
        policy=JobPolicy(**policy),
        found=_found(case),
        offer=Offer("llama3.1-8b", Lifecycle(case.get("offer", "GA"))),
        patience=Patience(**patience),
        refusal=StatementRefusedError("no answer") if case.get("refusal") else None,
    )


@pytest.mark.parametrize(("claim", "case"), CASES.items(), ids=list(CASES))
def test_the_table(claim: str, case: Case) -> None:
    step = job_life.decide(_situation(case, Moment(claim.partition(":")[0])))
    assert (step.row, step.action) == (case["row"], case["action"])
    assert step.phase == case.get("phase", step.phase)
    assert step.attempt == case.get("attempt", step.attempt)
    told = f"{step.error}" if step.error else ""
    assert bool(told) == bool(case.get("error")) or step.action == "retrain"
    assert case.get("error", "") in told
    assert bool(step.warning) == ("warning" in case)
    assert case.get("warning", "") in step.warning
    assert step.error is None or case.get("refusal") or step.error.hint


@pytest.mark.parametrize("case", SAID.values(), ids=list(SAID))
def test_the_preview_says_what_the_table_does(case: Case) -> None:
    situation = _situation(case, Moment.PAYING)
    told = forecasts.forecast(JOB, job_life.decide(situation), situation.policy)
    assert case["says"] in told.text
    assert told.is_held is case.get("held", False)
    assert told.is_paid is (job_life.decide(situation).action == "submit")


def test_a_paid_job_that_the_policy_rules_out_is_named() -> None:
    assert forecasts.forbidden(JOB).startswith("DB.ML.M would start a paid job and policy.allow")


def test_a_job_without_a_date_is_told_without_one() -> None:
    step = job_life.decide(
        _situation({"jobs": [{"status": "ERROR", "created_on": None}]}, Moment.PAYING)
    )
    assert "job ft_1, which failed" in forecasts.forecast(JOB, step, JobPolicy()).text


def test_a_job_that_could_not_give_way_is_named_with_the_statement_that_ends_it() -> None:
    told = job_failures.uncancelled(WISH, "ft_1", "no right to")
    assert "job ft_1 of DB.ML.M could not be cancelled: no right to" in told
    assert told.endswith("SELECT SNOWFLAKE.CORTEX.FINETUNE('CANCEL', 'ft_1')")


def test_every_row_has_a_case() -> None:
    assert {case["row"] for case in CASES.values()} == FREE


def test_only_what_is_declared_or_asked_for_pays() -> None:
    paid = {case["row"] for case in CASES.values() if case["action"] == "submit"}
    assert paid == {1, 11, 12, 16}
