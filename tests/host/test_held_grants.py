"""Privileges on what is served move with it: until a newer version may be served they stay."""

from __future__ import annotations

from typing import Any

from tests.host.place import Place, Row
from tests.host.process import UNKNOWN, Bag


def _on_model(place: Place, job: Row, **more: Any) -> Bag:
    on = f"MODEL {job.inputs['model_name']}"
    return place.privileges(f"USAGE to ROLE {place.db}_APP", on=on, **more)


def test_what_is_granted_on_a_version_stays_there_until_the_next_may_be_served(
    place: Place,
) -> None:
    first, _ = place.trained()
    second = place.made(place.job(max_epochs=3))
    row = place.made(_on_model(place, first))
    before = place.changes()
    assert row.up(_on_model(place, second, __cleared="")) == "same"
    assert row.refresh()
    assert row.up(_on_model(place, second, __cleared="", exclusive=True)) == "update"
    assert place.changes() == before
    inputs = row.checked(_on_model(place, second, __cleared=UNKNOWN))
    assert place.host.diff(row.id, row.outs, inputs)[0] == "unknown"
    place.advance()
    assert row.up(_on_model(place, second, __cleared="some version")) == "replace"
    app = {f"USAGE to ROLE {place.db}_APP"}
    assert place.grants(f"MODEL {second.inputs['model_name']}") == app
    assert place.grants(f"MODEL {first.inputs['model_name']}") == set()


def test_what_may_not_be_served_yet_is_granted_by_a_later_run(place: Place) -> None:
    job = place.made(place.job())
    before = place.changes()
    row = place.made(_on_model(place, job, __cleared=""))
    assert row.refresh()
    assert row.up(_on_model(place, job, __cleared="")) == "same"
    place.advance()
    # The model is there by now, but has not passed.
    assert row.up(_on_model(place, job, __cleared="")) == "same"
    assert place.changes() == before
    assert row.up(_on_model(place, job, __cleared="some version")) == "update"
    assert place.grants(f"MODEL {job.inputs['model_name']}") == {f"USAGE to ROLE {place.db}_APP"}
    assert row.up(_on_model(place, job)) == "same"


def test_what_waits_is_removed_without_a_word_to_the_account(place: Place) -> None:
    job = place.made(place.job())
    before = place.changes()
    place.made(_on_model(place, job, __cleared="")).delete()
    assert place.changes() == before
