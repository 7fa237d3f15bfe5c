"""The name that consumers call moves with a retraining, and is left to whoever replaced it."""

from __future__ import annotations

import pytest

from tests.engine.world import World

pytestmark = [pytest.mark.engine, pytest.mark.settled]

ALIAS = """    max_epochs: 2
    alias: {name: "${db}.ML.ANSWER", comment: Answers}
"""
ON_FUNCTION = """  - on: {function: "${db}.ML.ANSWER(VARCHAR)"}
    to: {"${db}_APP": [USAGE]}
views:
"""


def _changes(world: World, since: int) -> list[str]:
    """What changed the account."""
    return [row["sql"] for row in world.admin.statements(since) if row["effect"] != "READ"]


def _body(world: World) -> str:
    rows = world.sql("DESCRIBE FUNCTION DOCS.ML.ANSWER(VARCHAR)")
    return next(str(row["value"]) for row in rows if row["property"] == "body")


def test_an_alias_is_made_moves_with_a_retraining_and_is_left_to_a_stranger(world: World) -> None:
    world.edit("    max_epochs: 2\n", ALIAS)
    world.edit("views:\n", ON_FUNCTION)
    refused = world.pulumi("preview")
    assert refused.code != 0
    refused.line("GRANT CREATE FUNCTION ON SCHEMA DOCS.ML TO ROLE DOCS_TRAINER")

    world.edit("[USAGE, CREATE MODEL]", "[USAGE, CREATE MODEL, CREATE FUNCTION]")
    world.up()
    first = world.outputs()["docs"]["serves"]
    assert world.outputs()["docs"]["alias"] == "DOCS.ML.ANSWER"
    assert first in _body(world)
    said = world.sql("SELECT DOCS.ML.ANSWER('What is a list?') AS said", role="DOCS_APP")
    assert said[0]["SAID"]

    world.edit(ALIAS, "    max_epochs: 2\n")
    left = world.pulumi("preview")
    assert left.code != 0
    left.line("FUNCTION DOCS.ML.ANSWER(VARCHAR) is an alias that leaves", "keep the alias")
    world.edit("    max_epochs: 2\n", ALIAS)

    world.edit("max_epochs: 2", "max_epochs: 3")
    preview = world.preview()
    preview.line(f'~ target: "{first}" =>')
    assert "__" not in preview.text.partition("ModelAlias")[2].partition("--outputs")[0].replace(
        "LLAMA__", ""
    )
    before = world.admin.last
    world.up()
    sent = _changes(world, before)
    second = world.outputs()["docs"]["serves"]
    assert second != first
    assert second in _body(world)
    assert [sql.split("(")[0] for sql in sent if "FUNCTION" in sql] == [
        "CREATE OR REPLACE FUNCTION DOCS.ML.ANSWER"
    ]
    assert world.sql("SELECT DOCS.ML.ANSWER('What is a set?') AS said", role="DOCS_APP")

    world.sql(
        "CREATE OR REPLACE FUNCTION DOCS.ML.ANSWER(PROMPT VARCHAR) RETURNS VARCHAR AS 'PROMPT'"
    )
    refused = world.pulumi("preview")
    assert refused.code != 0
    refused.line("DOCS.ML.ANSWER does not carry the marker", "DROP FUNCTION DOCS.ML.ANSWER")
    gone = world.pulumi("destroy", "--yes", "--skip-preview")
    assert gone.code == 0, gone.text
    assert _body(world) == "PROMPT"
    assert world.admin.call("state")["models"] == []
