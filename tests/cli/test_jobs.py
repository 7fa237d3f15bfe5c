"""`cortex-resources jobs` over a real account: what is ours, what it cost, what nobody knows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cortex_resources.cli.main import main
from cortex_resources.emulator.server import LocalAccount
from cortex_resources.gateway import session
from cortex_resources.gateway.session import Account
from cortex_resources.gateway.settings import resolve
from cortex_resources.model.aliases import AliasMarker, ModelAlias
from cortex_resources.model.jobs import Marker, TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.orders import Order
from cortex_resources.plan import adoption
from cortex_resources.sql import finetune, functions, models
from tests.engine.world import Admin

SEED = """
CREATE DATABASE DOCS;
CREATE SCHEMA DOCS.ML;
CREATE TABLE DOCS.ML.PAIRS (PROMPT VARCHAR, COMPLETION VARCHAR);
INSERT INTO DOCS.ML.PAIRS VALUES ('what is a list', 'a sequence'), ('the secret row', 'a bag');
CREATE ROLE DOCS_TRAINER;
GRANT ROLE DOCS_TRAINER TO ROLE SYSADMIN;
GRANT USAGE ON DATABASE DOCS TO ROLE DOCS_TRAINER;
GRANT USAGE, CREATE MODEL ON SCHEMA DOCS.ML TO ROLE DOCS_TRAINER;
GRANT SELECT ON TABLE DOCS.ML.PAIRS TO ROLE DOCS_TRAINER;
GRANT DATABASE ROLE SNOWFLAKE.CORTEX_USER TO ROLE DOCS_TRAINER
"""
QUERY = "SELECT prompt, completion FROM DOCS.ML.PAIRS"
STACK = f"""
rates: {{llama3.1-8b: {{credits_per_million_tokens: 3.0, as_of: 2026-08-01}}}}
models:
  docs:
    name: DOCS.ML.LLAMA
    base_model: llama3.1-8b
    training: {{query: "{QUERY}"}}
    max_epochs: 2
"""


@dataclass
class Project:
    """A project with stack files, and an account beside it."""

    folder: Path
    account: LocalAccount

    role: str = ""

    def jobs(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, what was printed, and what was said beside it."""
        environ = {
            "SNOWFLAKE_ROLE": self.role,
            "CORTEX_RESOURCES_LOCAL_PORT": str(self.account.port),
            "PATH": str(self.folder),
        }
        done = CliRunner().invoke(
            main, ["jobs", "--folder", str(self.folder / "stacks"), *arguments], env=environ
        )
        return done.exit_code, done.stdout, done.stderr

    def json(self, *arguments: str, code: int = 0) -> Any:
        """One document; the command must end with this exit code."""
        ended, text, beside = self.jobs(*arguments, "--json")
        assert ended == code, text + beside
        return json.loads(text)

    def submit(self, stack: str = "dev", *, token: str = "", role: str | None = None) -> str:
        """A job as a provider submits it; its id."""
        order = order_of(stack, token)
        statement = finetune.create(order.job, adoption.key_of(order))
        return finetune.job_id(self._account(lambda a: a.run(statement, role=role)))

    def claim(self, job: str, stack: str = "dev") -> QualifiedName:
        """The marker on a model that a job made."""
        order = order_of(stack)
        marker = Marker("proj", stack, "docs", order.job.spec_hash, job)
        statement = models.set_comment(order.job.model_name, "", marker)
        self._account(lambda a: a.run(statement))
        return order.job.model_name

    def ended(self) -> None:
        """Every job has ended."""
        Admin(self.account.port).call("clock", {"advance_s": 7200})

    def _account(self, do: Any) -> Any:
        environ = {"CORTEX_RESOURCES_LOCAL_PORT": str(self.account.port)}
        account = Account(resolve("local", environ=environ, folder=self.folder))
        try:
            return do(account)
        finally:
            account.close()

    def state(self, *resources: dict[str, Any], stack: str = "dev") -> str:
        """An exported state with these resources."""
        file = self.folder / "exported.json"
        urn = f"urn:pulumi:{stack}::proj::pulumi-python:dynamic:Resource::docs"
        listed = [{"urn": urn, "outputs": outputs} for outputs in resources]
        file.write_text(json.dumps({"version": 3, "deployment": {"resources": listed}}))
        return str(file)


def order_of(stack: str, token: str = "") -> Order:
    job = TrainingJob(
        QualifiedName.parse("DOCS.ML.LLAMA"),
        "llama3.1-8b",
        QUERY,
        max_epochs=2,
        retrain_token=token,
    )
    return Order(job, Marker("proj", stack, "docs", job.spec_hash))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    (tmp_path / "stacks").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: proj\nruntime: python\n")
    for name in ("dev", "staging"):
        (tmp_path / f"stacks/{name}.yaml").write_text(STACK)
        settings = "config:\n  cortex-resources:connection: local\n"
        (tmp_path / f"stacks/Pulumi.{name}.yaml").write_text(settings)
    with LocalAccount(port=0) as account:
        account.seed(SEED)
        Admin(account.port).call("clock", {"mode": "frozen"})
        yield Project(tmp_path, account)
    session.close_all()


def test_a_stack_without_jobs_lists_nothing(project: Project) -> None:
    assert project.json("dev")["jobs"] == []


def test_a_running_job_is_listed_with_what_it_trains(project: Project) -> None:
    job = project.submit()
    (found,) = project.json("dev")["jobs"]
    assert (found["stack"], found["key"], found["job"]) == ("dev", "docs", job)
    assert (found["phase"], found["base_model"]) == ("TRAINING", "llama3.1-8b")
    assert found["declared"] is True


def test_a_ready_model_is_listed_with_tokens_and_their_cost(project: Project) -> None:
    job = project.submit()
    project.ended()
    model = project.claim(job)
    (found,) = project.json("dev")["jobs"]
    assert (found["phase"], found["model"], found["claimed"]) == ("READY", str(model), True)
    assert found["trained_tokens"] > 0
    assert found["credits"] == pytest.approx(found["trained_tokens"] * 3 / 1_000_000)
    assert project.jobs("dev")[1].count(str(model)) == 1


def test_which_version_an_alias_calls_is_said_by_its_body(project: Project) -> None:
    project.submit()
    project.ended()
    older = project.claim(project.json("dev")["jobs"][0]["job"])
    project.submit(token="again")
    project.ended()
    marker = AliasMarker("proj", "dev", "docs", QualifiedName.parse("DOCS.ML.LLAMA__OTHER"))
    alias = ModelAlias(QualifiedName.parse("DOCS.ML.ANSWER"))
    text = functions.create(alias, marker).text.replace("AI_COMPLETE('DOCS.ML.LLAMA__OTHER'", "{}")
    project.account.seed(text.format(f"AI_COMPLETE('{older}'"))
    project.account.seed(
        "CREATE FUNCTION DOCS.ML.STRANGER(PROMPT VARCHAR) RETURNS VARCHAR"
        f" AS 'AI_COMPLETE(''{older}'', PROMPT)::VARCHAR'"
    )
    served = {item["model"]: item["served_as"] for item in project.json("dev")["jobs"]}
    assert len(served) == 2
    assert served.pop(str(older)) == ["DOCS.ML.ANSWER"]
    assert list(served.values()) == [[]]
    assert "| DOCS.ML.ANSWER |" in project.jobs("dev")[1]


def test_a_job_of_another_role_is_seen_through_the_role_that_the_stack_declares(
    project: Project,
) -> None:
    job = project.submit(role="DOCS_TRAINER")
    file = project.folder / "stacks/dev.yaml"
    file.write_text(file.read_text() + "    run_as: {role: DOCS_TRAINER}\n")
    assert [item["job"] for item in project.json("dev")["jobs"]] == [job]


def test_a_model_counts_as_missing_only_where_a_role_that_sees_all_does_not_see_it(
    project: Project,
) -> None:
    project.submit(role="DOCS_TRAINER")
    project.ended()
    name = order_of("dev").job.model_name
    project.account.seed(
        "CREATE ROLE SERVING; GRANT ROLE SERVING TO ROLE ACCOUNTADMIN;"
        f" GRANT OWNERSHIP ON MODEL {name} TO ROLE SERVING REVOKE CURRENT GRANTS"
    )
    project.role = "DOCS_TRAINER"
    (hidden,) = project.json("dev")["jobs"]
    assert (hidden["phase"], hidden["unseen_by"]) == ("NOT_VISIBLE", "ROLE DOCS_TRAINER")
    assert "not visible to ROLE DOCS_TRAINER" in project.jobs("dev")[1]

    session.close_all()
    project.role = "ACCOUNTADMIN"
    project.account.seed(f"DROP MODEL {name}")
    (gone,) = project.json("dev")["jobs"]
    assert (gone["phase"], gone["unseen_by"]) == ("MISSING", None)


def test_each_stack_sees_its_own_and_no_stack_means_all(project: Project) -> None:
    dev, staging = project.submit("dev"), project.submit("staging")
    assert [item["job"] for item in project.json("staging")["jobs"]] == [staging]
    assert {item["job"] for item in project.json()["jobs"]} == {dev, staging}


def test_a_stack_file_with_violations_is_left_out_by_name(project: Project) -> None:
    (project.folder / "stacks/broken.yaml").write_text("modles: {}\n")
    assert "stack broken is left out" in str(project.json()["notes"])
    code, _, said = project.jobs("broken")
    assert code == 1
    assert "modles" in said


def test_a_running_job_in_no_state_is_an_orphan_with_its_way_out(project: Project) -> None:
    job = project.submit()
    (found,) = project.json("dev", "--orphans", "--state", project.state(), code=2)["orphans"]
    assert found["job"] == job
    assert found["adopt"].startswith("pulumi up --stack dev  # models.docs declares it")
    project.account.seed(found["remove"])
    assert project.json("dev")["jobs"][0]["phase"] == "CANCELLED"
    assert project.json("dev", "--orphans", "--state", project.state())["orphans"] == []


def test_what_a_state_knows_is_no_orphan(project: Project) -> None:
    job = project.submit()
    known = project.state({"job_id": job})
    assert project.jobs("dev", "--orphans", "--state", known)[0] == 0
    project.ended()
    model = project.claim(job)
    for outputs in ({"saved_as": str(model)}, {"previous_models": f"{model}\n"}):
        assert project.jobs("dev", "--orphans", "--state", project.state(outputs))[0] == 0


def test_a_model_that_nobody_claimed_is_adopted_by_its_marker_or_dropped(
    project: Project,
) -> None:
    job = project.submit(token="another")
    project.ended()
    (found,) = project.json("dev", "--orphans", "--state", project.state(), code=2)["orphans"]
    alter, _, rest = found["adopt"].partition("; then ")
    assert "declare models.docs with spec" in rest
    project.account.seed(alter)
    (claimed,) = project.json("dev", "--orphans", "--state", project.state(), code=2)["orphans"]
    assert (claimed["job"], claimed["claimed"]) == (job, True)
    project.account.seed(claimed["remove"])
    assert project.json("dev")["jobs"][0]["phase"] == "MISSING"


def test_a_training_row_or_query_is_in_no_report(project: Project) -> None:
    project.submit()
    for arguments in ((), ("--json",), ("--orphans", "--state", project.state())):
        code, text, said = project.jobs("dev", *arguments)
        assert code in (0, 2)
        assert "secret row" not in text + said
        assert "PAIRS" not in text + said


def test_orphans_without_an_engine_and_without_a_state_are_an_error(project: Project) -> None:
    project.submit()
    code, text, said = project.jobs("dev", "--orphans")
    assert (code, text) == (1, "")
    assert "none on PATH" in said
    assert "--state FILE" in said


@pytest.mark.parametrize(
    ("text", "word"),
    [("not json", "no exported state"), ('{"deployment": 3}', "no exported state")],
)
def test_a_file_that_is_no_state_is_refused(project: Project, text: str, word: str) -> None:
    file = project.folder / "broken.json"
    file.write_text(text)
    code, _, said = project.jobs("dev", "--orphans", "--state", str(file))
    assert code == 1
    assert word in said


def test_the_state_of_another_stack_is_refused(project: Project) -> None:
    project.submit()
    other = project.state({"job_id": "ft_1"}, stack="prod")
    code, _, said = project.jobs("dev", "--orphans", "--state", other)
    assert code == 1
    assert "is the state of prod, not of dev" in said


def test_an_account_that_does_not_answer_is_an_error(project: Project) -> None:
    settings = project.folder / "stacks/Pulumi.dev.yaml"
    settings.write_text("config:\n  cortex-resources:connection: nowhere\n")
    answer = project.json("dev", code=1)
    assert "nowhere" in answer["error"]
    assert answer["hint"]
