"""A version that does not pass its gate changes nothing that is served, and is not paid again."""

from __future__ import annotations

import pytest

from tests.engine.world import World

pytestmark = [pytest.mark.engine, pytest.mark.settled]

GATE = """    max_epochs: 2
    gate:
      query: |
        SELECT 'long_enough' AS name, MIN(LENGTH(AI_COMPLETE($model, prompt))) AS value
        FROM ${db}.ML.TRAIN
      at_least: {long_enough: 1}
    alias: {name: "${db}.ML.ANSWER"}
"""
ON_MODEL = """  - on: {model: "${db}.ML.LLAMA"}
    to: {"${db}_APP": [USAGE]}
views:
"""


def _sent(world: World, number: int) -> list[str]:
    """What changed the account, or asked a model."""
    rows = world.admin.statements(number)
    asked = "MIN(LENGTH(AI_COMPLETE("
    return [row["sql"] for row in rows if row["effect"] != "READ" or asked in row["sql"]]


def _models(world: World) -> list[str]:
    found: list[str] = world.admin.call("state")["models"]
    return found


def _body(world: World) -> str:
    rows = world.sql("DESCRIBE FUNCTION DOCS.ML.ANSWER(VARCHAR)")
    return next(str(row["value"]) for row in rows if row["property"] == "body")


def test_a_version_that_fails_its_gate_leaves_what_is_served_and_is_not_paid_again(
    world: World,
) -> None:
    world.edit("[USAGE, CREATE MODEL]", "[USAGE, CREATE MODEL, CREATE FUNCTION]")
    world.edit("    max_epochs: 2\n", GATE)
    world.edit("views:\n", ON_MODEL)
    world.up()
    (served,) = _models(world)
    assert f"'{served}'" in _body(world)

    world.edit("max_epochs: 2", "max_epochs: 3")
    world.edit("{long_enough: 1}", "{long_enough: 1000000}")
    preview = world.preview()
    preview.line("will be evaluated")
    assert not any(line.strip(" +~-").startswith("__") for line in preview.text.splitlines())
    failed = world.pulumi("up", "--yes", "--skip-preview")
    assert failed.code != 0
    failed.line("does not pass its gate", "long_enough is", "at least 1e+06 is asked")
    assert len(_models(world)) == 2

    before = world.admin.last
    again = world.pulumi("up", "--yes", "--skip-preview")
    assert again.code != 0
    again.line("does not pass its gate")
    refused = world.pulumi("preview")
    assert refused.code != 0
    refused.line("does not pass its gate")
    assert _sent(world, before) == []
    assert served in _models(world)
    assert f"'{served}'" in _body(world)

    pinned = f'ANSWER", pin: {served.rpartition("__")[2]}}}'
    world.edit('ANSWER"}', pinned)
    told = world.pulumi("up", "--yes")
    assert told.code == 0, told.text
    told.line("warning: ", "does not pass its gate", "what is served says alias.pin")
    assert f"'{served}'" in _body(world)
    world.edit(pinned, 'ANSWER"}')

    world.edit("{long_enough: 1000000}", "{long_enough: 2}")
    world.preview().line("target", served, "=>")
    before = world.admin.last
    world.up()
    (moved,) = [text for text in _sent(world, before) if "FUNCTION" in text]
    assert moved.startswith("CREATE OR REPLACE FUNCTION DOCS.ML.ANSWER(PROMPT VARCHAR) COPY GRANTS")
    assert not any("FINETUNE" in text or "MIN(LENGTH(" in text for text in _sent(world, before))
    assert f"'{served}'" not in _body(world)


def test_nothing_is_paid_that_could_never_be_served(world: World) -> None:
    world.edit("[USAGE, CREATE MODEL]", "[USAGE, CREATE MODEL, CREATE FUNCTION]")
    typo = GATE.replace("$model, prompt", "$model, promptt")
    world.edit("    max_epochs: 2\n", typo.replace("max_epochs: 2", "max_epochs: 3"))
    before = world.admin.last
    world.sql("CREATE FUNCTION DOCS.ML.ANSWER(PROMPT VARCHAR) RETURNS VARCHAR AS 'PROMPT'")
    refused = world.pulumi("up", "--yes", "--skip-preview")
    assert refused.code != 0
    refused.line("gate.query of", "invalid identifier 'PROMPTT'")
    refused.line("function DOCS.ML.ANSWER does not carry the marker of this stack")
    assert not any("FINETUNE" in text for text in _sent(world, before))

    world.sql("DROP FUNCTION DOCS.ML.ANSWER(VARCHAR)")
    world.edit("promptt", "prompt")
    world.edit("at_least: {long_enough: 1}", "at_most: {training_loss: 0.000001}")
    before = world.admin.last
    failed = world.pulumi("up", "--yes", "--skip-preview")
    assert failed.code != 0
    failed.line("does not pass its gate: training_loss is", "its query was not run")
    assert len([text for text in _sent(world, before) if "FINETUNE('CREATE'" in text]) == 1
    assert not any("MIN(LENGTH(AI_COMPLETE(" in text for text in _sent(world, before))

    world.edit("0.000001", "1000")
    world.up()
    assert len(_models(world)) == 2
    assert any(f"'{name}'" in _body(world) for name in _models(world))


def test_a_run_that_does_not_wait_moves_nothing_until_the_version_passed(world: World) -> None:
    world.edit("[USAGE, CREATE MODEL]", "[USAGE, CREATE MODEL, CREATE FUNCTION]")
    world.edit("    max_epochs: 2\n", GATE)
    world.edit("views:\n", ON_MODEL)
    world.up()
    (served,) = _models(world)

    world.admin.call("clock", {"mode": "frozen"})
    world.edit("max_epochs: 2", "max_epochs: 3\n    wait: none")
    before = world.admin.last
    # Of chosen resources, too, none may take the model that is ready for the one that is not.
    chosen = [row["urn"] for kind in ("Job", "Gate", "Alias") for row in world.resources(kind)]
    targets = [word for urn in chosen for word in ("--target", urn)]
    assert world.pulumi("up", "--yes", "--skip-preview", *targets).code == 0
    world.up().line("grants on MODEL", served, "stay as they are")
    (paid,) = _sent(world, before)
    assert "FINETUNE('CREATE'" in paid

    world.admin.call("clock", {"advance_s": 7200})
    before = world.admin.last
    world.up()
    words = [text.split()[0] for text in _sent(world, before)]
    assert sorted(words) == ["ALTER", "CREATE", "GRANT", "REVOKE", "SELECT"]
    assert words.index("SELECT") < min(words.index("GRANT"), words.index("CREATE"))
    assert words[-1] == "REVOKE"
