"""Interrupted, destroyed, kept: nothing is paid twice, nothing foreign is touched."""

from __future__ import annotations

import pytest

from tests.engine.world import STACK, World, until
from toolchain import run

pytestmark = pytest.mark.engine


def _creates(world: World) -> int:
    return sum(row["effect"] == "SPEND" for row in world.admin.statements())


def test_ctrl_c_while_training_ends_soon_and_the_next_up_waits_for_the_same_job(
    world: World,
) -> None:
    world.admin.call("clock", {"mode": "frozen"})
    with world.running("up", "--yes", "--skip-preview") as process:
        until(lambda: _creates(world) == 1)
        until(lambda: sum("'DESCRIBE'" in r["sql"] for r in world.admin.statements()) > 1)
        ended = world.interrupt(process)
    world.admin.call("clock", {"mode": "scaled", "factor": 3000})
    world.up()

    assert ended.seconds < 10, ended.text
    assert ended.code != 0
    assert world.outputs()["docs"]["phase"] == "READY"
    assert _creates(world) == 1


def test_destroy_takes_everything_of_ours_and_nothing_else(world: World) -> None:
    world.sql(
        "CREATE VIEW DOCS.ML.FOREIGN_VIEW AS SELECT question AS q FROM DOCS.RAW.PAIRS;"
        "GRANT MONITOR ON DATABASE DOCS TO ROLE DOCS_APP"
    )
    world.up()
    outcome = world.pulumi("destroy", "--yes")
    assert outcome.code == 0, outcome.text

    views = world.sql("SHOW VIEWS IN SCHEMA DOCS.ML")
    grants = world.sql("SHOW GRANTS ON DATABASE DOCS")
    assert [view["name"] for view in views] == ["FOREIGN_VIEW"]
    assert world.sql("SHOW MODELS IN SCHEMA DOCS.ML") == []
    assert [g["privilege"] for g in grants if g["privilege"] != "OWNERSHIP"] == ["MONITOR"]
    assert len(world.sql("SELECT * FROM DOCS.RAW.PAIRS")) == 4


def test_a_privilege_that_was_there_before_is_never_revoked(world: World) -> None:
    world.sql("GRANT USAGE ON DATABASE DOCS TO ROLE DOCS_APP")
    world.up()
    world.pulumi("destroy", "--yes")
    rows = world.sql("SHOW GRANTS ON DATABASE DOCS")
    assert [r["grantee_name"] for r in rows if r["privilege"] == "USAGE"] == ["DOCS_APP"]


def test_destroy_while_training_cancels_the_job(world: World) -> None:
    world.edit("max_epochs: 2", "max_epochs: 2\n    wait: none")
    world.admin.call("clock", {"mode": "frozen"})
    world.up()
    assert world.outputs()["docs"]["phase"] == "TRAINING"
    outcome = world.pulumi("destroy", "--yes")

    assert outcome.code == 0, outcome.text
    jobs = str(world.sql("SELECT SNOWFLAKE.CORTEX.FINETUNE('SHOW') AS J")[0]["J"])
    assert '"CANCELLED"' in jobs


def test_a_job_that_ends_between_two_runs_is_harvested_by_the_next(world: World) -> None:
    world.edit("max_epochs: 2", "max_epochs: 2\n    wait: none")
    world.admin.call("clock", {"mode": "frozen"})
    world.up()
    world.admin.call("clock", {"advance_s": 3600})
    world.up()

    assert world.outputs()["docs"]["phase"] == "READY"
    assert world.pulumi("preview", "--expect-no-changes").code == 0
    assert _creates(world) == 1
    world.pulumi("destroy", "--yes")
    assert world.sql("SHOW MODELS IN SCHEMA DOCS.ML") == []


def test_a_stack_that_may_not_drop_keeps_its_models_and_says_so(world: World) -> None:
    world.edit("allow_drop: true", "allow_drop: false")
    world.up()
    outcome = world.pulumi("destroy", "--yes")

    assert outcome.code == 0, outcome.text
    outcome.line("FineTunedArtifact", "[retain]")
    assert len(world.sql("SHOW MODELS IN SCHEMA DOCS.ML")) == 1
    assert not any("DROP" in row["sql"] for row in world.admin.statements())


def test_state_lost_after_submit_adopts_the_job_instead_of_paying_again(world: World) -> None:
    world.admin.call("clock", {"mode": "frozen"})
    with world.running("up", "--yes", "--skip-preview") as process:
        until(lambda: sum("'DESCRIBE'" in r["sql"] for r in world.admin.statements()) > 1)
        world.interrupt(process)
    assert world.pulumi("stack", "rm", "dev", "--force", "--yes", "--preserve-config").code == 0
    assert world.pulumi("stack", "init", "dev").code == 0
    world.admin.call("clock", {"mode": "scaled", "factor": 3000})
    world.up()

    assert _creates(world) == 1
    assert world.outputs()["docs"]["phase"] == "READY"


def test_three_stacks_in_one_account_do_not_touch_each_other(world: World) -> None:
    for name, database in (("staging", "STAGING"), ("prod", "PROD")):
        world.fixture(database)
        world.stack(STACK.format(db=database), name=name)
    for name in ("dev", "staging", "prod"):
        world.up(name)
    before = {db: world.sql(f"SHOW GRANTS ON SCHEMA {db}.ML") for db in ("STAGING", "PROD")}
    assert world.pulumi("destroy", "--yes", stack="dev").code == 0

    for database, grants in before.items():
        assert world.sql(f"SHOW GRANTS ON SCHEMA {database}.ML") == grants
        assert len(world.sql(f"SHOW MODELS IN SCHEMA {database}.ML")) == 1
        assert len(world.sql(f"SHOW VIEWS IN SCHEMA {database}.ML")) == 1
    assert world.pulumi("preview", "--expect-no-changes", stack="staging").code == 0
    assert world.pulumi("preview", "--expect-no-changes", stack="prod").code == 0


@pytest.mark.settled
def test_a_renamed_key_keeps_the_paid_model_through_the_real_engine(world: World) -> None:
    model = world.outputs()["docs"]["model"]
    world.edit("  docs:\n", "  answers:\n")
    world.up()

    assert world.outputs()["answers"]["model"] == model
    assert _creates(world) == 1
    assert len(world.sql("SHOW MODELS IN SCHEMA DOCS.ML")) == 1
    assert world.pulumi("preview", "--expect-no-changes").code == 0


@pytest.mark.settled
def test_a_forced_replacement_of_everything_loses_nothing(world: World) -> None:
    urns = [found["urn"] for found in world.resources() if "dynamic/cortex" in found["type"]]
    assert len(urns) == 8
    forced = [f"--replace={urn}" for urn in urns]
    outcome = world.pulumi("up", "--yes", "--skip-preview", *forced)

    assert outcome.code == 0, outcome.text
    assert len(world.sql("SHOW MODELS IN SCHEMA DOCS.ML")) == 1
    assert len(world.sql("SHOW VIEWS IN SCHEMA DOCS.ML")) == 1
    assert _creates(world) == 1
    assert world.pulumi("preview", "--expect-no-changes").code == 0


@pytest.mark.settled
def test_a_model_that_leaves_with_a_stricter_policy_stays_in_the_account(world: World) -> None:
    path = world.folder / "stacks" / "dev.yaml"
    text = path.read_text(encoding="utf-8").replace("allow_drop: true", "allow_drop: false")
    path.write_text(text[: text.index("models:")] + text[text.index("policy:") :], encoding="utf-8")
    world.up()
    assert len(world.sql("SHOW MODELS IN SCHEMA DOCS.ML")) == 1


def test_another_name_for_the_same_account_sends_nothing_and_loses_nothing(world: World) -> None:
    port = world.environment["CORTEX_RESOURCES_LOCAL_PORT"]
    login = 'account="local"\nuser="LOCAL_ADMIN"\npassword="local"\nhost="127.0.0.1"\n'
    login += f'protocol="http"\nport={port}\n'
    connections = world.folder / "connections.toml"
    connections.write_text(f"[one]\n{login}\n[two]\n{login}", encoding="utf-8")
    connections.chmod(0o600)
    world.environment["SNOWFLAKE_HOME"] = str(world.folder)
    settings = world.folder / "stacks" / "Pulumi.dev.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("connection: local", "connection: one"), encoding="utf-8")
    world.up()
    before = world.admin.last
    settings.write_text(text.replace("connection: local", "connection: two"), encoding="utf-8")
    world.up()

    changed = [r["sql"] for r in world.admin.statements(before) if r["effect"] != "READ"]
    assert changed == []
    assert world.pulumi("preview", "--expect-no-changes").code == 0


@pytest.mark.settled
def test_make_destroy_obeys_the_file_of_today_and_without_one_the_last_run(
    world: World, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "CHECKOUT", world.folder)
    monkeypatch.chdir(world.folder)
    for variable, value in world.environment.items():
        monkeypatch.setenv(variable, value)
    settings = world.folder / "stacks" / "Pulumi.dev.yaml"
    settings.unlink()  # else `make` starts an account of its own

    world.edit("allow_drop: true", "allow_drop: true, protect: true")
    before = world.admin.last
    assert run.main(["destroy", "dev"]) == 1
    assert "forbids more than at the last `up` (protect)" in capfd.readouterr().err
    assert world.admin.last == before

    (world.folder / "stacks" / "dev.yaml").unlink()
    settings.unlink(missing_ok=True)  # selecting the stack writes it again
    assert run.main(["preview", "dev"]) == 1
    assert run.main(["destroy", "dev"]) == 0
    assert "there is no stacks/dev.yaml: what the last `up` of dev left" in capfd.readouterr().err
    assert world.resources() == []
    assert world.sql("SHOW MODELS IN SCHEMA DOCS.ML") == []


@pytest.mark.settled
def test_a_destroy_that_runs_the_program_keeps_what_the_file_of_today_keeps(world: World) -> None:
    world.edit("allow_drop: true", "allow_drop: false")
    outcome = world.pulumi("destroy", "--yes", "--skip-preview", "--run-program")
    assert outcome.code == 0, outcome.text
    assert world.resources() == []
    assert len(world.sql("SHOW MODELS IN SCHEMA DOCS.ML")) == 1
    assert [view["name"] for view in world.sql("SHOW VIEWS IN SCHEMA DOCS.ML")] == ["TRAIN"]
