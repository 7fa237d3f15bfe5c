"""A model that is not seen is not called gone: only a role that sees every model proves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.host.conftest import Ear
from tests.host.place import Place, Row
from tests.host.process import Host, RefusedError


def _given(place: Place) -> str:
    """The trainer holds what it needs, and another role is there."""
    place.sql(
        "CREATE ROLE {db}_OTHER; GRANT USAGE ON DATABASE {db} TO ROLE {db}_TRAINER;"
        "GRANT USAGE, CREATE MODEL ON SCHEMA {db}.ML TO ROLE {db}_TRAINER;"
        "GRANT SELECT ON TABLE {db}.ML.PAIRS TO ROLE {db}_TRAINER;"
        "GRANT ROLE {db}_TRAINER TO USER LOCAL_ADMIN"
    )
    return f"{place.db}_TRAINER"


@pytest.fixture
def small(place: Place, ear: Ear, new_host: Callable[..., Host]) -> Place:
    """A place whose connection has a role that sees its own models and no others."""
    host = new_host(engine=ear.address, SNOWFLAKE_ROLE=_given(place))
    return replace(place, host=host)


def _moved(place: Place, row: Row) -> None:
    place.sql(f"GRANT OWNERSHIP ON MODEL {row.outs['saved_as']} TO ROLE {{db}}_OTHER")


def _again(place: Place, new_host: Callable[..., Host], *rows: Row) -> None:
    """Another run: its host has read nothing yet."""
    place.host = new_host(SNOWFLAKE_ROLE=f"{place.db}_TRAINER")
    for row in rows:
        assert row.refresh()


def test_a_model_that_went_to_another_role_is_not_called_dropped_and_not_trained_again(
    small: Place, new_host: Callable[..., Host]
) -> None:
    job, row = small.trained(on_missing="retrain")
    assert job.refresh()
    _moved(small, row)
    _again(small, new_host, job, row)
    assert job.up(small.job(on_missing="retrain")) == "same"
    declared = small.artifact(job, on_missing="retrain")
    _, [(key, text)] = small.host.check(declared, row.inputs)
    assert key == "model_name"
    assert f"is not visible to ROLE {small.db}_TRAINER" in text
    assert "waits for proof" in text
    assert small.spent == 1


def test_where_the_state_was_lost_too_nothing_is_paid_without_proof(
    small: Place, new_host: Callable[..., Host]
) -> None:
    job, row = small.trained(on_missing="retrain")
    _moved(small, row)
    first = job.outs["job_id"]
    job.lost()
    _again(small, new_host)
    assert job.up(small.job(on_missing="retrain")) == "create"
    assert (job.outs["job_id"], job.outs["adopted"], small.spent) == (first, True, 1)


def test_a_model_that_was_dropped_is_not_trained_again_without_proof(
    small: Place, new_host: Callable[..., Host]
) -> None:
    job, row = small.trained(on_missing="retrain")
    assert job.refresh()
    small.sql(f"DROP MODEL {row.outs['saved_as']}")
    _again(small, new_host, job)
    assert job.up(small.job(on_missing="retrain")) == "same"
    small.sql("GRANT MANAGE GRANTS ON ACCOUNT TO ROLE {db}_TRAINER")
    _again(small, new_host, job)
    assert job.up(small.job(on_missing="retrain")) == "replace"
    assert small.spent == 2


def test_a_permission_that_is_given_after_the_loss_counts_in_the_same_run(
    place: Place, new_host: Callable[..., Host]
) -> None:
    job, row = place.trained()
    assert job.refresh()
    assert job.up(place.job(on_missing="retrain")) == "update", "the model is there"
    assert job.up(place.job(on_missing="error")) == "update"
    place.sql(f"DROP MODEL {row.outs['saved_as']}")
    place.host = new_host()
    assert job.refresh()
    assert job.up(place.job(on_missing="retrain")) == "replace"
    assert place.spent == 2


def test_a_model_that_is_shown_to_us_again_is_served(
    small: Place, new_host: Callable[..., Host]
) -> None:
    job, row = small.trained()
    _moved(small, row)
    _again(small, new_host, row)
    assert row.outs["phase"] == "MISSING"
    small.sql(f"GRANT USAGE ON MODEL {row.outs['saved_as']} TO ROLE {{db}}_TRAINER")
    _again(small, new_host, row)
    assert row.outs["phase"] == "READY"
    assert row.up(small.artifact(job)) == "same"


def test_a_model_that_only_the_connections_role_sees_is_there(place: Place) -> None:
    trainer = _given(place)
    job = place.made(place.job(role=trainer))
    place.advance()
    row = place.made(place.artifact(job, role=trainer))
    _moved(place, row)
    with place.host.another() as host:
        row.host = host
        assert row.refresh()
        assert row.outs["phase"] == "READY"
        host.delete(row.id, row.outs)
    assert place.models() == [row.outs["saved_as"]]


def test_a_destroy_leaves_a_model_that_it_does_not_see_and_says_so(small: Place, ear: Ear) -> None:
    _, row = small.trained()
    _moved(small, row)
    row.delete()
    assert small.models() == [row.outs["saved_as"]]
    assert any("is not visible to" in line and "stays" in line for line in ear.lines)


def test_a_harvest_of_a_model_that_went_to_another_role_fails_with_both_remedies(
    small: Place,
) -> None:
    job = small.made(small.job())
    small.advance()
    small.sql(f"GRANT OWNERSHIP ON MODEL {job.inputs['model_name']} TO ROLE {{db}}_OTHER")
    with pytest.raises(RefusedError, match=r"GRANT USAGE ON MODEL .* new retrain_token"):
        small.host.create(small.artifact(job))
