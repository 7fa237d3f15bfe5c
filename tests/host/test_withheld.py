"""What the policy of a run forbids counts for what left the stack in that very run."""

from __future__ import annotations

import pytest

from tests.host.place import Place, Row
from tests.host.process import Bag


def _left(row: Row, remaining: Bag) -> None:
    """An `up` that declares something else and the row no more."""
    with row.place.host.another() as host:
        _, failures = host.check(remaining, {})
        assert failures == []
        host.delete(row.id, row.outs)


def _grants(place: Place, withheld: str) -> Bag:
    return place.privileges(f"MONITOR to ROLE {place.db}_APP", __withheld=withheld)


def test_the_last_model_and_view_stay_where_the_run_forbids_drops(place: Place) -> None:
    view = place.made(place.view())
    _, artifact = place.trained()
    _left(artifact, _grants(place, "allow_drop"))
    _left(view, _grants(place, "allow_drop"))
    assert place.statements("DESTROY") == []
    assert len(place.models()) == 1
    assert view.refresh()


def test_the_last_model_stays_where_the_run_retains_models(place: Place) -> None:
    _, artifact = place.trained()
    _left(artifact, _grants(place, "retain"))
    assert place.statements("DESTROY") == []
    assert len(place.models()) == 1


def test_the_last_grants_stay_where_the_run_forbids_revokes(place: Place) -> None:
    line = f"MONITOR to ROLE {place.db}_APP"
    row = place.made(place.privileges(line))
    _left(row, place.view(__withheld="allow_drop allow_revoke"))
    assert place.grants(f"SCHEMA {place.db}.ML") == {line}


def test_a_run_that_forbids_nothing_removes_what_left(place: Place) -> None:
    view = place.made(place.view())
    _left(view, _grants(place, ""))
    assert not view.refresh()


@pytest.mark.parametrize("kind", ["privileges", "view", "job"])
def test_what_a_run_forbids_is_in_no_state(place: Place, kind: str) -> None:
    made = {"privileges": place.privileges, "view": place.view, "job": place.job}[kind]
    inputs, failures = place.host.check(made(__withheld="allow_drop"), {})
    assert failures == []
    assert "__withheld" not in inputs
