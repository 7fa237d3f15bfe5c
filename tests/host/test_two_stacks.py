"""Two stacks that declare the same model: who came first has it, and nobody pays beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.host.place import Place
from tests.host.process import Bag, RefusedError


def _beside(place: Place, **more: str) -> Bag:
    """The same declaration in another stack."""
    return {**place.job(**more), "__owner": "proj/prod/docs"}


def _failure(place: Place, declared: Bag) -> tuple[str, str]:
    _, [found] = place.host.check(declared)
    return found


def test_the_preview_refuses_a_model_that_another_stack_holds_and_names_it(place: Place) -> None:
    job, _ = place.trained()
    before = place.admin.last
    key, text = _failure(place, _beside(place))
    name = job.inputs["model_name"]
    assert key == "model"
    assert f"model {name} belongs to proj/dev/docs, another stack" in text
    assert "another name or database" in text
    assert {row["effect"] for row in place.admin.statements(before)} == {"READ"}


def test_a_run_refuses_it_too_before_anything_is_paid(place: Place) -> None:
    place.trained()
    with pytest.raises(RefusedError, match="belongs to proj/dev/docs"):
        place.host.create(_beside(place))
    assert place.spent == 1


def test_the_printed_statement_moves_the_model_to_the_stack_that_asked(place: Place) -> None:
    job, row = place.trained()
    _, text = _failure(place, _beside(place))
    place.sql(text.partition("then run ")[2].removesuffix("."))
    with place.host.another() as host:
        place = replace(place, host=host)
        moved = place.made(_beside(place))
        assert (moved.outs["job_id"], moved.outs["adopted"]) == (job.outs["job_id"], True)
        taken = {**place.artifact(moved), "__owner": "proj/prod/docs"}
        assert place.made(taken).outs["saved_as"] == row.outs["saved_as"]
    assert place.spent == 1


def test_a_job_that_another_stack_has_running_for_this_model_is_not_paid_beside(
    place: Place,
) -> None:
    job = place.made(place.job())
    for _ in range(2):
        with pytest.raises(RefusedError, match=f"job {job.outs['job_id']} of proj/dev/docs"):
            place.host.create(_beside(place))
        place.advance()  # It ended, and its model is not claimed yet.
    assert place.spent == 1


def test_another_stack_with_the_same_text_under_another_name_gets_a_job_of_its_own(
    place: Place,
) -> None:
    place.made(place.job())
    place.made(_beside(place, model=f"{place.db}.ML.OTHER"))
    assert place.spent == 2
