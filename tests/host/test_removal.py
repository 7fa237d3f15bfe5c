"""What a delete takes away, what it keeps, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.host.conftest import Ear
from tests.host.place import Place, Row
from tests.host.process import Host, RefusedError


def _listening(place: Place, ear: Ear, new_host: Callable[..., Host]) -> Place:
    return Place(place.account, new_host(engine=ear.address), place.db, place.start)


def test_a_running_job_is_cancelled(place: Place) -> None:
    row = place.made(place.job())
    row.delete()
    assert [job["status"] for job in place.jobs()] == ["CANCELLED"]


def test_a_job_that_ended_since_it_was_last_seen_loses_its_unclaimed_model(place: Place) -> None:
    row = place.made(place.job())
    assert row.refresh()
    place.advance()
    row.delete()
    assert place.models() == []


def test_an_unclaimed_model_of_a_replaced_job_is_claimed_and_kept(place: Place) -> None:
    row = place.made(place.job())
    first = row.inputs["model_name"]
    place.advance()
    assert row.up(place.job(max_epochs=5)) == "replace"
    assert place.models() == [first]
    assert "cortex-resources" in place.model(first)["comment"]


def test_a_cancel_refused_because_the_job_just_ended_is_no_failure(place: Place) -> None:
    row = place.made(place.job())
    place.fault(match="'CANCEL'", action="error", errno=100351, sqlstate="P0000", times=1)
    place.fault(match="'CANCEL'", latency_ms=1)
    assert row.refresh()
    place.advance()
    row.delete()
    assert place.models() == []


def test_a_cancel_refused_while_the_job_runs_fails_the_delete(place: Place) -> None:
    row = place.made(place.job())
    place.fault(match="'CANCEL'", action="error", errno=100351, sqlstate="P0000")
    with pytest.raises(RefusedError):
        row.delete()
    row.delete()
    assert [job["status"] for job in place.jobs()] == ["CANCELLED"]


def test_a_job_that_cannot_be_looked_into_is_not_taken_for_collected(place: Place) -> None:
    row = place.made(place.job())
    place.fault(match="'DESCRIBE'", action="error", errno=2140, sqlstate="42601", times=0)
    with pytest.raises(RefusedError):
        row.delete()
    place.admin.call("faults", method="DELETE")
    row.delete()
    assert [job["status"] for job in place.jobs()] == ["CANCELLED"]


def test_an_unclaimed_model_of_a_stack_that_retains_is_marked_kept_and_found_again(
    place: Place,
) -> None:
    row = place.made(place.job(retain=True))
    place.advance()
    row.delete()
    assert place.models() == [row.inputs["model_name"]]
    row.lost()
    assert row.up(place.job(retain=True)) == "create"
    assert place.spent == 1


def test_retain_counts_from_the_run_that_says_it(
    place: Place, new_host: Callable[..., Host]
) -> None:
    gone = place.made(place.job("gone", model=f"{place.db}.ML.GONE"))
    place.advance()
    with new_host() as host:
        host.check(place.job("stays", retain=True))
        host.delete(gone.id, gone.outs)
    assert place.models() == [gone.inputs["model_name"]]


def test_an_unclaimed_model_stays_where_the_stack_may_not_drop(
    place: Place, ear: Ear, new_host: Callable[..., Host]
) -> None:
    place = _listening(place, ear, new_host)
    row = place.made(place.job(allow_drop=False))
    place.advance()
    row.delete()
    assert place.models() == [row.inputs["model_name"]]
    assert any("allow_drop is false" in line for line in ear.lines)


def test_a_claimed_model_is_never_dropped_with_its_job(place: Place) -> None:
    job, row = place.trained()
    job.delete()
    assert place.models() == [row.outs["saved_as"]]


def test_a_collected_job_is_nothing_to_delete(place: Place) -> None:
    job, row = place.trained()
    place.admin.call("collect", {"job": job.outs["job_id"]})
    before = len(place.changes())
    job.delete()
    assert len(place.changes()) == before
    assert place.models() == [row.outs["saved_as"]]


def test_a_model_marked_by_another_stack_is_not_claimed(place: Place) -> None:
    job = place.made(place.job())
    place.advance()
    name, spec = job.inputs["model_name"], job.inputs["spec_hash"]
    marker = f"[cortex-resources proj/prod/docs spec={spec} job=ft_x]"
    place.sql(f"ALTER MODEL {name} SET COMMENT = '{marker}'")
    with pytest.raises(RefusedError, match="belongs to proj/prod/docs"):
        place.host.create(Row(place).checked(place.artifact(job)))
    assert place.model(name)["comment"] == marker


@pytest.mark.parametrize("comment", ["", "a model of mine"])
def test_a_model_without_our_marker_is_not_dropped(place: Place, comment: str) -> None:
    _, row = place.trained()
    place.sql(f"ALTER MODEL {row.outs['saved_as']} SET COMMENT = '{comment}'")
    with pytest.raises(RefusedError, match="does not carry the marker"):
        row.delete()
    assert place.models() == [row.outs["saved_as"]]


def test_a_model_marked_anew_after_it_was_read_is_not_dropped(place: Place) -> None:
    _, row = place.trained()
    assert row.refresh()
    place.sql(f"ALTER MODEL {row.outs['saved_as']} SET COMMENT = 'somebody took it over'")
    with pytest.raises(RefusedError, match="does not carry the marker"):
        row.delete()
    assert place.models() == [row.outs["saved_as"]]


def test_where_the_name_is_taken_the_real_name_is_recorded_and_the_stranger_survives(
    place: Place, ear: Ear, new_host: Callable[..., Host]
) -> None:
    place = _listening(place, ear, new_host)
    job, name = place.suffixed()
    row = place.made(place.artifact(job))
    assert row.outs["saved_as"] == f"{name}_2"
    assert any(f"saved {name} as {name}_2" in line for line in ear.lines)
    assert row.refresh()
    assert row.up(place.artifact(job)) == "same"
    row.delete()
    job.delete()
    assert place.models() == [name]


def test_a_model_that_nothing_proves_ours_is_not_claimed(place: Place) -> None:
    job, name = place.suffixed()
    place.admin.call("collect", {"job": job.outs["job_id"]})
    with pytest.raises(RefusedError, match="nobody's marker"):
        place.host.create(Row(place).checked(place.artifact(job)))
    assert place.model(name)["comment"] in (None, "")


def test_a_new_comment_reaches_our_model_and_not_the_stranger_under_its_name(
    place: Place,
) -> None:
    job, name = place.suffixed()
    row = place.made(place.artifact(job))
    place.admin.call("collect", {"job": job.outs["job_id"]})
    assert row.up(place.artifact(job, comment="new")) == "update"
    assert row.outs["saved_as"] == f"{name}_2"
    assert place.model(f"{name}_2")["comment"].startswith("new\n[cortex-resources")
    assert place.model(name)["comment"] in (None, "")
    row.delete()
    assert place.models() == [name]


def test_earlier_models_are_recorded_and_go_with_the_artifact(place: Place) -> None:
    job, row = place.trained()
    first = row.outs["saved_as"]
    assert job.up(place.job(max_epochs=3)) == "replace"
    place.advance()
    assert row.up(place.artifact(job)) == "update"
    assert row.outs["previous_models"] == f"{first}\n"
    assert len(place.models()) == 2
    row.delete()
    assert place.models() == []


def test_a_reverted_spec_finds_its_model_and_records_the_other_one(place: Place) -> None:
    job, row = place.trained()
    first = row.outs["saved_as"]
    job.up(place.job(max_epochs=3))
    place.advance()
    row.up(place.artifact(job))
    second = row.outs["saved_as"]
    assert job.up(place.job()) == "replace"
    assert row.up(place.artifact(job)) == "update"
    assert (row.outs["saved_as"], row.outs["previous_models"]) == (first, f"{second}\n")
    assert place.spent == 2
    assert set(place.models()) == {first, second}


def test_a_stack_that_may_not_drop_keeps_model_and_view_and_says_so(
    place: Place, ear: Ear, new_host: Callable[..., Host]
) -> None:
    place = _listening(place, ear, new_host)
    job = place.made(place.job())
    place.advance()
    row = place.made(place.artifact(job, allow_drop=False))
    view = place.made(place.view(allow_drop=False))
    row.delete()
    view.delete()
    assert place.models() == [row.outs["saved_as"]]
    assert not place.statements(word="DROP")
    assert sum("allow_drop is false" in line for line in ear.lines) == 2


def test_privileges_stay_where_the_stack_may_not_revoke(place: Place) -> None:
    app = f"ROLE {place.db}_APP"
    row = place.made(place.privileges(f"USAGE to {app}", allow_revoke=False))
    _, failures = place.host.check(place.privileges(allow_revoke=False), row.inputs)
    assert [key for key, _ in failures] == ["privileges"]
    row.delete()
    assert place.grants(f"SCHEMA {place.db}.ML") == {f"USAGE to {app}"}


def test_a_privilege_that_was_there_before_survives_the_delete(place: Place) -> None:
    app = f"ROLE {place.db}_APP"
    place.sql("GRANT USAGE ON SCHEMA {db}.ML TO ROLE {db}_APP")
    row = place.made(place.privileges(f"MONITOR to {app}", f"USAGE to {app}"))
    row.delete()
    assert place.grants(f"SCHEMA {place.db}.ML") == {f"USAGE to {app}"}
