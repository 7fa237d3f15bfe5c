"""Views, models, measures and literals as SQL and back."""

from __future__ import annotations

import pytest

from cortex_resources.errors import InvalidNameError
from cortex_resources.model.effects import Effect
from cortex_resources.model.jobs import Marker, ModelRecord, TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.sql import literals, models, moments, training_data, views

NAME = QualifiedName.parse("DB.ML.M__1")
MARKER = Marker("p", "s", "k", "a" * 64, "ft_1")


def test_a_literal_escapes_quotes_and_backslashes() -> None:
    assert literals.literal("it's \\ a") == r"'it''s \\ a'"
    assert literals.optional_literal(None) == "NULL"
    assert literals.optional_literal("") == "''"


def test_a_text_that_no_literal_can_hold_is_refused() -> None:
    with pytest.raises(InvalidNameError, match="NUL") as caught:
        literals.literal("a\0b")
    assert caught.value.hint


def test_a_comment_cannot_be_ended_early() -> None:
    assert literals.block_comment("a */ DROP") == "/* a * / DROP */"


def test_a_pattern_may_match_more_but_never_less() -> None:
    assert literals.pattern("a\\b'c") == "'a_b''c'"
    assert models.show(NAME).text == "SHOW MODELS LIKE 'M__1' IN SCHEMA DB.ML"
    assert models.show(NAME).effect is Effect.READ
    assert models.show_all().text == "SHOW MODELS IN ACCOUNT"
    wish = QualifiedName.parse("DB.ML.M")
    assert models.show_versions(wish).text == "SHOW MODELS LIKE 'M__%' IN SCHEMA DB.ML"


def test_models_are_found_by_their_whole_name() -> None:
    row: dict[str, object] = {"database_name": "DB", "schema_name": "ML", "name": "M__1"}
    found = models.parse([row | {"comment": None, "owner": "R"}, row | {"name": "MXX1"}])
    assert found[NAME] == ModelRecord(NAME, "", "R", "")
    assert len(found) == 2


@pytest.mark.parametrize("comment", ["", "mine", "two\nlines", "ends\n"])
def test_a_marker_comes_back_with_the_comment_to_the_letter(comment: str) -> None:
    text = f"{comment}\n{MARKER}" if comment else str(MARKER)
    assert models.marker_of(text) == MARKER
    assert models.without_marker(text) == comment


def test_a_marker_without_a_job_and_a_key_with_a_slash() -> None:
    marker = Marker("p", "s", "team/docs", "a" * 64)
    assert models.marker_of(str(marker)) == marker


@pytest.mark.parametrize("comment", ["", "mine", f"{MARKER} and more", "[cortex-resources p/s/k]"])
def test_what_nobody_of_ours_wrote_is_no_marker(comment: str) -> None:
    assert models.marker_of(comment) is None
    assert models.without_marker(comment) == comment


@pytest.mark.parametrize(
    ("statement", "query"),
    [
        ("CREATE VIEW v AS SELECT 1", "SELECT 1"),
        ("create or replace secure view a.b.v comment = 'x AS y' as\n SELECT 1", "SELECT 1"),
        ('CREATE VIEW "AS" AS SELECT 1', "SELECT 1"),
        ("CREATE VIEW v /* AS */ AS SELECT 1", "SELECT 1"),
        ("CREATE VIEW v (x) AS SELECT 1", "(x) AS SELECT 1"),
        ("odd text ", "odd text"),
    ],
)
def test_the_query_of_a_view_is_what_follows_its_as(statement: str, query: str) -> None:
    assert views.body_of(statement) == query


def test_a_view_is_read_with_its_marker() -> None:
    row: dict[str, object] = {
        "database_name": "DB",
        "schema_name": "ML",
        "name": "V",
        "comment": "c",
        "is_secure": "true",
        "text": "CREATE VIEW v AS /* cortex-resources p/s/v */ SELECT 1",
    }
    found = views.parse([row])[QualifiedName.parse("DB.ML.V")]
    assert (found.marker, found.view.query, found.is_readable) == (
        "cortex-resources p/s/v",
        "SELECT 1",
        True,
    )
    assert (found.view.comment, found.view.secure) == ("c", True)
    assert views.show_in(NAME.parent).text == "SHOW VIEWS IN SCHEMA DB.ML"


def test_a_comment_of_the_user_is_part_of_the_query() -> None:
    row: dict[str, object] = {"database_name": "DB", "schema_name": "ML", "name": "V"}
    found = views.parse([row | {"text": "CREATE VIEW v AS /* mine */ SELECT 1"}])
    assert [f.view.query for f in found.values()] == ["/* mine */ SELECT 1"]


def test_a_measure_counts_and_returns_no_row() -> None:
    name = QualifiedName.parse("DB.ML.M")
    statement = training_data.measure(TrainingJob(name, "it's", " SELECT prompt FROM t "))
    assert statement.effect is Effect.READ
    assert statement.text == (
        "SELECT COUNT(*) AS PAIRS, COUNT_IF(PROMPT IS NULL OR COMPLETION IS NULL) AS INCOMPLETE,"
        " COALESCE(SUM(COALESCE(PROMPT_TOKENS, 0) + COALESCE(COMPLETION_TOKENS, 0)), 0) AS TOKENS,"
        " COUNT_IF(FALSE) AS LONG_PAIRS, 0 AS VALIDATION_PAIRS"
        " FROM (SELECT PROMPT, COMPLETION,"
        " AI_COUNT_TOKENS('ai_complete', 'it''s', PROMPT) AS PROMPT_TOKENS,"
        " AI_COUNT_TOKENS('ai_complete', 'it''s', COMPLETION) AS COMPLETION_TOKENS"
        " FROM (SELECT prompt FROM t))"
    )
    rows = [{"TOKENS": "30", "PAIRS": 2, "INCOMPLETE": 1.0, "LONG_PAIRS": 3, "VALIDATION_PAIRS": 4}]
    with pytest.raises(ValueError, match="invalid literal"):
        training_data.parse_measure(rows)
    rows[0]["INCOMPLETE"] = 1
    assert training_data.parse_measure(rows) == training_data.Measure(2, 1, 30, 3, 4)


def test_a_measure_knows_the_windows_of_the_base_model_and_the_validation_rows() -> None:
    name = QualifiedName.parse("DB.ML.M")
    text = training_data.measure(TrainingJob(name, "llama3-8b", "SELECT 1", "SELECT 2")).text
    assert "PROMPT_TOKENS > 6000 OR COMPLETION_TOKENS > 2000" in text
    assert "PROMPT_TOKENS + COMPLETION_TOKENS > 8000" in text
    assert "(SELECT COUNT(*) FROM (SELECT 2)) AS VALIDATION_PAIRS" in text


def test_the_accounts_own_time_is_asked_for() -> None:
    assert moments.now().effect is Effect.READ
    assert moments.parse_now([{"NOW_MS": "1700000000123"}]) == 1_700_000_000_123
