"""What this run declares again is never taken away by the removal of what stood there before."""

from __future__ import annotations

from collections.abc import Callable

from tests.host.conftest import Ear
from tests.host.place import Place, Row
from tests.host.process import Host


def _replaced_by_force(row: Row) -> None:
    """`pulumi up --replace`: the same declaration is made anew, then the old one is removed."""
    old = (row.id, row.outs)
    with row.place.host.another() as host:
        inputs, failures = host.check(row.inputs, {})
        assert failures == []
        host.create(inputs)
        host.delete(*old)


def _renamed(row: Row, declared: dict[str, object]) -> None:
    """The resource has another key in the stack file: one is made, the other removed."""
    with row.place.host.another() as host:
        inputs, failures = host.check(declared, {})
        assert failures == []
        host.create(inputs)
        host.delete(row.id, row.outs)


def test_a_forced_replacement_of_an_artifact_keeps_its_model(place: Place) -> None:
    job = place.made(place.job())
    place.advance()
    artifact = place.made(place.artifact(job))
    _replaced_by_force(artifact)
    assert place.models() == [job.inputs["model_name"]]


def test_a_forced_replacement_of_a_running_job_does_not_cancel_it(place: Place) -> None:
    row = place.made(place.job())
    _replaced_by_force(row)
    assert [job["status"] for job in place.jobs()] == ["PENDING"]
    assert place.spent == 1


def test_a_forced_replacement_of_a_view_keeps_it(place: Place) -> None:
    row = place.made(place.view())
    _replaced_by_force(row)
    assert row.refresh()


def test_a_forced_replacement_of_grants_revokes_nothing(place: Place) -> None:
    line = f"MONITOR to ROLE {place.db}_APP"
    row = place.made(place.privileges(line))
    _replaced_by_force(row)
    assert place.grants(f"SCHEMA {place.db}.ML") == {line}


def test_a_renamed_key_adopts_the_model_and_pays_nothing(place: Place) -> None:
    job = place.made(place.job())
    place.advance()
    artifact = place.made(place.artifact(job))
    new_job = place.made(place.job("docs2"))
    assert new_job.outs["adopted"] is True
    _renamed(artifact, place.artifact(new_job, key="docs2"))
    _renamed(job, place.job("docs2"))
    assert place.spent == 1
    assert place.models() == [job.inputs["model_name"]]
    assert "/docs2 " in place.model(job.inputs["model_name"])["comment"]


def test_a_key_that_is_renamed_and_edited_keeps_the_model_it_had(place: Place) -> None:
    job, artifact = place.trained()
    new_job = place.made(place.job("docs2", max_epochs=5))
    place.advance()
    _renamed(artifact, place.artifact(new_job, key="docs2"))
    _renamed(job, place.job("docs2", max_epochs=5))
    assert sorted(place.models()) == sorted(row.inputs["model_name"] for row in (job, new_job))


def test_a_key_that_is_renamed_and_edited_keeps_the_unclaimed_model_it_had(place: Place) -> None:
    job = place.made(place.job())
    place.advance()
    _renamed(job, place.job("docs2", max_epochs=5))
    assert job.inputs["model_name"] in place.models()


def test_a_renamed_key_adopts_the_running_job(place: Place) -> None:
    row = place.made(place.job())
    _renamed(row, place.job("docs2"))
    assert place.spent == 1
    assert [job["status"] for job in place.jobs()] == ["PENDING"]


def test_a_renamed_key_of_a_view_keeps_it_ours(place: Place) -> None:
    row = place.made(place.view())
    _renamed(row, place.view("train2"))
    assert row.refresh()
    again = place.made(place.view("train2"))
    assert again.outs["is_owned"] is True
    again.delete()
    with place.host.another() as again.host:
        assert not again.refresh()


def test_a_policy_that_forbids_drops_now_counts_for_what_leaves_now(place: Place) -> None:
    row = place.made(place.view(allow_drop=True))
    other = place.view("other", name=f"{place.db}.ML.OTHER", allow_drop=False)
    with place.host.another() as host:
        host.check(other, {})
        host.delete(row.id, row.outs)
    assert row.refresh()


def test_another_account_behind_the_connection_is_refused(place: Place) -> None:
    row = place.made(place.view())
    _, failures = place.host.check({**row.inputs, "connection": "nowhere"}, row.inputs)
    assert [failure[0] for failure in failures] == ["connection"]


def test_a_forced_replacement_beside_an_edit_keeps_every_model_of_the_name(place: Place) -> None:
    _, artifact = place.trained()
    job = place.made(place.job(max_epochs=5))
    place.advance()
    assert artifact.up(place.artifact(job)) == "update"
    next_one = place.made(place.job(max_epochs=7))
    place.advance()
    old = (artifact.id, artifact.outs)
    with place.host.another() as host:
        inputs, failures = host.check(place.artifact(next_one), artifact.inputs)
        assert failures == []
        host.create(inputs)
        host.delete(*old)
    assert len(place.models()) == 3


def test_a_preview_of_another_name_tells_which_models_go_with_the_old_one(
    place: Place, ear: Ear, new_host: Callable[..., Host]
) -> None:
    first, artifact = place.trained()
    job = place.made(place.job(max_epochs=5))
    place.advance()
    assert artifact.up(place.artifact(job)) == "update"
    renamed = place.made(place.job(model=f"{place.db}.ML.ALPACA"))
    host = new_host(engine=ear.address)
    inputs, _ = host.check(place.artifact(renamed), artifact.inputs)
    _, replaces = host.diff(artifact.id, artifact.outs, inputs)

    assert replaces == ["model"]
    told = [line for line in ear.lines if "will be dropped" in line]
    assert len(told) == 1
    assert first.inputs["model_name"] in told[0]
    assert job.inputs["model_name"] in told[0]


def test_a_preview_of_another_name_where_nothing_may_be_dropped_tells_of_no_drop(
    place: Place, ear: Ear, new_host: Callable[..., Host]
) -> None:
    _, artifact = place.trained()
    renamed = place.made(place.job(model=f"{place.db}.ML.ALPACA"))
    host = new_host(engine=ear.address)
    for more in ({"allow_drop": False}, {"__withheld": "retain"}):
        inputs, _ = host.check(place.artifact(renamed, **more), artifact.inputs)
        host.diff(artifact.id, artifact.outs, inputs)
    assert not any("will be dropped" in line for line in ear.lines)
