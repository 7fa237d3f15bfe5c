"""What is granted between a preview and its run is not revoked by that run."""

from __future__ import annotations

import pytest

from tests.engine.world import World, until

pytestmark = pytest.mark.engine

STACK = """
grants:
  - on: {schema: DOCS.ML}
    exclusive: true
    to: {DOCS_APP: [USAGE]}
"""
SHOWS = "SHOW GRANTS ON SCHEMA DOCS.ML"


def _monitors(world: World) -> set[str]:
    rows = world.sql(SHOWS)
    return {str(row["grantee_name"]) for row in rows if row["privilege"] == "MONITOR"}


def test_an_up_revokes_what_its_preview_showed_and_leaves_what_appeared_since(
    world: World,
) -> None:
    world.stack(STACK)
    world.up()
    world.sql("GRANT MONITOR ON SCHEMA DOCS.ML TO ROLE DOCS_APP")
    before = world.admin.last
    with world.running("up", "--yes") as process:
        until(lambda: any(row["sql"] == SHOWS for row in world.admin.statements(before)))
        world.sql("GRANT MONITOR ON SCHEMA DOCS.ML TO ROLE DOCS_TRAINER")
        text, _ = process.communicate(timeout=60)
    assert process.returncode == 0, text
    told = "MONITOR to ROLE DOCS_TRAINER on SCHEMA DOCS.ML appeared after the preview and stays"
    assert told in text
    assert _monitors(world) == {"DOCS_TRAINER"}

    world.up()
    assert _monitors(world) == set()
