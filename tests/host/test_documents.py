"""A model tuned on a dataset of documents lives as any other, found by tags instead of comments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cortex_resources.gateway import session
from cortex_resources.plan import inventory as owners
from cortex_resources.preflight import inventory
from tests.host.place import Place, Row
from tests.host.process import Bag, RefusedError

DATASET = """
CREATE TABLE {db}.ML.PAGES (F VARCHAR, P VARCHAR, R VARCHAR);
INSERT INTO {db}.ML.PAGES VALUES ('@S/a.pdf', '["What is the total?"]', '{{"total": "5"}}');
CREATE DATASET {db}.ML.INVOICES;
ALTER DATASET {db}.ML.INVOICES ADD VERSION 'v1'
  FROM (SELECT F AS FILE, P AS PROMPT, R AS RESPONSE FROM {db}.ML.PAGES)
"""


@pytest.fixture
def office(place: Place) -> Place:
    """The place with a dataset of one version."""
    place.sql(DATASET)
    return place


@pytest.fixture
def local(office: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """The same, reached from this process as from a command."""
    monkeypatch.setenv("CORTEX_RESOURCES_LOCAL_PORT", str(office.account.port))
    yield office
    session.close_all()


def _address(place: Place, version: str = "v1") -> str:
    return f"snow://dataset/{place.db}.ML.INVOICES/versions/{version}"


def _job(place: Place, **more: Any) -> Bag:
    given = {
        "model": f"{place.db}.ML.EXTRACT",
        "base_model": "arctic-extract",
        "training_query": None,
        "training_dataset": _address(place),
        **more,
    }
    return place.job("extract", **given)


def _artifact(place: Place, job: Row, **more: Any) -> Bag:
    return place.artifact(job, "extract", **more)


def _beside(place: Place, statement: str) -> str:
    """A submit of somebody else; the id of its job."""
    place.account.seed(statement)
    return str(place.jobs()[-1]["id"])


def test_it_is_submitted_as_documented_claimed_unchanged_and_dropped_at_the_end(
    office: Place,
) -> None:
    lower = _address(office).replace(office.db, office.db.lower())
    job = office.made(_job(office, training_dataset=lower))
    name = job.inputs["model_name"]
    (paid,) = office.statements("SPEND")
    assert paid == (
        f"SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', '@{name}', 'arctic-extract',"
        f" '{_address(office)}', NULL, '{{\"max_epochs\": 2}}') AS REPLY"
    )
    office.advance()
    model = office.made(_artifact(office, job))
    assert (model.outs["phase"], model.outs["saved_as"]) == ("READY", name)
    assert "proj/dev/extract" in office.model(name)["comment"]
    assert job.refresh()
    assert job.up(_job(office)) == "same", "another spelling of the address is no other dataset"
    assert model.up(_artifact(office, job)) == "same"
    model.delete()
    job.delete()
    assert office.models() == []
    assert office.spent == 1


def test_another_version_is_a_replacement_with_a_second_job(office: Place) -> None:
    office.sql(
        "ALTER DATASET {db}.ML.INVOICES ADD VERSION 'v2' FROM (SELECT F AS FILE,"
        " P AS PROMPT, R AS RESPONSE FROM {db}.ML.PAGES)"
    )
    job = office.made(_job(office))
    assert job.up(_job(office, training_dataset=_address(office, "v2"))) == "replace"
    sent = [text.partition("FINETUNE('")[2][:6] for text in office.changes()]
    assert sent == ["CREATE", "CANCEL", "CREATE"], "the running one is cancelled first"


def test_a_lost_reply_and_a_lost_state_adopt_the_job_that_history_proves(office: Place) -> None:
    office.fault(match="'CREATE'", when="after", action="drop")
    job = office.made(_job(office))
    assert office.spent == 1
    id_ = job.outs["job_id"]
    job.lost()
    assert job.up(_job(office)) == "create"
    assert (job.outs["job_id"], job.outs["adopted"]) == (id_, True)
    office.advance()
    job.lost()
    assert job.up(_job(office)) == "create"
    assert (job.outs["job_id"], job.outs["status"]) == (id_, "SUCCESS")
    assert office.spent == 1


def test_a_running_job_that_nothing_proves_ours_is_named_and_nothing_is_paid(
    office: Place,
) -> None:
    declared = _job(office)
    name = Row(office).checked(declared)["model_name"]
    id_ = _beside(
        office,
        f"SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', '@{name}', 'arctic-extract',"
        f" '{_address(office)}', NULL, '{{\"max_epochs\": 2}}')",
    )
    with pytest.raises(RefusedError, match=f"{id_} may train .* already"):
        Row(office).up(declared)
    office.advance()
    with pytest.raises(RefusedError, match="carries the hash of this spec and nobody's marker"):
        Row(office).up(declared)
    assert office.spent == 0


def test_a_job_of_another_stack_on_the_same_documents_is_known_by_its_tag(office: Place) -> None:
    first = office.made({**_job(office), "__owner": "proj/prod/extract"})
    second = office.made({**_job(office, model=f"{office.db}.ML.OTHER")})
    assert first.outs["job_id"] != second.outs["job_id"]
    assert [job["status"] for job in office.jobs()] == ["PENDING", "PENDING"]


def test_a_predecessor_whose_state_was_lost_is_cancelled_before_the_new_one_is_paid(
    office: Place,
) -> None:
    office.made(_job(office)).lost()
    office.made(_job(office, max_epochs=3))
    assert sorted(job["status"] for job in office.jobs()) == ["CANCELLED", "PENDING"]


def test_a_transient_failure_is_repeated_once_and_the_second_says_that_it_was_the_last(
    office: Place,
) -> None:
    office.fault(match="'CREATE'", action="fail_job", code="UNAVAILABLE", message="x", times=2)
    declared = _job(office, on_failure="retry")
    job = office.made(declared)
    for word in ("replace", "same"):
        office.advance()
        assert job.refresh()
        assert job.up(declared) == word
    assert (job.outs["attempt"], office.spent) == (2, 2)
    with pytest.raises(RefusedError, match="all 2 attempts are used"):
        office.host.create(Row(office).checked(_artifact(office, job, on_failure="retry")))
    job.lost()
    assert job.up(declared) == "create"
    assert (job.outs["status"], office.spent) == ("ERROR", 2)


def test_a_version_that_is_not_there_is_refused_by_the_preview(office: Place) -> None:
    _, failures = office.host.check(_job(office, training_dataset=_address(office, "v9")))
    assert "has no version 'v9'; it has v1" in str(failures)


def test_documents_to_validate_with_are_looked_for_too(office: Place) -> None:
    declared = _job(office, validation_dataset=_address(office, "v9"))
    ((key, text),) = office.host.check(declared)[1]
    assert (key, "has no version 'v9'" in text) == ("validation_dataset", True)


def test_a_dataset_that_is_not_there_is_refused_by_the_preview(office: Place) -> None:
    address = _address(office).replace("INVOICES", "RECEIPTS")
    ((key, text),) = office.host.check(_job(office, training_dataset=address))[1]
    assert key == "training_dataset"
    assert f"dataset {office.db}.ML.RECEIPTS is not there" in text
    inputs = Row(office).checked(_job(office))
    with pytest.raises(RefusedError, match="is not there; correct the address, or make it"):
        office.host.create({**inputs, "training_dataset": address})
    assert office.spent == 0


def test_a_dataset_of_a_role_that_nobody_holds_is_not_called_gone(office: Place) -> None:
    office.sql(
        "CREATE ROLE {db}_SCANS; GRANT OWNERSHIP ON DATASET {db}.ML.INVOICES TO ROLE {db}_SCANS"
    )
    ((_, text),) = office.host.check(_job(office))[1]
    assert "is not there" not in text
    assert f"GRANT USAGE ON DATASET {office.db}.ML.INVOICES TO ROLE ACCOUNTADMIN" in text


def test_a_dataset_that_the_role_may_not_use_is_refused_with_its_grants(office: Place) -> None:
    role = f"{office.db}_TRAINER"
    office.sql(
        "GRANT USAGE ON DATABASE {db} TO ROLE {db}_TRAINER;"
        "GRANT USAGE, CREATE MODEL ON SCHEMA {db}.ML TO ROLE {db}_TRAINER"
    )
    wanted = f"GRANT USAGE ON DATASET {office.db}.ML.INVOICES TO ROLE {role}"
    inputs, failures = office.host.check(_job(office, role=role))
    assert wanted in str(failures)
    with pytest.raises(RefusedError, match=wanted):
        office.host.create(inputs)
    office.sql("GRANT USAGE ON DATASET {db}.ML.INVOICES TO ROLE {db}_TRAINER")
    office.host.create(office.roles("ROLE USERADMIN"))
    assert Row(office).up(_job(office, role=role)) == "create"
    assert office.spent == 1


def test_a_dataset_that_this_run_takes_from_the_role_is_refused_by_its_preview(
    office: Place,
) -> None:
    role, on = f"{office.db}_TRAINER", f"DATASET {office.db}.ML.INVOICES"
    office.sql(
        "GRANT USAGE ON DATABASE {db} TO ROLE {db}_TRAINER;"
        "GRANT USAGE, CREATE MODEL ON SCHEMA {db}.ML TO ROLE {db}_TRAINER"
    )
    grants = office.made(office.privileges(f"USAGE to ROLE {role}", on=on))
    assert office.host.check(_job(office, role=role))[1] == []
    with office.host.another() as run:
        edited = office.privileges(f"USAGE to ROLE {office.db}_APP", on=on)
        inputs, _ = run.check(edited, grants.inputs)
        run.diff(grants.id, grants.outs, inputs)
        ((_, text),) = run.check(_job(office, role=role))[1]
    assert f"needs USAGE on {on} to train" in text
    assert "this run revokes it first; declare it" in text


def test_a_budget_that_cannot_be_counted_refuses_in_the_check_and_in_the_create(
    office: Place,
) -> None:
    _, failures = office.host.check(_job(office, max_trained_tokens=10_000_000))
    assert [key for key, _ in failures] == ["max_trained_tokens"]
    inputs = Row(office).checked(_job(office))
    with pytest.raises(RefusedError, match="cannot be kept"):
        office.host.create({**inputs, "max_credits": 5.0})
    assert office.spent == 0


def test_the_list_of_jobs_tells_whose_a_job_on_a_dataset_is_while_it_trains(local: Place) -> None:
    job = local.made(_job(local))
    account = session.account_for("local")
    seen = inventory.look(lambda statement, role: account.run(statement, role=role), ())
    owner = owners.owner_in(seen.jobs[job.outs["job_id"]].training_data)
    assert owner is not None
    assert (owner.stack, owner.model, owner.spec_hash) == (
        "dev",
        "extract",
        job.inputs["spec_hash"],
    )
