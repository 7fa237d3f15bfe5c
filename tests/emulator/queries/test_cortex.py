"""FINETUNE is found in the syntax tree and asked once; completions run by row."""

from __future__ import annotations

import pytest

from cortex_resources.emulator.errors import SnowflakeError
from tests.emulator.queries.account import Account, new_account


@pytest.fixture
def fresh() -> Account:
    return new_account()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT SNOWFLAKE.CORTEX.FINETUNE('SHOW')",
        "select snowflake.cortex.finetune('SHOW') as job",
        'SELECT "SNOWFLAKE"."CORTEX"."FINETUNE"($$SHOW$$)',
        "SELECT UPPER(SNOWFLAKE.CORTEX.FINETUNE('SHOW')) /* once */",
        "SELECT f.value FROM TABLE(FLATTEN(ARRAY_CONSTRUCT(SNOWFLAKE.CORTEX.FINETUNE('SHOW')))) f",
        "SELECT s, s || '!' FROM (SELECT SNOWFLAKE.CORTEX.FINETUNE('SHOW') AS s)",
    ],
)
def test_every_spelling_of_the_call_asks_once(fresh: Account, sql: str) -> None:
    fresh.run(sql)
    assert fresh.calls == [("FINETUNE", ["SHOW"])]


def test_an_alias_used_twice_starts_one_job(fresh: Account) -> None:
    rows = fresh.rows("SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', 'M') AS j, j || '' AS k")
    assert rows == [("ft_1", "ft_1")]
    assert len(fresh.calls) == 1


def test_describing_a_statement_starts_no_job(fresh: Account) -> None:
    found = fresh.run("SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', 'M') AS JOB", describe_only=True)
    assert [column.name for column in found.columns] == ["JOB"]
    assert fresh.calls == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 'SNOWFLAKE.CORTEX.FINETUNE(''CREATE'')'",
        "SELECT $$SNOWFLAKE.CORTEX.FINETUNE('CREATE')$$ -- SNOWFLAKE.CORTEX.FINETUNE('SHOW')",
        "SELECT 1 AS \"SNOWFLAKE.CORTEX.FINETUNE('SHOW')\"",
    ],
)
def test_text_that_looks_like_the_call_is_text(fresh: Account, sql: str) -> None:
    fresh.run(sql)
    assert fresh.calls == []


def test_arguments_arrive_evaluated(fresh: Account) -> None:
    fresh.variables = {"MODEL": "DB.ML.M"}
    fresh.bindings = {"1": ("TEXT", "SELECT 'it''s' AS prompt")}
    fresh.run(
        "SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', $model, 'llama' || '3', ?, NULL,"
        " {'max_epochs': 3})"
    )
    fresh.run("SELECT SNOWFLAKE.CORTEX.FINETUNE(OBJECT_CONSTRUCT('max_epochs', 10))")
    assert fresh.calls == [
        (
            "FINETUNE",
            ["CREATE", "DB.ML.M", "llama3", "SELECT 'it''s' AS prompt", None, {"max_epochs": 3}],
        ),
        ("FINETUNE", [{"max_epochs": 10}]),
    ]


@pytest.mark.parametrize("name", ['"finetune"', "FINETUNES", "finetune.finetune"])
def test_another_name_is_an_unknown_function(fresh: Account, name: str) -> None:
    with pytest.raises(SnowflakeError) as caught:
        fresh.run(f"SELECT SNOWFLAKE.CORTEX.{name}('SHOW')")
    assert caught.value.errno == 2140


def test_completions_and_counts_run_by_row(fresh: Account) -> None:
    rows = "FROM VALUES ('one two'), (NULL) v(p)"
    assert fresh.rows(
        f"SELECT AI_COMPLETE('m', p), AI_COUNT_TOKENS('ai_complete', 'm', p),"
        f" SNOWFLAKE.CORTEX.COUNT_TOKENS('m', p) {rows}"
    ) == [("m: one two", 2, 2), (None, None, None)]


def test_a_history_arrives_as_messages(fresh: Account) -> None:
    sql = "SELECT SNOWFLAKE.CORTEX.COMPLETE('m', [{'role': 'user', 'content': 'hi'}])"
    assert fresh.value(sql) == "m: [{'content': 'hi', 'role': 'user'}]"


def test_options_make_an_object_of_the_answer_and_cut_it(fresh: Account) -> None:
    answer = "PARSE_JSON(SNOWFLAKE.CORTEX.COMPLETE('m', 'abcdefgh', {'max_tokens': 2}))"
    assert fresh.rows(
        f"SELECT {answer}:choices[0].messages::STRING, {answer}:model::STRING,"
        f" {answer}:usage.total_tokens::NUMBER"
    ) == [("m: abcde", "m", 4)]
    sql = "SELECT AI_COMPLETE('m', 'abcdefgh', {'max_tokens': 1})"
    assert fresh.value(sql) == "m: a"


def test_try_complete_gives_null_where_complete_fails(fresh: Account) -> None:
    assert fresh.value("SELECT SNOWFLAKE.CORTEX.TRY_COMPLETE('nope', 'x')") is None
    with pytest.raises(SnowflakeError) as caught:
        fresh.run("SELECT AI_COMPLETE('nope', 'x')")
    assert caught.value.errno == 100351
