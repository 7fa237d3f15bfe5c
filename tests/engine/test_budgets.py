"""Statement budgets: one role, one view, five grants, as in the comparison with other tools."""

from __future__ import annotations

import pytest

from tests.engine.world import World

pytestmark = pytest.mark.engine

S1 = """
grants:
  - on: {database: DOCS}
    to: {DOCS_TRAINER: [USAGE]}
  - on: {schema: DOCS.ML}
    to: {DOCS_TRAINER: [USAGE, CREATE MODEL]}
  - on: {database_role: SNOWFLAKE.CORTEX_USER}
    to: [DOCS_TRAINER]
views:
  train:
    name: DOCS.ML.TRAIN
    query: SELECT question AS prompt, answer AS completion FROM DOCS.RAW.PAIRS
"""


def test_the_small_scenario_stays_within_its_budgets(world: World) -> None:
    world.stack(S1, name="small")
    start = world.admin.last
    world.up("small")
    first = world.admin.statements(start)
    middle = world.admin.last
    world.preview("--expect-no-changes", stack="small")
    unchanged = world.admin.statements(middle)

    assert len(first) <= 9, [row["sql"] for row in first]
    assert len(unchanged) <= 4, [row["sql"] for row in unchanged]


def test_each_process_logs_in_once_per_role(world: World) -> None:
    world.stack(S1, name="small")
    world.up("small")
    before = world.logins
    world.preview(stack="small")
    assert world.logins - before == 2, "the program and the provider host log in once each"
