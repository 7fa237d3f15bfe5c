"""A job reads its view by name: what stands under that name is what its hash says, or none is paid.

An `up` that leaves the view out, or does not look at it, comes to the job all the same.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.host.place import Place, Row
from tests.host.process import Bag, RefusedError

LONGER = "SELECT Q AS prompt, A AS completion FROM {db}.ML.PAIRS WHERE LENGTH(A) > 6"


def _job(place: Place, query: str, **more: Any) -> Bag:
    reads = f"SELECT PROMPT, COMPLETION FROM {place.db}.ML.TRAIN"
    return place.job(training_query=reads, definitions={"0": query.format(db=place.db)}, **more)


def test_a_job_whose_view_was_left_out_of_the_up_is_not_paid(place: Place) -> None:
    place.made(place.view())
    row = Row(place)
    with pytest.raises(RefusedError, match=rf"view {place.db}.ML.TRAIN reads something else"):
        row.up(_job(place, LONGER))
    assert place.spent == 0


def test_a_job_whose_view_somebody_replaced_is_not_paid(place: Place) -> None:
    view = place.made(place.view())
    place.sql(
        "CREATE OR REPLACE VIEW {db}.ML.TRAIN AS SELECT A AS prompt, Q AS completion FROM"
        " {db}.ML.PAIRS"
    )
    with pytest.raises(RefusedError, match="without --target, --exclude or --refresh=false"):
        Row(place).up(_job(place, view.inputs["query"]))
    assert place.spent == 0


def test_a_view_that_validates_counts_too(place: Place) -> None:
    place.made(place.view())
    place.made(place.view("valid", name=f"{place.db}.ML.VALID"))
    held_out = f"SELECT prompt, completion FROM {place.db}.ML.VALID"
    short = place.job(validation_query=held_out, definitions={"0": LONGER.format(db=place.db)})
    with pytest.raises(RefusedError, match=rf"view {place.db}.ML.VALID reads something else"):
        Row(place).up(short)
    assert place.spent == 0


def test_a_view_that_reads_what_is_declared_is_trained_on(place: Place) -> None:
    place.made(place.view(query=LONGER.format(db=place.db)))
    place.made(_job(place, LONGER.lower().replace("{db}", place.db) + " -- long ones\n"))
    assert place.spent == 1
