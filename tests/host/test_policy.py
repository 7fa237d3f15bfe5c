"""What a preview refuses before anything is paid: policy, privileges, faults of the declaration."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cortex_resources.model.grants import Privilege, Securable
from cortex_resources.preflight.submit import declared_lines
from tests.host.place import Place, Row
from tests.host.process import Bag, RefusedError

MODEL = "CREATE MODEL"


def _needed(db: str) -> list[tuple[str, str]]:
    return [(f"DATABASE {db}", "USAGE"), (f"SCHEMA {db}.ML", "USAGE"), (f"SCHEMA {db}.ML", MODEL)]


def _as_trainer(place: Place, *declared: tuple[str, str]) -> Bag:
    role = f"{place.db}_TRAINER"
    pairs = frozenset(
        (Securable.parse(on), Privilege.parse(f"{word} to ROLE {role}")) for on, word in declared
    )
    return place.job(role=role, __declared=declared_lines(pairs))


def test_what_a_role_of_the_account_holds_counts_once_the_stack_gives_it_to_the_jobs_role(
    place: Place,
) -> None:
    """The account alone knows what READER holds, and what is below it."""
    place.sql(
        "CREATE ROLE {db}_READER; CREATE ROLE {db}_DEEP; GRANT ROLE {db}_DEEP TO ROLE {db}_READER;"
        " GRANT USAGE ON DATABASE {db} TO ROLE {db}_READER;"
        " GRANT USAGE, CREATE MODEL ON SCHEMA {db}.ML TO ROLE {db}_DEEP"
    )
    ((_, text),) = place.host.check(_as_trainer(place))[1]
    assert f"GRANT CREATE MODEL ON SCHEMA {place.db}.ML" in text
    given = f"ROLE {place.db}_READER\tUSAGE to ROLE {place.db}_TRAINER\n"
    job = {**_as_trainer(place), "__declared": given}
    assert place.host.check(job)[1] == []


def test_a_planned_job_is_refused_where_training_is_not_allowed(place: Place) -> None:
    _, failures = place.host.check(place.job(allow_training=False))
    assert [key for key, _ in failures] == ["allow_training"]
    assert "allow_training is false" in failures[0][1]
    with pytest.raises(RefusedError, match="allow_training is false"):
        place.host.create(place.job(allow_training=False))
    assert place.changes() == []


def test_an_existing_job_stays_fine_where_training_is_not_allowed(place: Place) -> None:
    row = place.made(place.job())
    before = place.admin.last
    assert row.up(place.job(allow_training=False)) == "same"
    assert place.admin.statements(before) == []


def test_a_model_with_our_marker_passes_where_training_is_not_allowed(place: Place) -> None:
    job, _ = place.trained()
    job.lost()
    assert job.up(place.job(allow_training=False)) == "create"
    assert place.spent == 1


def test_a_model_that_is_adopted_needs_no_privileges(place: Place) -> None:
    declared = _as_trainer(place)
    assert place.host.check(declared)[1], "the role lacks something"
    job, _ = place.trained()
    job.lost()
    assert place.host.check(declared)[1] == []


def test_a_model_of_another_stack_does_not_pass_where_training_is_not_allowed(
    place: Place,
) -> None:
    place.trained()
    other = {**place.job(allow_training=False), "__owner": "proj/prod/docs"}
    ((key, text),) = place.host.check(other)[1]
    assert (key, "another stack" in text) == ("model", True)


def test_a_running_job_of_ours_passes_where_training_is_not_allowed(place: Place) -> None:
    job = place.made(place.job())
    job.lost()
    assert job.up(place.job(allow_training=False)) == "create"
    assert place.spent == 1


def test_missing_privileges_are_a_failure_that_prints_the_grants(place: Place) -> None:
    _, failures = place.host.check(_as_trainer(place))
    [(key, text)] = failures
    assert key == "role"
    db = place.db
    for grant in (
        f"GRANT USAGE ON DATABASE {db} TO ROLE {db}_TRAINER",
        f"GRANT USAGE ON SCHEMA {db}.ML TO ROLE {db}_TRAINER",
        f"GRANT CREATE MODEL ON SCHEMA {db}.ML TO ROLE {db}_TRAINER",
    ):
        assert grant in text
    assert place.changes() == []


def test_the_printed_grants_are_exactly_what_is_missing(place: Place) -> None:
    text = place.host.check(_as_trainer(place))[1][0][1]
    place.sql(text.partition("run: ")[2])
    place.host.create(place.view())
    assert place.host.check(_as_trainer(place))[1] == []


def test_grants_that_the_stack_declares_count_as_held_and_are_not_asked_about(place: Place) -> None:
    before = place.admin.last
    _, failures = place.host.check(_as_trainer(place, *_needed(place.db)))
    assert failures == []
    asked = [row["sql"] for row in place.admin.statements(before)]
    assert asked, "whether there is something to adopt"
    assert not [sql for sql in asked if "GRANTS" in sql or "ROLE" in sql]


def _reading(place: Place) -> Bag:
    """A job of a role that holds all but the right to read the view that it is trained on."""
    job = _as_trainer(place, *_needed(place.db))
    query = f"SELECT PROMPT, COMPLETION FROM {place.db}.ML.TRAIN"
    return {**job, "training_query": query, "__reads": f"VIEW {place.db}.ML.TRAIN"}


def _unread(place: Place) -> str:
    _, failures = place.host.check(_reading(place))
    [(key, text)] = failures or [("", "")]
    assert key == ("role" if text else "")
    return text


def test_a_role_that_nobody_gives_its_view_is_refused_before_the_view_is_made(place: Place) -> None:
    assert f"may not read VIEW {place.db}.ML.TRAIN" in _unread(place)
    place.sql(f"GRANT SELECT ON FUTURE VIEWS IN SCHEMA {place.db}.ML TO ROLE {place.db}_TRAINER")
    with place.host.another() as host:
        assert _unread(replace(place, host=host)) == ""


def test_a_role_that_nobody_gives_a_view_that_is_there_is_refused_until_it_is_given(
    place: Place,
) -> None:
    place.host.create(place.view())
    text = _unread(place)
    assert place.changes()[1:] == []
    place.sql(text.rpartition("run: ")[2])
    with place.host.another() as host:
        assert _unread(replace(place, host=host)) == ""


def test_only_what_is_not_declared_is_printed(place: Place) -> None:
    _, failures = place.host.check(_as_trainer(place, *_needed(place.db)[:2]))
    [(_, text)] = failures
    assert "CREATE MODEL" in text
    assert "GRANT USAGE" not in text


def test_the_check_before_a_replacement_asks_again(place: Place) -> None:
    row = place.made(place.job())
    news = place.job(max_epochs=3, allow_training=False)
    assert place.host.check(news, row.inputs)[1]
    assert place.host.check(news, {})[1]
    assert place.spent == 1


def test_a_base_model_written_in_another_case_is_no_change_and_no_new_job(place: Place) -> None:
    row = place.made(place.job())
    before = place.admin.last
    assert row.up(place.job(base_model="LLAMA3.1-8B")) == "same"
    assert place.admin.statements(before) == []


def test_an_unchanged_job_is_checked_without_a_statement(place: Place) -> None:
    row = place.made(place.job())
    before = place.admin.last
    row.checked(place.job())
    assert place.admin.statements(before) == []


def test_every_fault_of_a_job_is_told_at_once(place: Place) -> None:
    inputs, failures = place.host.check(
        place.job(training_query="SELECT Q FROM T; -- more", max_epochs=11)
    )
    keys = [key for key, _ in failures]
    assert keys.count("training_query") >= 2
    assert "max_epochs" in keys
    assert inputs["max_epochs"] == 11


def test_a_query_without_the_two_columns_is_refused_before_a_view_is_made(place: Place) -> None:
    _, failures = place.host.check(place.view(query=f"SELECT Q FROM {place.db}.ML.PAIRS"))
    assert {key for key, _ in failures} == {"query"}
    with pytest.raises(RefusedError, match="gives no"):
        place.host.create(place.view(query=f"SELECT * FROM {place.db}.ML.PAIRS"))
    assert place.statements("CHANGE") == []


def test_a_budget_that_is_too_small_stops_before_the_paid_statement(place: Place) -> None:
    with pytest.raises(RefusedError, match=r"budget\.max_trained_tokens is 1"):
        Row(place).up(place.job(max_trained_tokens=1))
    assert place.spent == 0


def test_a_base_model_that_trains_on_datasets_is_refused_before_anything_is_paid(
    place: Place,
) -> None:
    _, failures = place.host.check(place.job(base_model="arctic-extract"))
    assert [key for key, _ in failures] == ["base_model"]
    assert place.spent == 0
