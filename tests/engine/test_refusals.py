"""Bad input: one clear line or list, and nothing changed in the account."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.engine.world import World

pytestmark = pytest.mark.engine


def _unknown_connection(world: World) -> None:
    path = world.folder / "stacks" / "Pulumi.dev.yaml"
    path.write_text(path.read_text().replace("connection: local", "connection: nowhere"))


def _wrong_password(world: World) -> None:
    world.environment["SNOWFLAKE_PASSWORD"] = "planted-wrong-password"


def _not_running(world: World) -> None:
    world.environment["CORTEX_RESOURCES_LOCAL_PORT"] = "9"


def _lacks_create_model(world: World) -> None:
    world.edit("[USAGE, CREATE MODEL]", "[USAGE]")


def _lacks_select(world: World) -> None:
    world.edit('"${db}_TRAINER": [SELECT]', '"${db}_APP": [SELECT]')


def _training_forbidden(world: World) -> None:
    world.edit("allow_training: true", "allow_training: false")


def _missing_stack_file(world: World) -> None:
    (world.folder / "stacks" / "dev.yaml").unlink()


def _edit(old: str, new: str) -> Callable[[World], None]:
    return lambda world: world.edit(old, new)


TWICE = '  - on: {schema: "${db}.ML"}\n    to: {"${db}_APP": [MONITOR]}\n'

REFUSALS = [
    (_unknown_connection, "nowhere"),
    (_wrong_password, "password"),
    (_not_running, "cortex-resources account start"),
    (_lacks_create_model, "GRANT CREATE MODEL ON SCHEMA DOCS.ML TO ROLE DOCS_TRAINER"),
    (_lacks_select, "ROLE DOCS_TRAINER may not read VIEW DOCS.ML.TRAIN"),
    (_training_forbidden, "policy.allow_training is false"),
    (_missing_stack_file, "dev.yaml"),
    (_edit("max_epochs: 2", "max_epochs: 11"), "stacks/dev.yaml:"),
    (_edit("base_model", "base_mode"), "did you mean"),
    (_edit("completion", "reply"), "COMPLETION"),
    (_edit("vars: {db: DOCS}", "vars: {db: DOCS}\nextends: dev.yaml"), "circle"),
    (_edit('"${db}_APP": [USAGE]}', '"${dbx}_APP": [USAGE]}'), "${dbx} is unknown"),
    (_edit("  - on: {view", TWICE + "  - on: {view"), "already granted"),
    (_edit("WHERE split = 'train'", "WHERE split = 'train' -- x"), "ends in a comment"),
    (_edit("max_epochs: 2", "budget: {max_trained_tokens: 10}"), "max_epochs"),
    (_edit("max_epochs: 2", "max_epochs: two"), "expected a whole number"),
    (_edit("grants:", "grants: [}"), "broken YAML"),
]


@pytest.mark.parametrize(
    ("spoil", "said"), REFUSALS, ids=lambda value: getattr(value, "__name__", "-")
)
def test_a_refused_up_says_why_once_and_changes_nothing(
    world: World, spoil: Callable[[World], None], said: str
) -> None:
    before = world.admin.last
    spoil(world)
    outcome = world.pulumi("up", "--yes")

    assert outcome.code != 0
    diagnostics = outcome.text.partition("Diagnostics:")[2]
    assert said in diagnostics, outcome.text
    assert "Traceback" not in outcome.text
    assert "planted-wrong-password" not in outcome.text
    assert diagnostics.count("error:") <= 2, diagnostics
    assert "no grant here gives" not in diagnostics, "the account was asked, which settles it"
    changed = [r["sql"] for r in world.admin.statements(before) if r["effect"] != "READ"]
    assert changed == []


@pytest.mark.settled
def test_where_training_is_not_allowed_a_planned_retrain_fails_the_preview_and_sends_nothing(
    world: World,
) -> None:
    _training_forbidden(world)
    before = world.admin.last
    world.edit("max_epochs: 2", "max_epochs: 3")
    outcome = world.pulumi("preview")

    assert outcome.code != 0
    assert "policy.allow_training is false" in outcome.text
    assert {row["effect"] for row in world.admin.statements(before)} == {"READ"}


@pytest.mark.settled
def test_a_second_stack_that_declares_a_model_of_the_first_is_refused_by_its_preview(
    world: World,
) -> None:
    world.stack(name="other")
    before = world.admin.last
    outcome = world.pulumi("preview", stack="other")

    assert outcome.code != 0
    assert "belongs to cortex-resources/dev/docs, another stack" in outcome.text
    assert {row["effect"] for row in world.admin.statements(before)} == {"READ"}


@pytest.mark.settled
def test_an_up_that_leaves_the_edited_view_out_pays_for_no_job_on_the_old_one(
    world: World,
) -> None:
    before = world.admin.last
    world.edit("WHERE split = 'train'", "WHERE split = 'valid'")
    view = world.resources("TrainingView")[0]["urn"]
    outcome = world.pulumi("up", "--yes", "--skip-preview", "--exclude", view)

    assert outcome.code != 0
    assert "view DOCS.ML.TRAIN reads something else than what is declared" in outcome.text
    assert {row["effect"] for row in world.admin.statements(before)} == {"READ"}


@pytest.mark.settled
def test_the_last_model_and_view_leave_the_file_and_stay_where_the_same_edit_forbids_drops(
    world: World,
) -> None:
    before = world.admin.last
    path = world.folder / "stacks" / "dev.yaml"
    grants, _, _ = path.read_text(encoding="utf-8").partition("views:")
    path.write_text(f"{grants}policy: {{allow_drop: false, allow_revoke: false}}\n")
    outcome = world.up()

    assert "kept model DOCS.ML.LLAMA__" in outcome.text
    assert {row["effect"] for row in world.admin.statements(before)} == {"READ"}


@pytest.mark.settled
def test_an_emptied_stack_file_is_an_error_and_removes_nothing(world: World) -> None:
    before = world.admin.last
    (world.folder / "stacks" / "dev.yaml").write_text("# vars: {db: DOCS}\n")
    outcome = world.pulumi("up", "--yes", "--skip-preview")

    assert outcome.code != 0
    assert "the stack file of dev declares nothing" in outcome.text
    assert {row["effect"] for row in world.admin.statements(before)} == {"READ"}
