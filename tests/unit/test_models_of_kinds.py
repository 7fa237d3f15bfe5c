"""The small models: cost of a change, base models, views, policy, a whole stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pytest

from cortex_resources.model import base_models
from cortex_resources.model.cost import Cost, Updates, costs, identity
from cortex_resources.model.effects import Effect, Statement
from cortex_resources.model.jobs import TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.policy import Policy
from cortex_resources.model.stack import Stack, Wait
from cortex_resources.model.views import TrainingView, query_faults, read_by, reading


@dataclass
class Silent:
    told: Updates[str]
    untold: str


@dataclass
class Twice:
    torn: Annotated[str, Cost.UPDATES, Cost.RETRAINS]


@pytest.mark.parametrize("kind", [Silent, Twice])
def test_a_field_that_does_not_say_its_cost_is_an_error(kind: type) -> None:
    with pytest.raises(TypeError, match=f"{kind.__name__}.(untold|torn) does not say"):
        costs(kind)


def test_the_costs_of_a_view() -> None:
    assert costs(TrainingView) == {
        "name": Cost.REPLACES,
        "query": Cost.UPDATES,
        "comment": Cost.UPDATES,
        "secure": Cost.UPDATES,
    }


def test_what_retrains_or_replaces_is_identity() -> None:
    assert identity(TrainingView) == {"name"}
    assert {"model", "base_model"} < identity(TrainingJob)
    assert "role" not in identity(TrainingJob)


def test_a_default_policy_trains_and_never_drops() -> None:
    assert Policy() == Policy(allow_training=True, allow_drop=False, allow_revoke=True)
    assert Stack("dev").policy == Policy()
    assert Wait("bounded") is Wait.BOUNDED


def test_a_statement_carries_its_effect_and_reason() -> None:
    assert Statement("SELECT 1", Effect.READ).why == ""


@pytest.mark.parametrize("name", [n for n in base_models.BASE_MODELS if n != "arctic-extract"])
def test_a_legacy_base_model_is_told_before_paying(name: str) -> None:
    limits = base_models.pair_limits(name)
    assert limits is not None
    assert limits.prompt_window + limits.completion_window == limits.window
    assert "legacy since 2026-08-12" in base_models.notice(name)


def test_the_notice_about_a_legacy_base_model_says_what_will_happen() -> None:
    assert base_models.notice("mistral-7b").endswith(
        "set allow_legacy: true where your account may use it"
    )
    allowed = base_models.notice("mistral-7b", allow_legacy=True)
    assert "only accounts that used it before" in allowed
    assert "may be trained on" in base_models.notice("llama3.1-8b")


def test_an_unknown_base_model_is_left_to_the_account() -> None:
    assert "the account decides" in base_models.notice("new-model")


def test_a_current_base_model_needs_no_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    current = base_models.BaseModel("now", base_models.PairLimits(3, 2, 1, 9))
    monkeypatch.setitem(base_models.BASE_MODELS, "now", current)
    assert base_models.notice("now") == ""


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ("SELECT q AS prompt, a AS completion FROM t", []),
        ("SELECT * FROM t", []),
        ("SELECT f(a), 1 AS prompt, 2 || 3 FROM t", []),
        ("", ["the query must start with SELECT or WITH"]),
        ("SELECT * FROM t;", ["the query holds a ';'"]),
        ("SELECT * FROM t -- end", ["the query ends in a comment"]),
        ("SELECT q AS prompt, a FROM t", ["the query gives no COMPLETION column"]),
        ('SELECT q AS "prompt", a AS completion FROM t', ["the query gives no PROMPT column"]),
    ],
)
def test_what_makes_a_query_unfit(query: str, faults: list[str]) -> None:
    found = query_faults(query)
    assert len(found) == len(faults)
    assert all(text.startswith(fault) for text, fault in zip(found, faults, strict=True))


@pytest.mark.parametrize("name", ["DB.ML.V", 'DB."m l"."From here"'])
def test_a_query_on_a_view_names_the_view(name: str) -> None:
    view = QualifiedName.parse(name)
    assert read_by(reading(view)) == view
    assert read_by(f"select prompt ,completion\n from {name}") == view


@pytest.mark.parametrize(
    "query",
    [
        "SELECT q AS prompt, a AS completion FROM DB.ML.V",
        "SELECT PROMPT, COMPLETION FROM DB.ML.V WHERE TRUE",
        "SELECT PROMPT, COMPLETION FROM V",
        "SELECT 'x' AS prompt, 'y' AS completion",
    ],
)
def test_any_other_query_names_no_view(query: str) -> None:
    assert read_by(query) is None


def test_a_policy_names_what_a_run_under_it_may_not_remove() -> None:
    assert Policy(allow_drop=True).withheld == ""
    assert Policy(allow_revoke=False, retain=True).withheld == "allow_drop allow_revoke retain"
