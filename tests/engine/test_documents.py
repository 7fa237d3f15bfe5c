"""A model on a dataset of documents, from its first preview to its end, through the engine."""

from __future__ import annotations

import pytest

from tests.engine.world import Outcome, World

pytestmark = pytest.mark.engine

DATASET = """
CREATE TABLE DOCS.RAW.PAGES (path VARCHAR, asked VARCHAR, answered VARCHAR);
INSERT INTO DOCS.RAW.PAGES VALUES
  ('@DOCS.RAW.SCANS/a.pdf', '{"total": "What is the total?"}', '{"total": "5"}'),
  ('@DOCS.RAW.SCANS/b.pdf', '{"total": "What is the total?"}', '{"total": "7"}');
CREATE DATASET DOCS.ML.INVOICES;
ALTER DATASET DOCS.ML.INVOICES ADD VERSION 'v1' FROM (
  SELECT path AS file, asked AS prompt, answered AS response FROM DOCS.RAW.PAGES
  WHERE path LIKE '%a.pdf');
ALTER DATASET DOCS.ML.INVOICES ADD VERSION 'v2' FROM (
  SELECT path AS file, asked AS prompt, answered AS response FROM DOCS.RAW.PAGES)
"""

STACK = """
grants:
  - on: {database: DOCS}
    to: {DOCS_TRAINER: [USAGE]}
  - on: {schema: DOCS.ML}
    to: {DOCS_TRAINER: [USAGE, CREATE MODEL]}
  - on: {dataset: DOCS.ML.INVOICES}
    to: {DOCS_TRAINER: [USAGE]}
  - on: {database_role: SNOWFLAKE.CORTEX_USER}
    to: [DOCS_TRAINER]
models:
  invoices:
    name: DOCS.ML.INVOICE_READER
    base_model: arctic-extract
    training: {dataset: "snow://dataset/DOCS.ML.INVOICES/versions/v1"}
    max_epochs: 2
    run_as: {role: DOCS_TRAINER}
policy: {allow_training: true, allow_drop: true}
"""


def _paid(world: World) -> list[str]:
    """The versions that were paid for."""
    spent = [row["sql"] for row in world.admin.statements() if row["effect"] == "SPEND"]
    return [text.partition("/versions/")[2].partition("'")[0] for text in spent]


def _previewed_up(world: World) -> Outcome:
    """What a user sees of `pulumi up`: its preview, then its run."""
    outcome = world.pulumi("up", "--yes", "--diff")
    assert outcome.code == 0, outcome.text
    return outcome


def test_a_model_on_documents_is_trained_unchanged_retrained_adopted_and_dropped(
    world: World,
) -> None:
    world.sql(DATASET)
    world.stack(STACK)
    _previewed_up(world).line("will be trained as", "a paid job")
    first = world.outputs()["invoices"]
    assert (first["phase"], _paid(world)) == ("READY", ["v1"])
    assert world.pulumi("preview", "--expect-no-changes").code == 0

    world.edit("versions/v1", "versions/v2")
    edited = _previewed_up(world)
    edited.line("will be trained as", "a paid job")
    edited.line("versions/v1", "=>", "versions/v2")
    assert world.outputs()["invoices"]["model"] != first["model"]
    assert _paid(world) == ["v1", "v2"]

    world.edit("versions/v2", "versions/v1")
    _previewed_up(world).line("will adopt", "0 tokens")
    assert world.outputs()["invoices"]["model"] == first["model"]
    assert _paid(world) == ["v1", "v2"], "a reverted commit costs nothing"

    assert world.pulumi("destroy", "--yes").code == 0
    assert world.admin.call("state")["models"] == []
