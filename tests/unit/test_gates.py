"""A gate's query: what it must be, what is put into it, and what its rows say."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from cortex_resources.errors import GateError
from cortex_resources.model import gates
from cortex_resources.model.effects import Effect
from cortex_resources.model.gates import ANSWERS, ModelGate
from cortex_resources.model.names import QualifiedName
from cortex_resources.plan import gates as plan
from cortex_resources.sql import evaluations, finetune, history

WISH = QualifiedName.parse("DB.ML.M")
MODEL = QualifiedName.parse('DB.ML."it\'s"')
GOOD = "SELECT 'exact' AS name, AVG(AI_COMPLETE($model, q) = a) AS value FROM T"


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("DELETE FROM T WHERE q = $model", "must start with SELECT"),
        ("SELECT 'a' AS name, '$model AS value", "never ends"),
        ("SELECT 'a' AS name, f($model) AS value; ", "holds a ';'"),
        ("SELECT 'a' AS name, 1 AS value", "never names $model"),
        ("SELECT '$model' AS name, 1 AS value", "never names $model"),
        ("SELECT f($model) AS value", "two columns"),
        ("SELECT 'a' AS name, f($model) AS value, 1 AS more", "two columns"),
    ],
)
def test_an_unfit_query_is_told_with_a_way_out(query: str, word: str) -> None:
    assert any(word in fault for fault in gates.query_faults(query))


@pytest.mark.parametrize(
    "query",
    [
        ANSWERS,
        GOOD,
        "SELECT f($MODEL) AS value, 'a' AS name",
        "WITH t AS (SELECT $model AS m) SELECT * FROM t",
        "SELECT n.name, f($model) + 1 AS value FROM n",
    ],
)
def test_a_fit_query_has_no_fault(query: str) -> None:
    assert gates.query_faults(query) == []


def test_the_name_is_a_literal_where_the_placeholder_was_and_nowhere_else() -> None:
    gate = ModelGate(WISH, "SELECT '$model' /* $model */, f($model), $model2 FROM $MODEL")
    statement = evaluations.evaluate(gate, MODEL)
    name = """'DB.ML."it''s"'"""
    assert statement.text == f"SELECT '$model' /* $model */, f({name}), $model2 FROM {name}"
    assert statement.effect is Effect.SPEND


def test_the_same_version_asked_the_same_is_one_evaluation() -> None:
    key = gates.evaluation("a" * 64, GOOD)
    assert gates.evaluation("a" * 64, f"  {GOOD.lower().replace('$model', '$MODEL')}") == key
    assert gates.evaluation("b" * 64, GOOD) != key
    assert gates.evaluation("a" * 64, ANSWERS) != key
    assert gates.evaluation("a" * 64, GOOD, "ft_2") not in (
        key,
        gates.evaluation("a" * 64, GOOD, "ft_1"),
    )
    assert evaluations.tag(key) == f"evaluation={key}"
    assert f"evaluation={key}" in history.evaluations(key, QualifiedName.parse("DB")).text


def test_history_tells_what_became_of_an_evaluation() -> None:
    rows = [{"QUERY_ID": "1", "EXECUTION_STATUS": "SUCCESS"}, {"QUERY_ID": "2"}]
    assert history.outcomes(rows) == [("1", history.Outcome.DONE), ("2", history.Outcome.RUNNING)]


def test_scores_are_numbers_and_nothing_else_is_kept_of_a_value() -> None:
    rows: list[dict[str, object]] = [
        {"NAME": "a", "VALUE": Decimal("0.25")},
        {"name": "b", "value": "1e3"},
        {"NAME": "c", "VALUE": None},
        {"NAME": "d", "VALUE": "a prompt of somebody"},
        {"NAME": "e", "VALUE": True},
        {"NAME": "f", "VALUE": math.nan},
        {"NAME": "g", "VALUE": "-inf"},
    ]
    found = evaluations.parse(rows)
    assert found == {
        "a": 0.25,
        "b": 1000.0,
        "c": "no value",
        "d": "str, no number",
        "e": 1.0,
        "f": "nan, no finite number",
        "g": "-inf, no finite number",
    }


@pytest.mark.parametrize("name", [None, "", "What is a list?", "a" * 65, "a\nb", 7])
def test_a_name_that_may_be_a_training_row_is_kept_and_quoted_nowhere(name: object) -> None:
    with pytest.raises(GateError, match="cannot be a score's") as caught:
        evaluations.parse([{"NAME": name, "VALUE": 1}])
    assert "What is" not in str(caught.value)


def test_a_loss_that_is_not_finite_is_none() -> None:
    text = '{"id": "ft_1", "status": "SUCCESS", "training_result": [{"training_loss": NaN}]}'
    assert finetune.parse_job(text).training_loss is None


@pytest.mark.parametrize("count", [0, 51])
def test_rows_that_are_no_scores_are_refused_and_not_quoted(count: int) -> None:
    with pytest.raises(GateError) as caught:
        evaluations.parse([{"NAME": f"prompt_{n}", "VALUE": n} for n in range(count)])
    assert "prompt" not in str(caught.value)


def test_two_scores_of_one_name_are_refused() -> None:
    with pytest.raises(GateError, match="2 rows with 1 different names"):
        evaluations.parse([{"NAME": "a", "VALUE": 1}, {"NAME": "a", "VALUE": 2}])


def test_a_pin_decides_about_a_version_that_does_not_pass() -> None:
    said = plan.passed_over(GateError("M__1 does not pass its gate: a is 1"), "75e67b5885")
    assert said == "M__1 does not pass its gate: a is 1; what is served says alias.pin: 75e67b5885"
