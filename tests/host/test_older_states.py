"""A state that an earlier version wrote is calm: nothing is paid, replaced or dropped by it."""

from __future__ import annotations

import json
from pathlib import Path

from cortex_resources.model.fingerprints import DataWatch
from cortex_resources.model.job_policy import JobPolicy
from cortex_resources.model.jobs import TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.policy import Policy
from cortex_resources.resources import fine_tuned_model
from tests.host.place import Place, Row
from tests.host.process import KINDS, Bag, provider_string

FIRST = Path(__file__).parent / "states" / "first_jobs.json"
"""The properties of a job and of its model as the first program with paid jobs kept them."""


def _todays(place: Place) -> Bag:
    """What the program of today registers for that job."""
    query = f"SELECT Q AS prompt, A AS completion FROM {place.db}.ML.PAIRS"
    job = TrainingJob(QualifiedName.parse(f"{place.db}.ML.LLAMA"), "llama3.1-8b", query, None, 2)
    policy, lives = Policy(allow_drop=True), JobPolicy()
    return place.job(**fine_tuned_model._job_inputs(job, policy, lives, DataWatch()))


def _stored(job: Row) -> dict[str, Bag]:
    words = {
        "<db>": job.place.db,
        "<job>": job.outs["job_id"],
        "<name>": job.inputs["model_name"],
        "<hash>": job.inputs["spec_hash"],
    }
    text = FIRST.read_text(encoding="utf-8")
    for mark, value in words.items():
        text = text.replace(mark, value)
    found: dict[str, Bag] = json.loads(text)
    return {
        kind: {**kept, "__provider": provider_string(KINDS[kind])} for kind, kept in found.items()
    }


def test_the_state_of_the_first_paid_jobs_is_refreshed_and_unchanged(place: Place) -> None:
    job, model = place.trained()
    state, before = _stored(job), len(place.changes())
    job.outs = job.inputs = state["job"]
    model.outs = model.inputs = state["artifact"]
    for row, declared in ((job, _todays(place)), (model, place.artifact(job))):
        assert row.up(declared) == "same", "a preview without a refresh"
        assert row.refresh()
        assert row.up(declared) == "same", "a preview after one"
    assert len(place.changes()) == before
    model.delete()
    job.delete()
    assert (place.models(), place.spent) == ([], 1)
