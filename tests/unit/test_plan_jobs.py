"""Rules that are no golden case: faults, candidates, keys, cancelling, requirements, progress."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cortex_resources.errors import StatementRefusedError
from cortex_resources.model.datasets import DatasetVersion
from cortex_resources.model.grants import (
    Grantee,
    Privilege,
    PrivilegeGrants,
    RoleGrants,
    Securable,
    grantees_of,
    privileges_of,
)
from cortex_resources.model.jobs import JobRecord, Marker, ModelRecord, Status, TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.orders import Order
from cortex_resources.model.snapshots import DatasetSnapshot
from cortex_resources.model.stack import Stack
from cortex_resources.plan import (
    adoption,
    artifacts,
    grants,
    jobs,
    privilege_grants,
    privileges,
    role_grants,
    waiting,
)
from cortex_resources.sql import finetune

WISH = QualifiedName.parse("DB.ML.M")
DOCUMENTS = DatasetVersion.parse("snow://dataset/DB.ML.D/versions/v1")
ON_DOCUMENTS: dict[str, Any] = {
    "base_model": "arctic-extract",
    "training_query": "",
    "training_dataset": DOCUMENTS,
}


def a_job(**changes: Any) -> TrainingJob:
    given: dict[str, Any] = {
        "model": WISH,
        "base_model": "llama3.1-8b",
        "training_query": "SELECT prompt, completion FROM DB.ML.T",
    }
    return TrainingJob(**(given | changes))


def a_record(id_: str = "ft_1", status: Status = Status.IN_PROGRESS, **changes: Any) -> JobRecord:
    return JobRecord(id_, status, str(status), **changes)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, []),
        ({"max_epochs": 1, "max_trained_tokens": 5}, []),
        ({"max_epochs": 0}, ["max_epochs"]),
        ({"max_epochs": 11}, ["max_epochs"]),
        ({"max_trained_tokens": 5}, ["max_trained_tokens"]),
        ({"training_query": "SELECT 1 AS prompt;"}, ["training_query"] * 2),
        ({"base_model": "arctic-extract"}, ["base_model"]),
        ({"validation_dataset": DOCUMENTS}, ["validation_dataset"]),
        (ON_DOCUMENTS, []),
        (ON_DOCUMENTS | {"base_model": "llama3.1-8b"}, ["base_model"]),
        (ON_DOCUMENTS | {"base_model": "new-model", "max_epochs": 1}, []),
        (ON_DOCUMENTS | {"max_epochs": 1}, ["max_epochs"]),
        (ON_DOCUMENTS | {"training_query": "SELECT 1"}, ["training_query"]),
        (ON_DOCUMENTS | {"validation_query": "SELECT 1"}, ["validation_query"]),
        (
            ON_DOCUMENTS | {"max_epochs": 2, "max_trained_tokens": 5, "max_credits": 1.0},
            ["max_trained_tokens", "max_credits"],
        ),
        ({"validation_query": ""}, ["validation_query"]),
        ({"validation_query": "SELECT * FROM t"}, []),
    ],
)
def test_faults_name_their_field(changes: dict[str, Any], fields: list[str]) -> None:
    assert [field for field, _ in jobs.faults(a_job(**changes))] == fields


def test_running_jobs_are_looked_at_before_newer_successes() -> None:
    listed = [
        a_record("new", Status.SUCCESS, created_on=9, base_model="llama3.1-8b"),
        a_record("old", created_on=1, base_model="Llama3.1-8B"),
        a_record("undated"),
        a_record("odd", Status.UNKNOWN, created_on=5),
        a_record("failed", Status.ERROR, created_on=10),
        a_record("cancelled", Status.CANCELLED, created_on=10),
        a_record("other", created_on=10, base_model="mistral-7b"),
    ]
    found = adoption.candidates(listed, "llama3.1-8b")
    assert [job.id for job in found] == ["odd", "old", "undated", "new"]


def test_strangers_successes_never_push_a_running_job_out_of_sight() -> None:
    many = [a_record(f"s{n:02}", Status.SUCCESS, created_on=100 + n) for n in range(50)]
    found = adoption.candidates([*many, a_record("ours", created_on=1)], "llama3.1-8b")
    assert found[0].id == "ours"
    assert len(found) == 1 + adoption.CANDIDATES


def test_every_running_job_is_looked_into_before_paying() -> None:
    many = [a_record(f"r{n:02}", created_on=100 + n) for n in range(50)]
    found = adoption.candidates([*many, a_record("ours", created_on=1)], "llama3.1-8b")
    assert len(found) == 51


def test_a_key_names_the_stack_the_spec_the_model_and_a_repeated_attempt() -> None:
    job = a_job()
    order = Order(job, Marker("p", "s", "k", job.spec_hash))
    expected = f"cortex-resources p/s/k spec={job.spec_hash} as {job.model_name}"
    assert adoption.key_of(order) == expected
    again = adoption.key_of(replace(order, attempt=2))
    assert again == f"{expected} attempt 2"
    assert adoption.attempt_of(a_record(training_data=f"/* {again} */ SELECT 1"), order) == 2
    assert adoption.attempt_in(f"/* {again} */ SELECT 1") == 2
    assert adoption.attempt_in("SELECT 1") == 1


def test_a_key_survives_a_name_that_could_end_its_comment() -> None:
    job = a_job(model=QualifiedName(("DB", "ML", "a */ b")))
    order = Order(job, Marker("p", "s", "k", job.spec_hash))
    query = f"/* {adoption.key_of(order)} */ SELECT 1"
    found = adoption.found(order, [a_record(training_data=query)], {})
    assert [ours.attempt for ours in found.live] == [1]


def test_the_tag_of_an_order_is_the_same_under_another_key_of_the_stack_file() -> None:
    job = a_job()
    tags = {Order(job, Marker("p", "s", key, job.spec_hash)).tag for key in ("k", "k2")}
    assert len(tags) == 1
    other = Order(job, Marker("p", "prod", "k", job.spec_hash))
    assert other.tag not in tags
    assert replace(other, attempt=2).tag.endswith(f" key={other.key}.2")


@pytest.mark.parametrize("status", Status)
def test_only_what_may_still_run_is_cancelled(status: Status) -> None:
    assert jobs.may_run(a_record(status=status)) is not status.is_terminal
    assert not jobs.may_run(None)


def pause(record: JobRecord | None, **given: Any) -> float | None:
    asked: dict[str, Any] = {"is_accepted": True, "looks": 0, "elapsed": 0.0}
    return jobs.pause_before_look(record, **(asked | given))


@pytest.mark.parametrize("status", Status)
def test_a_job_is_let_go_only_when_it_has_ended(status: Status) -> None:
    assert pause(None, is_accepted=False) is None
    if status.is_terminal:
        assert pause(a_record(status=status), is_accepted=False) is None
        return
    assert pause(a_record(status=status)) == jobs.STOP_PAUSES[0]
    assert pause(a_record(status=status), looks=99) == jobs.STOP_PAUSES[-1]
    for given in ({"is_accepted": False}, {"elapsed": jobs.STOP_SECONDS}):
        with pytest.raises(StatementRefusedError, match="ft_1 was not cancelled and still runs"):
            pause(a_record(status=status), **given)


@pytest.mark.parametrize(
    ("progress", "elapsed", "line"),
    [
        (None, 5, "IN_PROGRESS after 5 s (ft_1)"),
        (0.0, 59, "0%, IN_PROGRESS after 59 s (ft_1)"),
        (0.25, 60, "25%, about 3 min 00 s left, IN_PROGRESS after 1 min 00 s (ft_1)"),
        (1.0, 3700, "100%, IN_PROGRESS after 61 min 40 s (ft_1)"),
    ],
)
def test_progress_is_one_line(progress: float | None, elapsed: float, line: str) -> None:
    assert waiting.progress_line(a_record(progress=progress), elapsed=elapsed) == line


ROLE = Grantee.parse("ROLE TRAINER")


def test_what_a_submit_needs() -> None:
    needed = privileges.requirements(a_job(warehouse="w"))
    assert [item.grant_to(ROLE) for item in needed] == [
        "GRANT USAGE ON DATABASE DB TO ROLE TRAINER",
        "GRANT USAGE ON SCHEMA DB.ML TO ROLE TRAINER",
        "GRANT CREATE MODEL ON SCHEMA DB.ML TO ROLE TRAINER",
        "GRANT USAGE ON WAREHOUSE W TO ROLE TRAINER",
    ]
    assert privileges.requirements(a_job()) == needed[:3]


def test_what_a_job_reads_must_be_reached_and_selected_from() -> None:
    needed = privileges.requirements(a_job(), [Securable.parse("VIEW DB.DATA.V")])
    assert [item.grant_to(ROLE) for item in needed[3:]] == [
        "GRANT USAGE ON SCHEMA DB.DATA TO ROLE TRAINER",
        "GRANT SELECT ON VIEW DB.DATA.V TO ROLE TRAINER",
    ]


def test_what_a_stack_gives_a_role_comes_through_roles_below_it_and_through_public() -> None:
    other, deep, public = (Grantee.parse(f"ROLE {name}") for name in ("OTHER", "DEEP", "PUBLIC"))
    frozen = DatasetSnapshot(QualifiedName.parse("DB.ML.F"), "SELECT 1 AS prompt")
    on = {
        Securable.parse("TABLE DB.ML.F"): Privilege("SELECT", deep),
        Securable.parse("TABLE DB.ML.T"): Privilege("SELECT", public),
        Securable.parse("VIEW DB.ML.V"): Privilege("SELECT", other),
    }
    stack = Stack(
        "dev",
        privileges=tuple(PrivilegeGrants(at, frozenset({p})) for at, p in on.items()),
        roles=(
            RoleGrants(deep, frozenset({Grantee.parse("ROLE MIDDLE")})),
            RoleGrants(
                Grantee.parse("ROLE MIDDLE"), frozenset({ROLE, Grantee.parse("USER SOMEBODY")})
            ),
        ),
        snapshots={"f": frozen},
    )
    given = privileges.given_to(ROLE, stack)
    assert {str(at) for at, p in given if p.grantee == ROLE} == {
        f"TABLE {frozen.table}",
        "TABLE DB.ML.T",
        "ROLE MIDDLE",
    }
    assert len(privileges.given_to(None, stack)) == 5
    assert privileges.given_roles(ROLE, given) == {Grantee.parse("ROLE MIDDLE")}


def test_what_the_stack_grants_itself_is_not_missing() -> None:
    needed = privileges.requirements(a_job())
    declared = frozenset(
        [
            (needed[0].on, Privilege("USAGE", ROLE)),
            (needed[1].on, Privilege("USAGE", Grantee.parse("ROLE OTHER"))),
        ]
    )
    assert privileges.undeclared(needed, ROLE, declared) == needed[1:]


def test_a_privilege_or_ownership_of_any_role_at_hand_is_enough() -> None:
    needed = privileges.requirements(a_job())
    database, schema = needed[0].on, needed[1].on
    held = {schema: frozenset([Privilege("USAGE", ROLE), Privilege("MODIFY", ROLE)])}
    assert privileges.missing(needed, frozenset([ROLE]), held, {database: ROLE}) == needed[2:]
    assert privileges.missing(needed, frozenset(), held, {database: ROLE}) == needed


ON = Securable.parse("SCHEMA DB.ML")
BEFORE = privileges_of("USAGE to ROLE A\nMODIFY to ROLE A with GRANT OPTION\n")


REVOKES = (
    "policy.allow_revoke is false, and this would revoke {}: declare it again, or allow it in the"
    " stack's policy"
)


@pytest.mark.parametrize(
    ("after", "lost"),
    [
        ("USAGE to ROLE A\nMODIFY to ROLE A with GRANT OPTION\n", ""),
        ("USAGE to ROLE A with GRANT OPTION\nMODIFY to ROLE A with GRANT OPTION\n", ""),
        ("MODIFY to ROLE A\n", "MODIFY to ROLE A with GRANT OPTION, USAGE to ROLE A"),
    ],
)
def test_a_revoke_needs_permission_and_a_wider_grant_does_not(after: str, lost: str) -> None:
    found = grants.revoke_faults(
        BEFORE, privileges_of(after), is_same_object=True, allow_revoke=False
    )
    text = REVOKES.format(lost)
    assert found == ([("privileges", text)] if lost else [])


def test_a_revoke_with_permission_or_of_another_object_is_no_fault() -> None:
    none = frozenset[Privilege]()
    assert not grants.revoke_faults(BEFORE, none, is_same_object=True, allow_revoke=True)
    assert not grants.revoke_faults(BEFORE, none, is_same_object=False, allow_revoke=False)
    holders = grantees_of("ROLE A\n")
    found = grants.revoke_faults(
        holders, frozenset(), is_same_object=True, allow_revoke=False, field="grantees"
    )
    assert found == [("grantees", REVOKES.format("ROLE A"))]


def test_a_role_nobody_else_holds_is_planned_without_a_word() -> None:
    role = RoleGrants(ROLE, frozenset(), exclusive=True)
    assert role_grants.first(role, frozenset()).plan.notes == ()
    nothing = PrivilegeGrants(ON, frozenset(), exclusive=True)
    assert privilege_grants.first(nothing, frozenset()).plan.notes == ()


def test_what_a_run_revokes_is_known_before_it_runs() -> None:
    on = Securable.parse("DATASET DB.ML.D")
    ours, theirs = Privilege.parse("USAGE to ROLE A"), Privilege.parse("USAGE to ROLE B")
    held, nothing = frozenset({ours, theirs}), frozenset[Privilege]()
    for exclusive, taken in ((False, {ours}), (True, {ours, theirs})):
        desired = PrivilegeGrants(on, nothing, exclusive)
        assert privilege_grants.revoked(desired, held, frozenset({ours})) == taken
    assert privilege_grants.revoked(PrivilegeGrants(on, held), held, held) == nothing


def test_a_look_is_worth_a_line_when_something_moved_or_nothing_was_said_for_long() -> None:
    before = a_record(progress=0.2)
    assert waiting.is_news(None, before, 0)
    assert waiting.is_news(before, a_record(progress=0.3), 1)
    assert not waiting.is_news(before, before, 1)
    assert waiting.is_news(before, before, waiting.SILENCE)


def test_a_borrowed_model_is_served_and_left_alone() -> None:
    model = ModelRecord(WISH, "CORTEX_FINETUNED", "OTHER", "")
    assert artifacts.borrowed(model).endswith("it is borrowed and stays as it is")


def test_what_a_service_without_comments_made_is_proven_otherwise() -> None:
    model = ModelRecord(WISH, "CORTEX_FINETUNED", "R", "")
    marker = Marker("p", "s", "k", "0" * 64)
    plan = artifacts.drop(WISH, model, marker, allow_drop=True, is_proven=True)
    assert [statement.text for statement in plan.statements] == ["DROP MODEL DB.ML.M"]
    assert finetune.is_cancelled("Canceled Cortex Fine-tuning job: ft_1")
    assert not finetune.is_cancelled("nothing")


def test_a_job_that_goes_on_is_told_with_the_statement_that_stops_it() -> None:
    job = TrainingJob(QualifiedName.parse("DB.ML.M"), "llama3.1-8b", "SELECT 1")
    assert waiting.submitted(job, "ft_1") == (
        f"submitted job ft_1 for {job.model_name}; stop it: {finetune.cancel('ft_1').text}"
    )
    told = waiting.goes_on(job, "ft_1")
    assert "job ft_1 of DB.ML.M goes on and costs" in told
    assert "stop it: SELECT SNOWFLAKE.CORTEX.FINETUNE('CANCEL', 'ft_1')" in told


def test_what_appeared_after_a_preview_is_left_but_not_taken_for_missing() -> None:
    def lines(*texts: str) -> frozenset[Privilege]:
        return frozenset(map(Privilege.parse, texts))

    a, b = "USAGE to ROLE A", "USAGE to ROLE B"
    a_option = f"{a} with GRANT OPTION"
    for held, shown, declared, acted, appeared in (
        ((a, b), (a,), (), (a,), (b,)),
        ((a, b), (a,), (b,), (a, b), ()),
        ((a_option,), (a,), (), (a,), (a_option,)),
        ((a_option,), (), (a,), (a,), (a_option,)),
        ((a_option,), (), (), (), (a_option,)),
        ((a,), (a_option,), (), (a,), ()),
    ):
        found = grants.as_shown(lines(*held), lines(*shown), lines(*declared))
        assert found == (lines(*acted), lines(*appeared))
    roles = grantees_of("ROLE A\nROLE B\n")
    one = grantees_of("ROLE A\n")
    assert grants.as_shown(roles, one, frozenset()) == (one, roles - one)
