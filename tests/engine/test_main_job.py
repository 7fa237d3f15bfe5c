"""From nothing to a tuned model that answers, through the real engine."""

from __future__ import annotations

import pytest

from tests.engine.conftest import FirstUp
from tests.engine.world import World

pytestmark = pytest.mark.engine


def _spent(world: World) -> list[str]:
    return [row["sql"] for row in world.admin.statements() if row["effect"] == "SPEND"]


@pytest.mark.settled
def test_up_makes_grants_views_job_and_model_and_a_second_up_changes_nothing(
    world: World, first_up: FirstUp
) -> None:
    model = world.outputs()["docs"]
    again = world.pulumi("up", "--yes", "--expect-no-changes")

    assert "FineTuneJob" in first_up.outcome.text
    assert model["phase"] == "READY"
    assert model["model"].startswith("DOCS.ML.LLAMA__")
    assert model["trained_tokens"] > 0
    assert again.code == 0, again.text
    assert len(_spent(world)) == 1


@pytest.mark.settled
def test_the_tuned_model_answers_from_its_training_pairs(world: World) -> None:
    model = world.outputs()["docs"]["model"]
    rows = world.sql(
        f"SELECT AI_COMPLETE('{model}', 'What is a tuple?') AS ANSWER", role="DOCS_TRAINER"
    )
    assert "cannot change" in str(rows[0]["ANSWER"])


def test_progress_of_the_job_is_shown_while_it_trains(world: World) -> None:
    world.admin.call("clock", {"mode": "scaled", "factor": 60})
    outcome = world.up()
    outcome.line("FineTuneJob docs", "IN_PROGRESS", "%")


@pytest.mark.settled
def test_an_unchanged_preview_reads_each_object_once_and_exits_0(world: World) -> None:
    world.up()
    before = world.admin.last
    outcome = world.preview("--expect-no-changes")
    sent = [row["sql"] for row in world.admin.statements(before)]
    model = world.outputs()["docs"]["model"].split(".")[-1]

    assert outcome.code == 0
    assert sorted(sent) == sorted(
        [
            "SHOW GRANTS ON DATABASE DOCS",
            "SHOW GRANTS ON SCHEMA DOCS.ML",
            "SHOW GRANTS ON VIEW DOCS.ML.TRAIN",
            "SHOW GRANTS ON WAREHOUSE TRAIN_WH",
            "SHOW GRANTS OF DATABASE ROLE SNOWFLAKE.CORTEX_USER",
            "SHOW VIEWS IN SCHEMA DOCS.ML",
            f"SHOW MODELS LIKE '{model}' IN SCHEMA DOCS.ML",
        ]
    )


def test_every_statement_carries_stack_and_resource_in_its_query_tag(first_up: FirstUp) -> None:
    tags = {row["query_tag"] for row in first_up.statements}
    assert all(tag.startswith("cortex-resources cortex-resources/dev/") for tag in tags), tags
    assert "cortex-resources cortex-resources/dev/train" in tags


@pytest.mark.settled
def test_a_reverted_spec_adopts_the_old_model_and_pays_nothing(world: World) -> None:
    old = world.outputs()["docs"]["model"]
    world.edit("max_epochs: 2", "max_epochs: 3")
    world.preview().line("will be trained as", "a paid job")
    world.up()
    assert world.outputs()["docs"]["model"] != old
    world.edit("max_epochs: 3", "max_epochs: 2")
    world.preview().line("will adopt", "0 tokens")
    world.up()

    assert world.outputs()["docs"]["model"] == old
    assert len(_spent(world)) == 2
    assert len(world.sql("SHOW MODELS IN SCHEMA DOCS.ML", role="DOCS_TRAINER")) == 2
