"""The alias of a model through its life: consumers always have a function, and it is ours."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.host.place import Place, Row
from tests.host.process import UNKNOWN, Host, RefusedError


def _says(place: Place) -> str:
    """What a consumer's call answers, as far as it tells the model."""
    rows = place.admin.call("state")["objects"]
    found = [row for row in rows if row["name"].startswith(f"{place.db}.ML.COMPLETE")]
    return "\n".join(str(row.get("comment")) for row in found)


def _served(place: Place) -> tuple[Row, Row]:
    job, _ = place.trained()
    return job, place.made(place.alias(job))


def test_an_alias_is_made_read_dropped_and_what_it_calls_stays(place: Place) -> None:
    job, row = _served(place)
    assert row.outs["serves"] == row.outs["target"] == job.inputs["model_name"]
    assert row.refresh()
    assert row.up(place.alias(job)) == "same"
    assert row.inputs["target"] == job.inputs["model_name"]
    row.delete()
    row.delete()
    assert place.statements("DESTROY") == [f"DROP FUNCTION {place.db}.ML.COMPLETE(VARCHAR)"]
    assert place.models() == [job.inputs["model_name"]]


def test_another_version_is_one_statement_and_only_with_clearance(place: Place) -> None:
    first, row = _served(place)
    second, _ = place.trained(max_epochs=3)
    place.sql("GRANT USAGE ON FUNCTION {db}.ML.COMPLETE(VARCHAR) TO ROLE {db}_APP")
    assert row.up(place.alias(second, is_cleared=False)) == "same"
    assert row.up(place.alias(second, __cleared=first.inputs["spec_hash"])) == "same"
    assert row.up(place.alias(second, is_cleared=False, comment="new")) == "update"
    assert row.outs["serves"] == first.inputs["model_name"]
    before = len(place.changes())
    assert row.up(place.alias(second, comment="new")) == "update"
    assert len(place.changes()) == before + 1
    assert row.outs["serves"] == row.outs["target"] == second.inputs["model_name"]
    assert row.refresh()
    assert row.up(place.alias(second, comment="new")) == "same"
    assert place.grants(f"FUNCTION {place.db}.ML.COMPLETE") == {f"USAGE to ROLE {place.db}_APP"}


def test_what_may_be_served_later_is_a_difference_in_the_preview(place: Place) -> None:
    _, row = _served(place)
    second = place.made(place.job(max_epochs=3))
    inputs = row.checked(place.alias(second, __cleared=UNKNOWN))
    assert place.host.diff(row.id, row.outs, inputs)[0] == "unknown"


def test_without_clearance_nothing_is_made_and_a_later_run_makes_it(place: Place) -> None:
    job, _ = place.trained()
    row = place.made(place.alias(job, is_cleared=False))
    assert (row.outs["target"], row.outs["serves"]) == ("", "")
    assert row.refresh()
    assert row.up(place.alias(job, is_cleared=False)) == "same"
    assert place.statements(word="CREATE FUNCTION") == []
    assert row.up(place.alias(job)) == "update"
    assert len(place.statements(word="CREATE FUNCTION")) == 1
    assert row.refresh()
    assert row.up(place.alias(job)) == "same"


def test_a_pinned_version_is_served_at_once_and_a_wrong_one_is_told_before(place: Place) -> None:
    first, row = _served(place)
    second, _ = place.trained(max_epochs=3)
    assert row.up(place.alias(second)) == "update"
    pin = first.inputs["spec_hash"][:12]
    assert row.up(place.alias(second, is_cleared=False, pin=pin.upper())) == "update"
    assert row.outs["serves"] == first.inputs["model_name"]
    assert row.refresh()
    assert row.up(place.alias(second, pin=pin)) == "same"
    _, failures = place.host.check(place.alias(second, pin="0" * 10), row.inputs)
    assert failures[0][0] == "pin"
    assert first.inputs["model_name"] in failures[0][1]
    assert second.inputs["model_name"] in failures[0][1]


def test_a_body_that_somebody_changed_is_told_and_brought_back(place: Place) -> None:
    job, row = _served(place)
    marker = _says(place)
    place.sql(
        "CREATE OR REPLACE FUNCTION {db}.ML.COMPLETE(PROMPT VARCHAR) RETURNS VARCHAR"
        f" COMMENT = 'mine\n{marker}' AS $$AI_COMPLETE('{{db}}.ML.MINE', PROMPT)::VARCHAR$$"
    )
    place.host.create(place.roles(f"ROLE {place.db}_TRAINER"))
    assert row.refresh()
    assert row.inputs["target"] == f"{place.db}.ML.MINE"
    assert row.inputs["comment"] == "mine"
    assert row.up(place.alias(job)) == "update"
    assert row.refresh()
    assert row.up(place.alias(job)) == "same"
    assert _says(place) == marker


def test_a_body_that_somebody_changed_is_brought_back_while_a_new_version_waits(
    place: Place,
) -> None:
    first, row = _served(place)
    served, marker = first.inputs["model_name"], _says(place)
    second = place.made(place.job(max_epochs=3))
    waiting = place.alias(second, is_cleared=False)
    assert row.up(waiting) == "same"
    place.sql(
        "CREATE OR REPLACE FUNCTION {db}.ML.COMPLETE(PROMPT VARCHAR) RETURNS VARCHAR"
        f" COMMENT = '{marker}' AS $$AI_COMPLETE('{{db}}.ML.MINE', PROMPT)::VARCHAR$$"
    )
    place.host.create(place.roles(f"ROLE {place.db}_TRAINER"))
    assert row.refresh()
    # The preview says what will be called, which is not what is declared.
    assert row.checked(waiting)["target"] == served
    assert row.up(waiting) == "update"
    assert row.outs["serves"] == row.outs["target"] == served
    assert row.refresh()
    assert row.up(waiting) == "same"


def test_an_alias_that_was_dropped_is_made_again(place: Place) -> None:
    job, row = _served(place)
    place.sql("DROP FUNCTION {db}.ML.COMPLETE(VARCHAR)")
    place.host.create(place.roles(f"ROLE {place.db}_TRAINER"))
    assert not row.refresh()
    assert row.up(place.alias(job)) == "create"


def test_a_function_whose_ownership_moved_is_neither_gone_nor_dropped(place: Place) -> None:
    role = f"{place.db}_TRAINER"
    place.sql(
        "GRANT USAGE ON DATABASE {db} TO ROLE {db}_TRAINER;"
        "GRANT USAGE, CREATE FUNCTION ON SCHEMA {db}.ML TO ROLE {db}_TRAINER"
    )
    first, _ = place.trained()
    second, _ = place.trained(max_epochs=3)
    for job in (first, second):
        place.sql(f"GRANT USAGE ON MODEL {job.inputs['model_name']} TO ROLE {role}")
    row = place.made(place.alias(first, role=role))
    place.sql(
        "CREATE ROLE {db}_OTHER;"
        "GRANT OWNERSHIP ON FUNCTION {db}.ML.COMPLETE(VARCHAR) TO ROLE {db}_OTHER"
    )
    place.host.create(place.roles(f"ROLE {place.db}_TRAINER"))
    assert row.refresh()
    assert row.up(place.alias(first, role=role)) == "same"
    regain = rf"GRANT OWNERSHIP ON FUNCTION {place.db}.ML.COMPLETE\(VARCHAR\) TO ROLE {role}"
    with pytest.raises(RefusedError, match=regain):
        row.up(place.alias(second, role=role))
    row.delete()
    assert place.statements("DESTROY") == []
    assert first.inputs["model_name"] in _says(place)


def test_a_function_that_a_stranger_put_there_is_told_and_survives(place: Place) -> None:
    job, row = _served(place)
    place.sql(
        "CREATE OR REPLACE FUNCTION {db}.ML.COMPLETE(PROMPT VARCHAR) RETURNS VARCHAR AS 'PROMPT'"
    )
    place.host.create(place.roles(f"ROLE {place.db}_TRAINER"))
    assert row.refresh()
    _, failures = place.host.check(place.alias(job), row.inputs)
    assert "does not carry the marker of this stack" in failures[0][1]
    assert f"DROP FUNCTION {place.db}.ML.COMPLETE(VARCHAR)" in failures[0][1]
    with pytest.raises(RefusedError, match="does not carry the marker"):
        place.host.update(row.id, row.outs, {**row.inputs, "comment": "x"})
    row.delete()
    assert place.statements("DESTROY") == []


def test_a_name_that_is_taken_is_told_in_the_preview(place: Place) -> None:
    job, _ = place.trained()
    place.sql("CREATE FUNCTION {db}.ML.COMPLETE(PROMPT VARCHAR) RETURNS VARCHAR AS 'PROMPT'")
    _, failures = place.host.check(place.alias(job))
    assert "does not carry the marker of this stack" in failures[0][1]
    with pytest.raises(RefusedError, match="does not carry the marker"):
        place.host.create(place.alias(job))


def test_a_job_is_refused_whose_alias_could_not_be_made(place: Place) -> None:
    name, role = f"{place.db}.ML.COMPLETE", f"{place.db}_TRAINER"
    assert place.host.check(place.job(__alias=name))[1] == []
    needed = ("USAGE", "CREATE MODEL")
    declared = "".join(f"SCHEMA {place.db}.ML\t{word} to ROLE {role}\n" for word in needed)
    declared += f"DATABASE {place.db}\tUSAGE to ROLE {role}\n"
    of_role = place.job(role=role, __alias=name, __declared=declared)
    _, failures = place.host.check(of_role)
    assert failures[0][0] == "role"
    assert f"GRANT CREATE FUNCTION ON SCHEMA {place.db}.ML TO ROLE {role}" in failures[0][1]
    place.sql("CREATE FUNCTION {db}.ML.COMPLETE(PROMPT VARCHAR) RETURNS VARCHAR AS 'PROMPT'")
    place.host.create(place.roles(f"ROLE {role}"))
    news, failures = place.host.check(place.job(__alias=name))
    assert failures[0][0] == "model"
    assert "does not carry the marker of this stack" in failures[0][1]
    assert "__alias" not in news
    assert place.spent == 0


def test_a_lost_state_adopts_and_another_key_takes_over(place: Place) -> None:
    job, row = _served(place)
    row.lost()
    changes = len(place.changes())
    assert row.up(place.alias(job)) == "create"
    assert len(place.changes()) == changes
    other = place.made(place.alias(job, key="renamed", is_cleared=False))
    assert other.outs["serves"] == job.inputs["model_name"]
    row.delete()
    assert place.statements("DESTROY") == []
    assert "proj/dev/renamed" in _says(place)


def test_under_another_name_the_old_version_is_served_until_the_new_one_may(place: Place) -> None:
    first, row = _served(place)
    second, _ = place.trained(max_epochs=3)
    declared = place.alias(second, is_cleared=False, name=f"{place.db}.ML.COMPLETE_2")
    place.host.diff(row.id, row.outs, row.checked(declared))
    id_, outs = place.host.create(row.checked(declared, {}))
    assert (id_, outs["serves"]) == (f"{place.db}.ML.COMPLETE_2", first.inputs["model_name"])


def test_a_role_without_create_function_is_told_the_grant_before(place: Place) -> None:
    place.sql(
        "GRANT USAGE ON DATABASE {db} TO ROLE {db}_TRAINER;"
        "GRANT USAGE ON SCHEMA {db}.ML TO ROLE {db}_TRAINER"
    )
    job = place.made(place.job())
    role = f"{place.db}_TRAINER"
    declared = place.alias(job, role=role)
    _, failures = place.host.check(declared)
    grant = f"GRANT CREATE FUNCTION ON SCHEMA {place.db}.ML TO ROLE {role}"
    assert failures[0][0] == "role"
    assert grant in failures[0][1]
    line = f"SCHEMA {place.db}.ML\tCREATE FUNCTION to ROLE {role}\n"
    assert place.host.check({**declared, "__declared": line})[1] == []
    place.sql(grant)
    place.host.create(place.roles(f"ROLE {place.db}_TRAINER"))
    assert place.host.check(declared)[1] == []


def test_what_the_stack_grants_to_a_role_below_counts_for_an_alias(place: Place) -> None:
    role, below = f"{place.db}_TRAINER", f"{place.db}_APP"
    place.sql(
        "GRANT ROLE {db}_APP TO ROLE {db}_TRAINER; GRANT USAGE ON DATABASE {db} TO ROLE {db}_APP;"
        "GRANT USAGE ON SCHEMA {db}.ML TO ROLE {db}_APP"
    )
    declared = place.alias(place.made(place.job()), role=role)
    line = f"SCHEMA {place.db}.ML\tCREATE FUNCTION to ROLE {below}\n"
    assert place.host.check({**declared, "__declared": line})[1] == []
    assert "CREATE FUNCTION" in place.host.check(declared)[1][0][1]


def test_a_job_is_refused_whose_alias_loses_its_privilege_in_the_same_run(
    place: Place, new_host: Callable[..., Host]
) -> None:
    role, host = f"{place.db}_TRAINER", new_host()
    words = [f"{word} to ROLE {role}" for word in ("CREATE FUNCTION", "CREATE MODEL", "USAGE")]
    granted = Row(place, host=host)
    granted.up(place.privileges(*words))
    place.sql("GRANT USAGE ON DATABASE {db} TO ROLE {db}_TRAINER")
    job = place.job(role=role, __alias=f"{place.db}.ML.COMPLETE")
    assert host.check(job)[1] == []
    fewer = granted.checked(place.privileges(*words[1:]))
    host.diff(granted.id, granted.outs, fewer)
    ((key, told),) = host.check(job)[1]
    assert key == "role"
    assert "needs CREATE FUNCTION on SCHEMA" in told
    assert "this run revokes it" in told


def test_a_function_that_was_renamed_holds_its_model_until_somebody_drops_it(place: Place) -> None:
    job, model = place.trained()
    row = place.made(place.alias(job))
    place.sql("ALTER FUNCTION {db}.ML.COMPLETE(VARCHAR) RENAME TO {db}.ML.OTHER")
    row.delete()
    with pytest.raises(RefusedError, match=rf"DROP FUNCTION {place.db}.ML.OTHER\(VARCHAR\)"):
        model.delete()
    assert place.models() == [job.inputs["model_name"]]


def test_a_model_that_somebody_lets_an_alias_call_is_not_dropped(place: Place) -> None:
    job, _ = _served(place)
    _, other = place.trained(key="other", model=f"{place.db}.ML.OTHER")
    place.sql(
        "CREATE OR REPLACE FUNCTION {db}.ML.COMPLETE(PROMPT VARCHAR) RETURNS VARCHAR COMMENT ="
        f" '{_says(place)}' AS $$AI_COMPLETE('{other.outs['saved_as']}', PROMPT)::VARCHAR$$"
    )
    with pytest.raises(RefusedError, match="is served by function"):
        other.delete()
    assert set(place.models()) == {job.inputs["model_name"], other.outs["saved_as"]}


def test_a_model_that_an_alias_calls_is_not_dropped(place: Place) -> None:
    job, model = place.trained()
    alias = place.made(place.alias(job, key="elsewhere"))
    with pytest.raises(RefusedError, match=r"is served by function .* of proj/dev/elsewhere"):
        model.delete()
    assert place.models() == [job.inputs["model_name"]]
    alias.delete()
    model.delete()
    assert place.models() == []
