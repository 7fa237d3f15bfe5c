"""Golden cases of the paid job: adopt or submit, phases, waiting, the model it made."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cortex_resources.errors import CortexError
from cortex_resources.model.jobs import JobRecord, Marker, ModelRecord, Phase, Status, TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.orders import Order
from cortex_resources.model.stack import Wait
from cortex_resources.plan import adoption, artifacts, job_life, waiting
from cortex_resources.plan.situations import Action, Moment, Patience, Situation, Step
from cortex_resources.plan.verdict import Plan
from cortex_resources.sql import finetune
from tests.cases.reading import Case, cases, require, shown

WISH = QualifiedName.parse("DB.ML.M")
QUERY = "SELECT prompt, completion FROM DB.ML.T"
SUBMISSIONS, PHASES = cases("fine_tune_job"), cases("phases")
WAITS, ARTIFACTS = cases("waiting"), cases("fine_tuned_artifact")


def _record(reply: Case) -> JobRecord:
    return finetune.parse_job(json.dumps({"id": "ft_1", "status": "SUCCESS", **reply}))


def _filled(value: Any, words: dict[str, str]) -> Any:
    if isinstance(value, str):
        return value.format(**words)
    if isinstance(value, dict):
        return {key: _filled(item, words) for key, item in value.items()}
    return [_filled(item, words) for item in value] if isinstance(value, list) else value


def _words(job: TrainingJob, marker: Marker) -> dict[str, str]:
    renamed = TrainingJob(WISH.sibling("N"), job.base_model, job.training_query)
    foreign = Marker("other", "dev", "docs", job.spec_hash, "ft_old")
    return {
        "name": str(job.model_name),
        "key": adoption.key_of(Order(job, marker)),
        "other_name": adoption.key_of(Order(renamed, marker)),
        "marker": str(Marker("p", "s", "k", job.spec_hash, "ft_old")),
        "other_spec": str(Marker("p", "s", "k", "0" * 64, "ft_old")),
        "foreign": str(foreign),
        "foreign_key": adoption.key_of(Order(job, foreign)),
        "foreign_other_name": adoption.key_of(Order(renamed, foreign)),
    }


def _model(observed: Case) -> ModelRecord:
    kind = observed.get("type", "CORTEX_FINETUNED")
    return ModelRecord(QualifiedName.parse(observed["name"]), kind, "R", observed["comment"])


def _step(case: Case, order: Order) -> Step:
    models = {model.name: model for model in map(_model, case.get("models", ()))}
    records = [_record(item) for item in case.get("jobs", ())]
    found = adoption.found(order, records, models)
    return job_life.decide(Situation(Moment.PAYING, WISH, order.job.model_name, found=found))


@pytest.mark.parametrize("case", SUBMISSIONS.values(), ids=list(SUBMISSIONS))
def test_adopt_or_submit(case: Case) -> None:
    job = TrainingJob(WISH, "llama3.1-8b", QUERY, **case.pop("desired", {}))
    order = Order(job, Marker("p", "s", "k", job.spec_hash))
    case = _filled(case, _words(job, order.marker))
    step = _step(case, order)
    if "error" in case:
        assert step.action is Action.REFUSE
        assert step.error is not None
        assert step.error.what == case["error"]
        assert step.error.hint
        return
    assert step.action == case["verdict"]
    if step.action is Action.SUBMIT:
        statement = finetune.create(job, adoption.key_of(order))
        assert shown([statement]) == case.get("statements", shown([statement]))
        return
    assert step.job is not None
    assert step.job.id == case["adopts"]


@pytest.mark.parametrize("case", PHASES.values(), ids=list(PHASES))
def test_phases(case: Case) -> None:
    saved = case["saved"] and Phase(case["saved"])
    record = _record({"status": case["job"]}) if case["job"] else None
    model = ModelRecord(WISH, "CORTEX_FINETUNED", "R", "") if case["model"] else None
    seen = Situation(Moment.LOOKING, WISH, WISH, saved=saved, job=record, artifact=model)
    assert job_life.decide(seen).phase == case["phase"]


@pytest.mark.parametrize("case", WAITS.values(), ids=list(WAITS))
def test_waiting(case: Case) -> None:
    patience = Patience(Wait(case["wait"]), elapsed=case["elapsed"], limit=case["limit"])
    record = _record(case["job"])
    seen = Situation(Moment.WAITING, WISH, WISH, job=record, job_id=record.id, patience=patience)
    step = waiting.next_step(seen, case["pause"])
    if "look_again" in case:
        assert isinstance(step, waiting.LookAgain)
        assert step.pause == case["look_again"]
        assert bool(step.warning) is (record.status is Status.UNKNOWN)
        return
    assert isinstance(step, waiting.Ended)
    assert (step.error.what if step.error else None) == case.get("error")
    assert case.get("ended", False) is (step.error is None)
    assert step.error is None or step.error.hint


def _artifact_plan(case: Case, marker: Marker) -> Plan:
    name = QualifiedName.parse("DB.ML.M__1")
    observed = case.get("observed")
    model = _model({"name": str(name), **observed}) if observed else None
    may = case.get("allow_drop", False)
    match case["do"]:
        case "drop":
            return artifacts.drop(name, model, marker, allow_drop=may)
        case "unclaimed":
            kept = {key: case.get(key, False) for key in ("is_replaced", "is_retained")}
            return artifacts.unclaimed(_record(case["job"]), model, marker, allow_drop=may, **kept)
    assert model is not None
    comment = case.get("desired", {}).get("comment", "")
    return artifacts.claim(model, comment, marker, is_proven=case.get("is_proven", True))


@pytest.mark.parametrize("case", ARTIFACTS.values(), ids=list(ARTIFACTS))
def test_artifacts(case: Case) -> None:
    marker = Marker("p", "s", "k", "a" * 64, "ft_1")
    foreign = Marker("other", "dev", "docs", "a" * 64, "ft_1")
    sibling = Marker("p", "s", "k2", "a" * 64, "ft_1")
    texts = {"marker": str(marker), "foreign": str(foreign), "sibling": str(sibling)}
    case = _filled(case, texts)
    if "error" in case:
        with pytest.raises(CortexError) as caught:
            _artifact_plan(case, marker)
        assert caught.value.what == case["error"]
        assert caught.value.hint
        return
    require(_artifact_plan(case, marker), case)
