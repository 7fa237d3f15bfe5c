"""Each verb of each kind, as the engine calls them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.host.place import Place
from tests.host.process import UNKNOWN, Bag, RefusedError

NAMED = {
    "privileges": "on",
    "roles": "role_granted",
    "view": "name",
    "snapshot": "name",
    "job": "model",
}
KINDS = tuple(NAMED)


def _declared(place: Place, kind: str) -> Bag:
    makers: dict[str, Callable[[], Bag]] = {
        "privileges": lambda: place.privileges(f"USAGE to ROLE {place.db}_APP"),
        "roles": lambda: place.roles(f"ROLE {place.db}_TRAINER"),
        "view": place.view,
        "snapshot": place.snapshot,
        "job": place.job,
    }
    return makers[kind]()


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_run_of_the_same_declaration_sends_nothing(place: Place, kind: str) -> None:
    row = place.made(_declared(place, kind))
    before = place.admin.last
    assert row.up(_declared(place, kind)) == "same"
    assert place.admin.statements(before) == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_refresh_reads_right_after_a_create_is_no_difference(
    place: Place, kind: str
) -> None:
    row = place.made(_declared(place, kind))
    inputs = dict(row.inputs)
    assert row.refresh()
    assert row.inputs == inputs
    assert row.up(_declared(place, kind)) == "same"


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_delete_does_nothing(place: Place, kind: str) -> None:
    row = place.made(_declared(place, kind))
    row.delete()
    before = len(place.changes())
    row.delete()
    assert len(place.changes()) == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_create_after_a_lost_state_adopts_and_changes_nothing(place: Place, kind: str) -> None:
    row = place.made(_declared(place, kind))
    id_, before = row.id, place.changes()
    row.lost()
    assert row.up(_declared(place, kind)) == "create"
    failed_attempts = [s for s in place.changes() if s.startswith(("CREATE VIEW", "CREATE TABLE"))]
    assert [s for s in place.changes() if s not in failed_attempts] == [
        s for s in before if s not in failed_attempts
    ]
    assert row.id == id_


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_values_are_passed_through_check_and_count_as_a_change(
    place: Place, kind: str
) -> None:
    declared = _declared(place, kind)
    row = place.made(declared)
    for key in [k for k in declared if not k.startswith("__")]:
        news = {**declared, key: UNKNOWN}
        inputs, failures = place.host.check(news, row.inputs)
        assert failures == []
        assert inputs[key] == UNKNOWN
        changes, _ = place.host.diff(row.id, row.outs, inputs)
        assert changes == "unknown", key


def test_an_unknown_value_that_would_retrain_is_shown_as_a_replacement(place: Place) -> None:
    row = place.made(place.job())
    news = {**row.inputs, "training_query": UNKNOWN}
    inputs, _ = place.host.check(news, row.inputs)
    assert place.host.diff(row.id, row.outs, inputs) == ("unknown", ["training_query"])


@pytest.mark.parametrize("kind", KINDS)
def test_check_gives_back_the_inputs_also_with_failures(place: Place, kind: str) -> None:
    wrong = NAMED[kind]
    news = {**_declared(place, kind), wrong: "no name; at all"}
    inputs, failures = place.host.check(news)
    assert failures
    assert inputs[wrong] == "no name; at all"
    assert inputs["connection"] == "local"


def test_privileges_are_granted_changed_and_revoked(place: Place) -> None:
    on, app, trainer = f"SCHEMA {place.db}.ML", f"ROLE {place.db}_APP", f"ROLE {place.db}_TRAINER"
    row = place.made(place.privileges(f"USAGE to {app}"))
    assert place.grants(on) == {f"USAGE to {app}"}

    changed = place.privileges(f"CREATE MODEL to {trainer}", f"USAGE to {trainer}")
    assert row.up(changed) == "update"
    assert place.grants(on) == {f"CREATE MODEL to {trainer}", f"USAGE to {trainer}"}

    row.delete()
    assert place.grants(on) == set()


def test_privileges_changed_outside_are_read_as_inputs_and_repaired(place: Place) -> None:
    app = f"ROLE {place.db}_APP"
    declared = place.privileges(f"USAGE to {app}", f"MONITOR to {app}")
    row = place.made(declared)
    place.sql("REVOKE MONITOR ON SCHEMA {db}.ML FROM ROLE {db}_APP")
    place.host.create(place.roles(f"ROLE {place.db}_TRAINER"))
    assert row.refresh()
    assert row.inputs["privileges"] == f"USAGE to {app}\n"
    assert row.up(declared) == "update"
    assert place.grants(f"SCHEMA {place.db}.ML") == {f"USAGE to {app}", f"MONITOR to {app}"}


def test_another_object_is_a_replacement_that_revokes_on_the_old_one(place: Place) -> None:
    app = f"ROLE {place.db}_APP"
    row = place.made(place.privileges(f"USAGE to {app}"))
    assert row.up(place.privileges(f"USAGE to {app}", on=f"DATABASE {place.db}")) == "replace"
    assert place.grants(f"SCHEMA {place.db}.ML") == set()
    assert place.grants(f"DATABASE {place.db}") == {f"USAGE to {app}"}


def test_privileges_on_an_object_that_vanished_stay_in_the_state(place: Place) -> None:
    row = place.made(place.privileges(f"USAGE to ROLE {place.db}_APP"))
    place.sql("DROP SCHEMA {db}.ML")
    place.host.create(place.roles(f"ROLE {place.db}_TRAINER"))
    assert row.refresh()
    assert row.inputs["privileges"] == ""
    row.delete()


def test_holders_of_a_role_are_granted_changed_and_revoked(place: Place) -> None:
    on, trainer = f"ROLE {place.db}_APP", f"ROLE {place.db}_TRAINER"
    row = place.made(place.roles(trainer))
    assert f"USAGE to {trainer}" in place.grants(on)
    assert row.up(place.roles("ROLE USERADMIN")) == "update"
    assert f"USAGE to {trainer}" not in place.grants(on)
    assert "USAGE to ROLE USERADMIN" in place.grants(on)
    row.delete()
    assert "USAGE to ROLE USERADMIN" not in place.grants(on)
    assert "USAGE to ROLE SYSADMIN" in place.grants(on), "it was there before"


def test_a_view_is_replaced_in_place_and_keeps_what_is_granted_on_it(place: Place) -> None:
    row = place.made(place.view())
    place.sql("GRANT SELECT ON VIEW {db}.ML.TRAIN TO ROLE {db}_APP")
    query = f"SELECT Q AS prompt, A AS completion FROM {place.db}.ML.PAIRS WHERE A <> ''"
    assert row.up(place.view(query=query)) == "update"
    assert place.grants(f"VIEW {place.db}.ML.TRAIN") == {f"SELECT to ROLE {place.db}_APP"}
    row.delete()
    assert place.statements(word="DROP VIEW") == [f"DROP VIEW {place.db}.ML.TRAIN"]


def test_a_view_changed_outside_is_read_as_inputs_and_repaired(place: Place) -> None:
    row = place.made(place.view())
    place.sql(
        "CREATE OR REPLACE VIEW {db}.ML.TRAIN COMMENT = 'mine' AS "
        "SELECT A AS prompt, Q AS completion FROM {db}.ML.PAIRS"
    )
    place.host.create(place.roles(f"ROLE {place.db}_TRAINER"))
    assert row.refresh()
    assert row.inputs["query"].startswith("SELECT A AS prompt")
    assert row.inputs["comment"] == "mine"
    assert row.up(place.view()) == "update"
    assert row.refresh()
    assert row.inputs["query"].startswith("SELECT Q AS prompt")
    assert row.inputs["comment"] == ""


def test_a_vanished_view_is_gone_and_made_again(place: Place) -> None:
    row = place.made(place.view())
    place.sql("DROP VIEW {db}.ML.TRAIN")
    place.host.create(place.roles(f"ROLE {place.db}_TRAINER"))
    assert not row.refresh()
    assert row.up(place.view()) == "create"


def test_a_view_of_somebody_else_is_neither_replaced_nor_dropped(place: Place) -> None:
    place.sql("CREATE VIEW {db}.ML.TRAIN AS SELECT Q AS prompt, Q AS completion FROM {db}.ML.PAIRS")
    with pytest.raises(RefusedError, match="was not made by this stack"):
        place.host.create(place.view())
    assert place.statements("DESTROY") == []


def test_a_renamed_view_is_made_before_the_old_one_is_dropped(place: Place) -> None:
    row = place.made(place.view())
    assert row.up(place.view(name=f"{place.db}.ML.OTHER")) == "replace"
    sent = [s.split(" AS ")[0] for s in place.changes()]
    assert sent[-2:] == [f"CREATE VIEW {place.db}.ML.OTHER", f"DROP VIEW {place.db}.ML.TRAIN"]


def test_a_job_with_another_budget_or_role_is_an_update_that_sends_nothing(place: Place) -> None:
    row = place.made(place.job())
    before = place.admin.last
    assert row.up(place.job(max_trained_tokens=1_000_000, allow_drop=False)) == "update"
    assert place.admin.statements(before) == []
    assert row.outs["job_id"].startswith("ft_")


def test_numbers_arrive_as_floats_and_are_whole_again_in_sql(place: Place) -> None:
    place.made(place.job(max_epochs=3.0, max_trained_tokens=900_000.0))
    assert '{"max_epochs": 3}' in place.statements("SPEND")[0]


def test_another_epoch_count_is_a_replacement_with_a_second_job(place: Place) -> None:
    row = place.made(place.job())
    first = row.id
    assert row.up(place.job(max_epochs=3)) == "replace"
    assert row.id != first
    assert place.spent == 2


def test_a_job_reads_its_live_status_until_it_is_final(place: Place) -> None:
    row = place.made(place.job())
    assert row.outs["status"] == "PENDING"
    place.advance()
    assert row.refresh()
    assert row.outs["status"] == "SUCCESS"
    before = place.admin.last
    assert row.refresh()
    assert place.admin.statements(before) == []


def test_an_artifact_claims_its_model_and_a_second_run_is_the_same(place: Place) -> None:
    job, row = place.trained()
    assert row.outs["phase"] == "READY"
    assert row.outs["saved_as"] == job.inputs["model_name"]
    assert "proj/dev/docs" in place.model(row.outs["saved_as"])["comment"]
    assert row.refresh()
    assert row.up(place.artifact(job)) == "same"


def test_a_comment_changed_outside_is_read_and_repaired_beside_the_marker(place: Place) -> None:
    job = place.made(place.job())
    place.advance()
    declared = place.artifact(job, comment="ours")
    row = place.made(declared)
    name = row.outs["saved_as"]
    marker = place.model(name)["comment"].splitlines()[-1]
    place.sql(f"ALTER MODEL {name} SET COMMENT = 'theirs\n{marker}'")
    place.host.create(place.roles(f"ROLE {place.db}_TRAINER"))
    assert row.refresh()
    assert row.inputs["comment"] == "theirs"
    assert row.up(declared) == "update"
    assert place.model(name)["comment"] == f"ours\n{marker}"


def test_a_model_dropped_outside_stays_in_the_state_and_is_not_trained_again(place: Place) -> None:
    job, row = place.trained()
    place.sql(f"DROP MODEL {row.outs['saved_as']}")
    place.host.create(place.roles(f"ROLE {place.db}_TRAINER"))
    assert row.refresh()
    assert row.outs["phase"] == "MISSING"
    _, failures = place.host.check(place.artifact(job), row.inputs)
    assert "dropped outside this stack" in str(failures)
    assert row.up(place.artifact(job, on_missing="warn")) == "update"
    assert row.up(place.artifact(job, on_missing="warn")) == "same"
    row.delete()
    assert place.spent == 1


def test_an_artifact_adopts_after_a_lost_state(place: Place) -> None:
    job, row = place.trained()
    row.lost()
    changes = len(place.changes())
    assert row.up(place.artifact(job)) == "create"
    assert row.outs["phase"] == "READY"
    assert len(place.changes()) == changes


def test_an_unknown_job_in_an_artifact_is_no_crash(place: Place) -> None:
    job, row = place.trained()
    inputs, failures = place.host.check({**place.artifact(job), "job": UNKNOWN}, row.inputs)
    assert failures == []
    assert place.host.diff(row.id, row.outs, inputs) == ("unknown", [])


def test_everything_of_ours_disappears_at_the_end(place: Place) -> None:
    job, row = place.trained()
    row.delete()
    job.delete()
    row.delete()
    assert place.models() == []
    assert len(place.statements(word="DROP MODEL")) == 1
