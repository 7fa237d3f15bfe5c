"""What is asked before anything is paid: presence, privileges, the data, adoption."""

from __future__ import annotations

import json

import pytest

from cortex_resources.backends.finetune import Finetune
from cortex_resources.errors import (
    ObjectMissingError,
    OwnershipError,
    PrivilegeMissingError,
    StatementRefusedError,
)
from cortex_resources.model.effects import Effect, Statement
from cortex_resources.model.grants import Grantee, Privilege, Securable
from cortex_resources.model.job_policy import JobPolicy
from cortex_resources.model.jobs import Marker, TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.orders import Order
from cortex_resources.plan import adoption
from cortex_resources.plan.situations import Action, Step
from cortex_resources.preflight import presence, privileges, submit

Rows = list[dict[str, object]]
Answer = Rows | Exception

JOB = TrainingJob(
    QualifiedName.parse("DB.ML.M"), "llama3.1-8b", "SELECT prompt, completion FROM DB.ML.T"
)
MARKER = Marker("p", "s", "k", JOB.spec_hash)
TRAINER = Grantee.parse("ROLE TRAINER")
SCHEMA = QualifiedName.parse("DB.ML")


class Account:
    """Answers statements by how they begin; anything else is an error of the test."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self.answers = answers
        self.sent: list[str] = []

    def __call__(self, statement: Statement) -> Rows:
        assert statement.effect is Effect.READ
        self.sent.append(statement.text)
        answer = next(a for head, a in self.answers.items() if statement.text.startswith(head))
        if isinstance(answer, Exception):
            raise answer
        return answer


def reply(value: object) -> Rows:
    return [{"REPLY": json.dumps(value)}]


@pytest.mark.parametrize(
    ("databases", "schemas", "is_gone"),
    [
        ([{"name": "DB"}], [], True),
        ([{"name": "DB"}], [{"name": "ml"}, {"name": "MLX"}], True),
        ([{"name": "DB"}], [{"name": "ML"}], False),
        ([], [], False),
        ([{"name": "DBX"}], [], False),
    ],
)
def test_only_a_visible_container_proves_absence(
    databases: Rows, schemas: Rows, is_gone: bool
) -> None:
    account = Account({"SHOW DATABASES LIKE 'DB'": databases, "SHOW SCHEMAS LIKE 'ML'": schemas})
    assert presence.schema_is_gone(account, SCHEMA) is is_gone


def granted(privilege: str, grantee: str) -> dict[str, object]:
    return {"privilege": privilege, "granted_to": "ROLE", "grantee_name": grantee}


def below(role: str) -> dict[str, object]:
    return {"privilege": "USAGE", "granted_on": "ROLE", "name": role}


def test_privileges_of_roles_below_the_running_one_count() -> None:
    account = Account(
        {
            "SHOW GRANTS ON DATABASE DB": [granted("USAGE", "PUBLIC")],
            "SHOW GRANTS ON SCHEMA DB.ML": [granted("OWNERSHIP", "DEEP")],
            "SHOW GRANTS TO ROLE TRAINER": [below("MIDDLE")],
            "SHOW GRANTS TO ROLE MIDDLE": [below("DEEP"), below("TRAINER")],
            "SHOW GRANTS TO ROLE DEEP": [],
            "SHOW GRANTS TO ROLE PUBLIC": ObjectMissingError("hidden"),
        }
    )
    assert privileges.missing(JOB, TRAINER, frozenset(), account) == []


def test_what_is_missing_is_told_as_grants() -> None:
    account = Account(
        {
            "SHOW GRANTS ON DATABASE DB": [granted("USAGE", "TRAINER")],
            "SHOW GRANTS ON SCHEMA DB.ML": ObjectMissingError("hidden"),
            "SHOW GRANTS TO": [],
        }
    )
    lacking = privileges.missing(JOB, TRAINER, frozenset(), account)
    assert [item.grant_to(TRAINER) for item in lacking] == [
        "GRANT USAGE ON SCHEMA DB.ML TO ROLE TRAINER",
        "GRANT CREATE MODEL ON SCHEMA DB.ML TO ROLE TRAINER",
    ]


def test_privileges_that_are_directly_held_need_no_look_below() -> None:
    rows = [granted("USAGE", "TRAINER"), granted("CREATE MODEL", "TRAINER")]
    account = Account({"SHOW GRANTS ON": rows})
    assert privileges.missing(JOB, TRAINER, frozenset(), account) == []
    assert len(account.sent) == 2


def declared(*names: str) -> frozenset[tuple[Securable, Privilege]]:
    on = {"USAGE": ["DATABASE DB", "SCHEMA DB.ML"], "CREATE MODEL": ["SCHEMA DB.ML"]}
    return frozenset(
        (Securable.parse(obj), Privilege(name, TRAINER)) for name in names for obj in on[name]
    )


def test_declared_grants_travel_as_text_whatever_their_names() -> None:
    odd = frozenset(
        [(Securable.parse('SCHEMA "a: b"."c"'), Privilege("USAGE", Grantee.parse('ROLE "r: s"')))]
    )
    roles = frozenset(
        (Grantee.parse(role), Privilege("USAGE", TRAINER))
        for role in ("ROLE R", "DATABASE ROLE DB.R")
    )
    pairs = declared("USAGE", "CREATE MODEL") | odd | roles
    assert submit.declared_in(submit.declared_lines(pairs)) == pairs


@pytest.mark.parametrize(
    ("given_to", "is_held"), [("TRAINER", True), ("MIDDLE", True), ("X", False)]
)
def test_what_a_role_holds_counts_where_the_stack_gives_that_role(
    given_to: str, is_held: bool
) -> None:
    rows = [granted("USAGE", "READER"), granted("CREATE MODEL", "DEEP")]
    account = Account(
        {
            "SHOW GRANTS TO ROLE TRAINER": [below("MIDDLE")],
            "SHOW GRANTS TO ROLE READER": [below("DEEP")],
            "SHOW GRANTS TO ROLE MIDDLE": ObjectMissingError("hidden"),
            "SHOW GRANTS TO": [],
            "SHOW GRANTS ON": rows,
        }
    )
    membership = (
        Grantee.parse("ROLE READER"),
        Privilege("USAGE", Grantee.parse(f"ROLE {given_to}")),
    )
    lacking = privileges.missing(JOB, TRAINER, frozenset([membership]), account)
    assert (lacking == []) is is_held


@pytest.mark.parametrize("below_trainer", ["TRAINER", "OTHER", "PUBLIC", "MIDDLE"])
def test_what_the_stack_grants_to_a_role_below_counts_as_held(below_trainer: str) -> None:
    account = Account(
        {
            "SHOW GRANTS TO ROLE TRAINER": [below("MIDDLE")],
            "SHOW GRANTS TO": [],
            "SHOW GRANTS ON": [],
        }
    )
    given = frozenset(
        (on, Privilege(item.privilege, Grantee.parse(f"ROLE {below_trainer}")))
        for on, item in declared("USAGE", "CREATE MODEL")
    )
    is_held = privileges.missing(JOB, TRAINER, given, account) == []
    assert is_held is (below_trainer != "OTHER")


def found(
    account: Account,
    *,
    job: TrainingJob = JOB,
    given: frozenset[tuple[Securable, Privilege]] = frozenset(),
    reads: tuple[Securable, ...] = (),
    runs: Grantee = TRAINER,
) -> list[tuple[str, str]]:
    return submit.faults(
        job,
        declared=given,
        reads=reads,
        read=account,
        running_role=lambda: runs,
    )


def test_a_stack_that_grants_everything_asks_nothing() -> None:
    account = Account({})
    job = TrainingJob(JOB.model, JOB.base_model, JOB.training_query, role="TRAINER")
    assert found(account, job=job, given=declared("USAGE", "CREATE MODEL")) == []
    assert account.sent == []


@pytest.mark.parametrize("role", ["TRAINER", None])
def test_missing_privileges_are_told_where_the_role_is_declared(role: str | None) -> None:
    job = TrainingJob(JOB.model, JOB.base_model, JOB.training_query, role=role)
    account = Account({"SHOW GRANTS": [], "SHOW MODELS": []})
    ((field, text),) = found(account, job=job, given=declared("USAGE"))
    assert field == ("role" if role else "model")
    assert text == (
        "ROLE TRAINER may not train DB.ML.M;"
        " where the objects exist run: GRANT CREATE MODEL ON SCHEMA DB.ML TO ROLE TRAINER"
    )


VIEW = Securable.parse("VIEW DB.ML.V")
MAKER = Grantee.parse("ROLE MAKER")
ELSEWHERE = declared("USAGE", "CREATE MODEL")


def may_read(answers: dict[str, Answer], maker: Grantee = MAKER) -> bool:
    """Whether a role that holds all else may read the view."""
    account = Account({**answers, "SHOW GRANTS TO": []})
    lacking = privileges.missing(
        JOB, TRAINER, ELSEWHERE, account, reads=[VIEW], maker=lambda: maker
    )
    assert all((item.privilege, item.on) == ("SELECT", VIEW) for item in lacking)
    return not lacking


@pytest.mark.parametrize(
    ("rows", "may"),
    [
        ([granted("OWNERSHIP", "MAKER")], False),
        ([granted("OWNERSHIP", "TRAINER")], True),
        ([granted("REFERENCES", "TRAINER")], False),
        ([granted("SELECT", "PUBLIC")], True),
        ([granted("SELECT", "TRAINER") | {"is_inherited": "true"}], True),
    ],
)
def test_a_view_that_is_there_is_read_by_who_was_given_it_or_owns_it(rows: Rows, may: bool) -> None:
    assert may_read({"SHOW GRANTS ON VIEW": rows}) is may


def to_come(privilege: str, grantee: str, on: str = "VIEW") -> dict[str, object]:
    return {
        "privilege": privilege,
        "grant_on": on,
        "name": f"DB.ML.<{on}>",
        "grant_to": "ROLE",
        "grantee_name": grantee,
    }


@pytest.mark.parametrize(
    ("maker", "future", "may"),
    [
        (MAKER, [], False),
        (TRAINER, [], True),
        (MAKER, [to_come("SELECT", "TRAINER")], True),
        (MAKER, [to_come("SELECT", "TRAINER", "TABLE")], False),
        (MAKER, [to_come("OWNERSHIP", "TRAINER")], True),
        (TRAINER, [to_come("OWNERSHIP", "MAKER")], False),
        (MAKER, PrivilegeMissingError("not asked"), True),
    ],
)
def test_a_view_that_is_yet_to_be_made_is_its_makers_or_whom_a_future_grant_names(
    maker: Grantee, future: Answer, may: bool
) -> None:
    hidden = ObjectMissingError("not there")
    assert may_read({"SHOW GRANTS ON VIEW": hidden, "SHOW FUTURE": future}, maker) is may


def test_a_role_that_may_not_read_is_told_what_to_declare() -> None:
    job = TrainingJob(JOB.model, JOB.base_model, JOB.training_query, role="TRAINER")
    account = Account({"SHOW GRANTS": [], "SHOW FUTURE": [], "SHOW MODELS": []})
    ((field, text),) = found(account, job=job, given=ELSEWHERE, reads=(VIEW,), runs=MAKER)
    assert field == "role"
    assert text.startswith("ROLE TRAINER may not read VIEW DB.ML.V, on which DB.ML.M is trained")
    assert text.endswith("run: GRANT SELECT ON VIEW DB.ML.V TO ROLE TRAINER")


def test_what_a_job_reads_travels_as_text() -> None:
    assert submit.objects_in("VIEW DB.ML.V\n") == (VIEW,)
    assert submit.objects_in("") == ()


GONE = ObjectMissingError("does not exist or not authorized")
ADMIN = Grantee.parse("ROLE ADMIN")
MANAGES = granted("MANAGE GRANTS", "ADMIN")
HERE: dict[str, object] = {"database_name": "DB", "schema_name": "ML", "name": JOB.model_name.name}
SHOWN: dict[str, Answer] = {"SHOW MODELS": [HERE]}
NOT_SHOWN: dict[str, Answer] = {"SHOW MODELS": [], "SHOW GRANTS": []}
NO_SCHEMA: dict[str, Answer] = {
    "SHOW MODELS": GONE,
    "SHOW DATABASES": [{"name": "DB"}],
    "SHOW SCHEMAS": [],
}


def sighted(*views: dict[str, Answer]) -> presence.Sight:
    """What the trainer sees, then the connection's role."""
    roles = (TRAINER, ADMIN)
    viewers = [
        presence.Viewer(Account(answers), lambda role=role: role)  # type: ignore[misc]
        for answers, role in zip(views, roles, strict=False)
    ]
    return presence.model_seen(JOB.model_name, viewers, Finetune().artifact)


def test_a_model_that_one_role_sees_is_there() -> None:
    assert sighted(SHOWN).model
    assert sighted(NOT_SHOWN, SHOWN).model
    assert sighted({"SHOW MODELS": GONE, "SHOW DATABASES": []}, SHOWN).model


def test_a_model_that_nobody_sees_is_gone_only_where_somebody_sees_everything() -> None:
    unproved = presence.Sight(unseen_by="ROLE TRAINER and ROLE ADMIN")
    assert sighted(NOT_SHOWN, NOT_SHOWN) == unproved
    sees: dict[str, Answer] = {"SHOW MODELS": [], "SHOW GRANTS ON ACCOUNT": [MANAGES]}
    assert sighted(NOT_SHOWN, sees) == presence.Sight()
    refused: dict[str, Answer] = {"SHOW MODELS": [], "SHOW GRANTS": PrivilegeMissingError("no")}
    assert sighted(NOT_SHOWN, refused) == unproved


def test_a_model_whose_schema_is_gone_is_gone() -> None:
    assert sighted(NO_SCHEMA) == presence.Sight()
    with pytest.raises(ObjectMissingError):
        sighted({"SHOW MODELS": GONE, "SHOW DATABASES": []})


def test_a_role_that_holds_everything_has_no_faults() -> None:
    rows = [granted("USAGE", "TRAINER"), granted("CREATE MODEL", "TRAINER")]
    assert found(Account({"SHOW GRANTS ON": rows})) == []


LISTED = {"id": "ft_1", "status": "IN_PROGRESS", "base_model": JOB.base_model}
KEY = adoption.key_of(Order(JOB, MARKER))
CALL = "SELECT SNOWFLAKE.CORTEX.FINETUNE"


def decided(**answers: Answer) -> Step:
    account = Account(
        {
            "SHOW MODELS": answers.get("models", []),
            f"{CALL}('SHOW'": answers.get("jobs", reply([])),
            f"{CALL}('DESCRIBE'": answers.get("job", []),
            "SELECT QUERY_ID": answers.get("history", []),
            "SELECT * FROM TABLE(RESULT_SCAN(": answers.get("result", []),
            "SHOW CORTEX BASE MODELS": answers.get("offers", []),
        }
    )
    return submit.decide(Order(JOB, MARKER), JobPolicy(), Finetune(), account)


def test_nothing_of_this_spec_is_a_submit() -> None:
    assert decided().action is Action.SUBMIT
    assert decided(models=ObjectMissingError("no schema")).action is Action.SUBMIT


def test_a_model_of_this_spec_is_adopted_before_jobs_are_asked_for() -> None:
    row: dict[str, object] = {
        "database_name": "DB",
        "schema_name": "ML",
        "name": JOB.model_name.name,
    }
    models: Rows = [row | {"comment": str(MARKER)}]
    assert decided(models=models, jobs=RuntimeError("not asked")).action is Action.ADOPT_MODEL


def test_a_running_job_of_this_spec_is_adopted() -> None:
    job = reply(LISTED | {"training_data": f"/* {KEY} */ SELECT 1"})
    assert decided(jobs=reply([LISTED]), job=job).action is Action.ADOPT_JOB


def test_a_suffixed_model_is_asked_for_by_its_own_name() -> None:
    done = LISTED | {"status": "SUCCESS", "model": f"{JOB.model_name}_2"}
    row: dict[str, object] = {
        "database_name": "DB",
        "schema_name": "ML",
        "name": f"{JOB.model_name.name}_2",
    }
    job = reply(done | {"training_data": f"/* {KEY} */ SELECT 1"})
    assert decided(models=[row], jobs=reply([done]), job=job).action is Action.ADOPT_JOB


def test_a_tuned_model_that_nobody_claimed_is_never_paid_for_again() -> None:
    row: dict[str, object] = {
        "database_name": "DB",
        "schema_name": "ML",
        "name": JOB.model_name.name,
    }
    step = decided(models=[row | {"model_type": "CORTEX_FINETUNED"}])
    assert isinstance(step.error, OwnershipError)
    assert "nothing was submitted" in step.error.what


def test_a_running_job_that_cannot_be_looked_into_stops_the_submit() -> None:
    busy = StatementRefusedError("busy")
    assert decided(jobs=reply([LISTED]), job=busy).error is busy


@pytest.mark.parametrize("errno", [14, 603, 604, 630, 300_002])
def test_a_question_that_the_account_gave_up_on_stops_the_submit(errno: int) -> None:
    jobs = reply([LISTED | {"status": "SUCCESS"}])
    refusal = StatementRefusedError("too long", errno=errno)
    assert decided(jobs=jobs, job=refusal).error is refusal


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        ("SUCCESS", StatementRefusedError("collected")),
        ("IN_PROGRESS", PrivilegeMissingError("another role's")),
        ("IN_PROGRESS", ObjectMissingError("hidden")),
    ],
)
def test_a_job_that_cannot_be_ours_is_passed_over(status: str, refusal: Exception) -> None:
    jobs = reply([LISTED | {"status": status}])
    assert decided(jobs=jobs, job=refusal).action is Action.SUBMIT


def test_a_refused_submit_says_what_to_grant() -> None:
    error = submit.explained(ObjectMissingError("gone", errno=2003), JOB, TRAINER)
    assert error.errno == 2003
    assert "GRANT CREATE MODEL ON SCHEMA DB.ML TO ROLE TRAINER" in error.hint
    assert "Nothing was submitted" in error.hint
