"""What a preview shows is what a run does: grants, views, drift."""

from __future__ import annotations

import pytest

from tests.engine.world import World

pytestmark = [pytest.mark.engine, pytest.mark.settled]


def _sent(world: World, since: int) -> list[str]:
    """What changed the account."""
    return [row["sql"] for row in world.admin.statements(since) if row["effect"] != "READ"]


def test_one_added_privilege_is_one_plus_line_and_one_grant(world: World) -> None:
    world.edit(
        '"${db}_APP": [USAGE]\n  - on: {view', '"${db}_APP": [USAGE, MONITOR]\n  - on: {view'
    )
    preview = world.preview()
    before = world.admin.last
    world.up()

    added = [row for row in preview.text.splitlines() if row.strip().startswith("+ ")]
    assert [" ".join(row.split()) for row in added] == ["+ MONITOR to ROLE DOCS_APP"]
    assert _sent(world, before) == ["GRANT MONITOR ON SCHEMA DOCS.ML TO ROLE DOCS_APP"]


def test_one_removed_privilege_is_one_minus_line_and_one_revoke(world: World) -> None:
    world.edit("[USAGE, CREATE MODEL]", "[USAGE, CREATE MODEL, CREATE VIEW]")
    world.up()
    world.edit("[USAGE, CREATE MODEL, CREATE VIEW]", "[USAGE, CREATE MODEL]")
    preview = world.preview()
    before = world.admin.last
    world.up()

    removed = [row for row in preview.text.splitlines() if row.strip().startswith("- ")]
    assert [" ".join(row.split()) for row in removed] == ["- CREATE VIEW to ROLE DOCS_TRAINER"]
    assert _sent(world, before) == ["REVOKE CREATE VIEW ON SCHEMA DOCS.ML FROM ROLE DOCS_TRAINER"]


def test_drift_behind_our_back_is_shown_and_repaired_and_nothing_else(world: World) -> None:
    world.sql(
        "REVOKE CREATE MODEL ON SCHEMA DOCS.ML FROM ROLE DOCS_TRAINER;"
        "CREATE OR REPLACE VIEW DOCS.ML.TRAIN COPY GRANTS AS "
        "SELECT question AS prompt, answer AS completion FROM DOCS.RAW.PAIRS"
    )
    preview = world.preview()
    before = world.admin.last
    world.up()

    preview.line("CREATE MODEL to ROLE DOCS_TRAINER")
    preview.line("WHERE split = 'train'")
    sent = _sent(world, before)
    assert sent[0] != sent[1]
    assert {s.split(" ")[0] + " " + s.split(" ")[1] for s in sent} == {
        "GRANT CREATE",
        "CREATE OR",
    }
    assert world.pulumi("preview", "--expect-no-changes").code == 0


def test_an_edited_query_shows_its_diff_and_a_retrain(world: World) -> None:
    world.edit("WHERE split = 'train'", "WHERE split IN ('train', 'valid')")
    preview = world.preview()
    before = world.admin.last
    world.up()

    preview.line("- WHERE split = 'train'")
    preview.line("+ WHERE split IN ('train', 'valid')")
    assert "FineTuneJob: (replace)" in preview.text
    spent = [r for r in world.admin.statements(before) if r["effect"] == "SPEND"]
    assert len(spent) == 1
    assert any("CREATE OR REPLACE VIEW" in s and "COPY GRANTS" in s for s in _sent(world, before))


def test_an_edited_comment_alters_the_view_and_never_retrains(world: World) -> None:
    world.edit("comment: pairs", "comment: other words")
    preview = world.preview()
    before = world.admin.last
    world.up()

    assert "FineTuneJob: (replace)" not in preview.text
    assert "FineTuneJob: (update)" not in preview.text
    assert _sent(world, before) == ["ALTER VIEW DOCS.ML.TRAIN SET COMMENT = 'other words'"]


def test_blanks_case_and_comments_in_a_query_change_nothing(world: World) -> None:
    world.edit("SELECT question AS prompt,", "/* words */ select  Question as PROMPT,")
    assert world.pulumi("preview", "--expect-no-changes").code == 0


def test_a_view_dropped_outside_is_made_again_without_a_retrain(world: World) -> None:
    world.sql("DROP VIEW DOCS.ML.TRAIN")
    before = world.admin.last
    outcome = world.up()
    outcome.line("scheduled for deprecation")  # Told where no preview came before, too.
    outcome.line("warning:", "tuned on it is legacy")
    sent = _sent(world, before)
    assert any(s.startswith("CREATE VIEW DOCS.ML.TRAIN") for s in sent)
    assert not any("FINETUNE" in s for s in sent)
    assert world.pulumi("preview", "--expect-no-changes").code == 0


def test_a_model_dropped_outside_is_said_and_not_trained_again(world: World) -> None:
    model = world.outputs()["docs"]["model"]
    world.sql(f"DROP MODEL {model}", role="DOCS_TRAINER")
    before = world.admin.last
    refused = world.pulumi("up", "--yes")
    world.edit("max_epochs: 2", "max_epochs: 2\n    on_missing: warn")
    outcome = world.up()

    assert refused.code != 0
    assert "was dropped outside this stack" in refused.text
    outcome.line("was dropped outside this stack")
    assert world.outputs()["docs"]["phase"] == "MISSING"
    assert not any("FINETUNE" in s for s in _sent(world, before))
    assert world.pulumi("destroy", "--yes").code == 0
