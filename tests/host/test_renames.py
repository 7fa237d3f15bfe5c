"""A model that somebody renamed is told by its new name, and nobody pays for it again."""

from __future__ import annotations

import pytest

from tests.host.place import Place, Row
from tests.host.process import RefusedError


def _renamed(place: Place, artifact: Row) -> str:
    wished, moved = artifact.outs["saved_as"], f"{place.db}.ML.MOVED"
    place.sql(f"ALTER MODEL {wished} RENAME TO {moved}")
    return moved


def test_a_renamed_model_is_told_by_its_new_name_until_it_has_the_old_one_again(
    place: Place,
) -> None:
    job, artifact = place.trained()
    moved = _renamed(place, artifact)
    assert artifact.refresh()
    assert job.refresh()
    failures = place.host.check(place.artifact(job), artifact.inputs | artifact.outs)[1]
    place.sql(f"ALTER MODEL {moved} RENAME TO {job.inputs['model_name']}")

    ((_, said),) = failures
    assert f"is now called {moved}" in said
    assert f"ALTER MODEL {moved} RENAME TO {job.inputs['model_name']}" in said
    assert "dropped" not in said
    with place.host.another() as artifact.host:
        artifact.refresh()
        assert artifact.up(place.artifact(job)) == "same"
    assert place.spent == 1


def test_where_only_the_name_of_a_paid_model_is_gone_preview_and_run_refuse_to_pay_again(
    place: Place,
) -> None:
    job, artifact = place.trained()
    moved = _renamed(place, artifact)
    artifact.delete()
    job.delete()
    assert place.models() == [moved], "a destroy leaves what is called otherwise, and says so"
    failures = place.host.check(place.job(), {})[1]
    with pytest.raises(RefusedError, match=f"model {moved} carries the marker of this very spec"):
        place.host.create(job.inputs)
    place.sql(f"ALTER MODEL {moved} RENAME TO {job.inputs['model_name']}")
    with place.host.another() as next_run:
        again = Row(place, host=next_run)
        assert again.up(place.job()) == "create"

    assert [said for _, said in failures if f"model {moved}" in said]
    assert again.outs["adopted"] is True
    assert place.spent == 1


def test_where_a_missing_model_is_trained_again_a_renamed_one_is_not(place: Place) -> None:
    job, artifact = place.trained(on_missing="retrain")
    declared = place.artifact(job, on_missing="retrain")
    artifact.up(declared)
    moved = _renamed(place, artifact)
    job.refresh()
    artifact.refresh()

    assert job.up(place.job(on_missing="retrain")) == "same"
    ((_, said),) = place.host.check(declared, artifact.inputs | artifact.outs)[1]
    assert f"is now called {moved}" in said
    assert place.spent == 1


def test_a_copy_under_another_declared_name_is_no_renamed_model(place: Place) -> None:
    place.trained()
    place.trained(key="other", model=f"{place.db}.ML.OTHER")
    assert place.spent == 2
