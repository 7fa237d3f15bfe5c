"""Rows that change under a query that does not: reported, or trained on anew, never silently."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.host.conftest import Ear
from tests.host.place import Place
from tests.host.process import Host

QUERY = "SELECT Q AS prompt, A AS completion FROM {db}.ML.PAIRS"


def _watched(place: Place, by: str, **more: Any) -> Any:
    queries = {"1": QUERY.format(db=place.db)} if by == "hash" else {}
    tables = f"{place.db}.ML.PAIRS\n" if by == "commit_time" else ""
    watch = {"data_watch": by, "data_queries": queries, "data_tables": tables}
    return place.job(**{**watch, "on_data_change": "retrain", **more})


def _write(place: Place) -> None:
    place.advance(60)
    place.sql(f"INSERT INTO {place.db}.ML.PAIRS VALUES ('new', 'row')")


@pytest.mark.parametrize("by", ["hash", "commit_time"])
def test_changed_rows_are_a_new_paid_job_where_that_is_asked_for(
    place: Place, new_host: Callable[..., Host], by: str
) -> None:
    row = place.made(_watched(place, by))
    assert row.up(_watched(place, by)) == "same"
    _write(place)
    row.host = new_host()
    assert row.up(_watched(place, by)) == "replace"
    assert place.spent == 2


def test_by_default_changed_rows_are_told_and_nothing_is_trained(
    place: Place, new_host: Callable[..., Host], ear: Ear
) -> None:
    row = place.made(_watched(place, "hash", on_data_change="report"))
    _write(place)
    row.host = new_host(ear.address)
    assert row.up(_watched(place, "hash", on_data_change="report")) == "same"
    assert place.spent == 1
    assert any("changed since it was trained" in line for line in ear.lines)


def test_watching_a_job_that_exists_never_retrains_it(place: Place) -> None:
    row = place.made(place.job())
    name = row.inputs["model_name"]
    assert row.up(_watched(place, "hash")) == "update"
    assert row.up(place.job()) == "update"
    assert row.inputs["model_name"] == name
    assert place.spent == 1


def test_rows_that_come_back_find_their_model(place: Place, new_host: Callable[..., Host]) -> None:
    job = place.made(_watched(place, "hash"))
    place.advance()
    place.made(place.artifact(job))
    _write(place)
    job.host = new_host()
    assert job.up(_watched(place, "hash")) == "replace"
    place.sql(f"DELETE FROM {place.db}.ML.PAIRS WHERE Q = 'new'")
    job.host = new_host()
    assert job.up(_watched(place, "hash")) == "replace"
    assert job.outs["adopted"] is True
    assert place.spent == 2


def test_the_users_own_text_counts_too(place: Place) -> None:
    row = place.made(_watched(place, "text", data_text="v1"))
    assert row.up(_watched(place, "text", data_text="v1")) == "same"
    assert row.up(_watched(place, "text", data_text="v2")) == "replace"


def test_a_new_job_whose_rows_cannot_be_read_is_refused(place: Place) -> None:
    declared = _watched(place, "commit_time", data_tables=f"{place.db}.ML.NOWHERE\n")
    _, failures = place.host.check(declared)
    assert "could not be fingerprinted" in failures[0][1]
    assert "Nothing was submitted" in failures[0][1]


def test_a_job_that_exists_stays_when_its_rows_cannot_be_read(
    place: Place, new_host: Callable[..., Host], ear: Ear
) -> None:
    row = place.made(_watched(place, "commit_time"))
    place.sql(f"ALTER TABLE {place.db}.ML.PAIRS RENAME TO {place.db}.ML.ELSEWHERE")
    row.host = new_host(ear.address)
    assert row.up(_watched(place, "commit_time")) == "same"
    assert any("could not be fingerprinted" in line for line in ear.lines)
    assert place.spent == 1
