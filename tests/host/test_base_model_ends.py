"""A base model past its end of life: what exists goes on, only a new paid job is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.host.place import Place, Row
from tests.host.process import Host

Ending = Callable[[], None]


@pytest.fixture
def end_of_life(place: Place, new_host: Callable[..., Host]) -> Iterator[Ending]:
    """Ends the life of the base model; the runs that follow ask the account anew."""

    def end() -> None:
        place.admin.call("settings", {"lifecycle": {"llama3.1-8b": "EOL"}})
        place.host = new_host()

    yield end
    place.admin.call("settings", {"lifecycle": {}})


def test_an_unchanged_stack_previews_updates_and_is_destroyed_after_the_end_of_its_base_model(
    place: Place, end_of_life: Ending
) -> None:
    job, row = place.trained()
    end_of_life()

    assert job.refresh()
    assert row.refresh()
    assert job.up(place.job()) == "same"
    assert row.up(place.artifact(job)) == "same"
    assert row.up(place.artifact(job, comment="still ours")) == "update"
    row.delete()
    job.delete()
    assert place.models() == []
    assert place.spent == 1


def test_a_new_job_on_a_base_model_past_its_end_is_refused_and_nothing_is_sent(
    place: Place, end_of_life: Ending
) -> None:
    end_of_life()
    _, failures = place.host.check(place.job())
    assert [key for key, _ in failures] == ["base_model"]
    assert "past its end of life" in failures[0][1]
    assert place.spent == 0


def test_a_model_of_an_ended_base_model_is_adopted_after_a_lost_state(
    place: Place, end_of_life: Ending
) -> None:
    job, _ = place.trained()
    end_of_life()
    job.lost()
    assert Row(place).up(place.job()) == "create"
    assert place.spent == 1
