"""The job as declared: its content hash, its name, its marker."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from cortex_resources.errors import InvalidNameError
from cortex_resources.model.cost import Cost, costs
from cortex_resources.model.datasets import DatasetVersion
from cortex_resources.model.guard import Rate
from cortex_resources.model.jobs import Marker, Status, TrainingJob
from cortex_resources.model.names import QualifiedName

GOLDEN = "bebf175992049ff88dbc28e8cafb40433d6c1fb701327c3682cdd806209c933c"
GOLDEN_WATCHED = "509522372efd9c0b7ee69eeeae87d7b13959737cdc0075f6a390142b66d31e91"
GOLDEN_ON_DATASETS = "856079d706bcaf3e32faf43f617582076bdc9526c65fccdeca7ea94c80184698"
GOLDEN_FULL = "cb6b35828209bcb1b499e1bb4ca6953ad3ffd585946a441dbbdca5b9eaaedfea"


def a_job(**changes: Any) -> TrainingJob:
    given: dict[str, Any] = {
        "model": QualifiedName.parse("DB.ML.M"),
        "base_model": "llama3.1-8b",
        "training_query": "SELECT prompt, completion FROM DB.ML.T",
    }
    return TrainingJob(**(given | changes))


CHANGES: dict[str, Any] = {
    "model": QualifiedName.parse("DB.ML.N"),
    "base_model": "mistral-7b",
    "training_query": "SELECT prompt, completion FROM DB.ML.U",
    "validation_query": "SELECT prompt, completion FROM DB.ML.V",
    "max_epochs": 3,
    "definitions": ("SELECT 1",),
    "retrain_token": "again",
    "data_fingerprint": "hash 5:2",
    "training_dataset": DatasetVersion.parse("snow://dataset/db.ml.d/versions/v1"),
    "validation_dataset": DatasetVersion.parse("snow://dataset/db.ml.d/versions/v2"),
    "max_trained_tokens": 5,
    "max_credits": 1.5,
    "max_rows": 10,
    "rate": Rate(1.5, datetime.date(2026, 11, 1)),
    "role": "R",
    "warehouse": "W",
}


def test_the_hash_is_pinned_because_changing_it_retrains_every_user() -> None:
    """Every model name carries this hash, and adoption compares it.

    A change of what goes into it, of canonical SQL or of its JSON would make every job of every
    user new: each would be paid again. If it must change, raise HASH_VERSION and say so in the
    changelog; never edit these values in passing.
    """
    assert a_job().spec_hash == GOLDEN
    assert a_job(base_model="LLAMA3.1-8B").spec_hash == GOLDEN
    on_query = {key: value for key, value in CHANGES.items() if not key.endswith("_dataset")}
    unwatched = {key: value for key, value in on_query.items() if key != "data_fingerprint"}
    assert a_job(**unwatched).spec_hash == GOLDEN_FULL
    assert a_job(**on_query).spec_hash == GOLDEN_WATCHED
    assert a_job(**CHANGES).spec_hash == GOLDEN_ON_DATASETS


@pytest.mark.parametrize("field", list(costs(TrainingJob)))
def test_a_field_changes_the_hash_only_if_it_retrains(field: str) -> None:
    is_new = a_job(**{field: CHANGES[field]}).spec_hash != a_job().spec_hash
    assert is_new is (costs(TrainingJob)[field] is Cost.RETRAINS)


@pytest.mark.parametrize(
    "query",
    [
        "select PROMPT , completion from db.ml.t;",
        "SELECT prompt, completion -- both\nFROM DB.ML.T",
        "/* who */ SELECT prompt, completion FROM DB.ML.T\n",
    ],
)
def test_looks_never_retrain(query: str) -> None:
    assert a_job(training_query=query).spec_hash == a_job().spec_hash


def test_a_word_inside_a_literal_retrains() -> None:
    one, two = (a_job(training_query=f"SELECT '{x}' AS prompt").spec_hash for x in ("a", "A"))
    assert one != two


def test_the_model_name_carries_ten_digits_of_the_hash() -> None:
    assert str(a_job().model_name) == f"DB.ML.M__{GOLDEN[:10].upper()}"


def test_a_wish_that_leaves_no_room_for_the_hash_is_refused() -> None:
    assert a_job(model=QualifiedName(("DB", "ML", "M" * 243))).model_name
    with pytest.raises(InvalidNameError, match="too long"):
        _ = a_job(model=QualifiedName(("DB", "ML", "M" * 244))).model_name


def test_only_three_words_are_terminal() -> None:
    assert {s for s in Status if s.is_terminal} == {
        Status.SUCCESS,
        Status.ERROR,
        Status.CANCELLED,
    }


def test_a_marker_is_of_the_same_spec_whatever_its_job() -> None:
    marker = Marker("p", "s", "k", "a" * 64)
    assert marker.is_same_spec(Marker("p", "s", "k", "a" * 64, "ft_1"))
    assert not marker.is_same_spec(Marker("p", "s", "k", "b" * 64))
    assert not marker.is_same_spec(Marker("p", "other", "k", "a" * 64))
    assert not marker.is_same_spec(None)


@pytest.mark.parametrize(
    "parts",
    [("p/q", "s", "k"), ("p", "s]", "k"), ("p", "s", "k]"), ("p", "s", "a*/"), ("p", "s", "a\nb"),
     ("p", "s", " k")],
)  # fmt: skip
def test_a_marker_refuses_what_would_not_be_found_again(parts: tuple[str, str, str]) -> None:
    with pytest.raises(InvalidNameError, match="cannot be part of the marker") as caught:
        Marker(*parts, spec_hash="a" * 64)
    assert caught.value.hint


def test_equal_content_is_one_name_and_one_hash() -> None:
    assert a_job().is_same_content(a_job(max_rows=1))
    assert not a_job().is_same_content(a_job(max_epochs=5))
    assert not a_job().is_same_content(a_job(model=CHANGES["model"]))
