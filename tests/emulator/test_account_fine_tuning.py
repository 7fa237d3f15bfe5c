"""The life of a fine-tuning job on a clock that stands still until it is moved."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import snowflake.connector

from cortex_resources.emulator.server import LocalAccount

QUERY = "SELECT PROMPT, COMPLETION FROM LAB.ML.TRAIN"


def _create(finetune: Any, name: str = "LAB.ML.TUNED", query: str = QUERY, *more: Any) -> str:
    return str(finetune("CREATE", name, "llama3.1-8b", query, *more))


def test_a_job_waits_trains_and_leaves_a_model(
    account: LocalAccount, sql: Any, finetune: Any, lab: None
) -> None:
    clock = account.account.clock
    job = _create(finetune)
    first = finetune("DESCRIBE", job)
    assert (first["status"], first["progress"]) == ("PENDING", 0.0)
    clock.advance(60)
    middle = finetune("DESCRIBE", job)
    assert middle["status"] == "IN_PROGRESS"
    assert 0 < middle["progress"] < 1
    assert sql("SHOW MODELS IN SCHEMA LAB.ML") == []
    clock.advance(600)
    last = finetune("DESCRIBE", job)
    assert last["status"] == "SUCCESS"
    assert last["model"] == "LAB.ML.TUNED"
    assert last["finished_on"] > last["created_on"]
    assert set(last["training_result"]) == {"training_loss", "validation_loss"}
    model = sql("SHOW MODELS IN SCHEMA LAB.ML")[0]
    assert (model["name"], model["model_type"], model["owner"]) == (
        "TUNED",
        "CORTEX_FINETUNED",
        "ACCOUNTADMIN",
    )
    assert json.loads(model["versions"]) == ["V1"]


def test_trained_tokens_are_the_tokens_of_the_pairs_times_the_epochs(
    account: LocalAccount, sql: Any, finetune: Any, lab: None
) -> None:
    total = sql(
        "SELECT SUM(AI_COUNT_TOKENS('ai_complete', 'llama3.1-8b', PROMPT)"
        " + AI_COUNT_TOKENS('ai_complete', 'llama3.1-8b', COMPLETION)) AS n FROM LAB.ML.TRAIN"
    )[0]["N"]
    default = _create(finetune)
    five = _create(finetune, "LAB.ML.FIVE", QUERY, None, '{"max_epochs": 5}')
    account.account.clock.advance(600)
    assert finetune("DESCRIBE", default)["trained_tokens"] == 3 * total
    assert finetune("DESCRIBE", five)["trained_tokens"] == 5 * total


@pytest.mark.parametrize(
    "query",
    [
        "SELECT QUESTION AS PROMPT FROM LAB.ML.PAIRS",
        'SELECT QUESTION AS "prompt", ANSWER AS "completion" FROM LAB.ML.PAIRS',
        f"{QUERY};",
        f"{QUERY} -- all of them",
        "SELECT nonsense FROM",
        "SELECT PROMPT, COMPLETION FROM LAB.ML.MISSING",
        f"{QUERY} WHERE 1 = 0",
    ],
)
def test_a_bad_query_is_accepted_and_fails_a_second_later(
    account: LocalAccount, finetune: Any, sql: Any, lab: None, query: str
) -> None:
    job = _create(finetune, "LAB.ML.BAD", query)
    assert finetune("DESCRIBE", job)["status"] == "PENDING"
    account.account.clock.advance(1.5)
    failed = finetune("DESCRIBE", job)
    assert (failed["status"], failed["progress"]) == ("ERROR", 0.0)
    assert failed["error"]["code"] == "INVALID_PARAMETER_VALUE"
    assert failed["error"]["message"].startswith("Failed to query input data for Fine-tuning")
    account.account.clock.advance(3600)
    assert finetune("DESCRIBE", job)["status"] == "ERROR"
    assert sql("SHOW MODELS IN SCHEMA LAB.ML") == []


@pytest.mark.parametrize(
    "options",
    ['{"max_epochs": 0}', '{"max_epochs": 11}', '{"max_epochs": "3"}', "[3]", "three", '{"x": 1}'],
)
def test_bad_options_never_train(finetune: Any, lab: None, options: str) -> None:
    with pytest.raises(snowflake.connector.errors.ProgrammingError):
        _create(finetune, "LAB.ML.M", QUERY, None, options)
    assert finetune("SHOW") == []


def test_an_unknown_base_model_never_trains(finetune: Any, lab: None) -> None:
    with pytest.raises(snowflake.connector.errors.ProgrammingError) as raised:
        finetune("CREATE", "LAB.ML.M", "llama9-1b", QUERY)
    assert raised.value.errno == 100351
    assert finetune("SHOW") == []


def test_a_taken_name_gets_a_suffix_when_the_model_is_saved(
    account: LocalAccount, finetune: Any, sql: Any, lab: None
) -> None:
    jobs = [_create(finetune), _create(finetune)]
    account.account.clock.advance(600)
    models = [finetune("DESCRIBE", job)["model"] for job in jobs]
    assert models[0] == "LAB.ML.TUNED"
    assert models[1] != models[0]
    assert models[1].startswith("LAB.ML.TUNED")
    assert len(sql("SHOW MODELS IN SCHEMA LAB.ML")) == 2


def test_a_cancelled_job_stays_cancelled_and_a_finished_one_stays_finished(
    account: LocalAccount, finetune: Any, sql: Any, lab: None
) -> None:
    cancelled, finished = _create(finetune, "LAB.ML.A"), _create(finetune, "LAB.ML.B")
    account.account.clock.advance(30)
    answer = finetune("CANCEL", cancelled)
    assert answer == f"Canceled Cortex Fine-tuning job: {cancelled}"
    account.account.clock.advance(600)
    finetune("CANCEL", finished)
    statuses = {job["id"]: job["status"] for job in finetune("SHOW")}
    assert statuses == {cancelled: "CANCELLED", finished: "SUCCESS"}
    assert [row["name"] for row in sql("SHOW MODELS IN SCHEMA LAB.ML")] == ["B"]


def test_a_tuned_model_answers_from_its_pairs_and_a_base_model_says_it_is_none(
    account: LocalAccount, finetune: Any, sql: Any, lab: None
) -> None:
    _create(finetune)
    account.account.clock.advance(600)
    answers = sql(
        "SELECT AI_COMPLETE('LAB.ML.TUNED', 'tell me what module number7 does') AS a,"
        " SNOWFLAKE.CORTEX.COMPLETE('LAB.ML.TUNED', 'What does module number9 do?') AS b,"
        " SNOWFLAKE.CORTEX.COMPLETE('llama3.1-8b', 'What does module number9 do?') AS c"
    )[0]
    assert "Module number7 sorts list 7." in answers["A"]
    assert answers["B"] == "Module number9 sorts list 9."
    assert "stand-in" in answers["C"]


def test_without_validation_a_share_is_held_back_and_with_it_the_loss_is_its_own(
    account: LocalAccount, finetune: Any, lab: None
) -> None:
    split = _create(finetune, "LAB.ML.A")
    given = _create(finetune, "LAB.ML.B", QUERY, f"{QUERY} LIMIT 5")
    tiny = _create(finetune, "LAB.ML.C", f"{QUERY} LIMIT 3")
    account.account.clock.advance(600)
    losses = {job: finetune("DESCRIBE", job)["training_result"] for job in (split, given, tiny)}
    assert losses[split]["validation_loss"] > 0
    assert losses[given]["validation_loss"] == 0, "these pairs are known word for word"
    assert losses[tiny]["validation_loss"] is None


def test_the_submitting_role_owns_the_model_and_its_rights_count(
    account: LocalAccount, connect: Any, finetune: Any, sql: Any, lab: None
) -> None:
    sql(
        "CREATE ROLE TRAINER",
        "GRANT ROLE TRAINER TO USER LOCAL_ADMIN",
        "GRANT USAGE ON DATABASE LAB TO ROLE TRAINER",
        "GRANT USAGE ON SCHEMA LAB.ML TO ROLE TRAINER",
    )
    call = f"SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', 'LAB.ML.M', 'llama3.1-8b', '{QUERY}') AS j"
    trainer = connect(role="TRAINER")
    trainer.cursor().execute("USE SECONDARY ROLES NONE")
    with pytest.raises(snowflake.connector.errors.ProgrammingError) as raised:
        trainer.cursor().execute(call)
    assert raised.value.errno == 3001
    sql("GRANT CREATE MODEL ON SCHEMA LAB.ML TO ROLE TRAINER")
    blind = trainer.cursor().execute(call).fetchone()[0]
    sql("GRANT SELECT ON VIEW LAB.ML.TRAIN TO ROLE TRAINER")
    seeing = trainer.cursor().execute(call).fetchone()[0]
    account.account.clock.advance(600)
    assert finetune("DESCRIBE", blind)["status"] == "ERROR"
    assert finetune("DESCRIBE", seeing)["status"] == "SUCCESS"
    assert sql("SHOW MODELS IN SCHEMA LAB.ML")[0]["owner"] == "TRAINER"


def test_a_job_fails_where_a_rule_says_so(account: LocalAccount, finetune: Any, lab: None) -> None:
    rule = {"match": "FINETUNE", "action": "fail_job", "progress": 0.5, "code": "INTERNAL_ERROR"}
    account.account.faults.set([rule])
    job = _create(finetune)
    account.account.clock.advance(30)
    assert finetune("DESCRIBE", job)["status"] == "IN_PROGRESS"
    account.account.clock.advance(600)
    failed = finetune("DESCRIBE", job)
    assert (failed["status"], failed["error"]["code"]) == ("ERROR", "INTERNAL_ERROR")


def test_a_collected_job_is_unknown_and_its_model_stays(
    account: LocalAccount, finetune: Any, sql: Any, lab: None
) -> None:
    job = _create(finetune)
    account.account.clock.advance(600)
    assert finetune("SHOW")[0]["status"] == "SUCCESS"
    with account.account.change():
        account.account.fine_tuning.jobs.collect(job)
    assert finetune("SHOW") == []
    with pytest.raises(snowflake.connector.errors.ProgrammingError):
        finetune("DESCRIBE", job)
    assert len(sql("SHOW MODELS IN SCHEMA LAB.ML")) == 1


def test_a_dropped_model_answers_no_more(
    account: LocalAccount, finetune: Any, sql: Any, error: Any, lab: None
) -> None:
    _create(finetune)
    account.account.clock.advance(600)
    sql("DROP MODEL LAB.ML.TUNED")
    assert error("SELECT AI_COMPLETE('LAB.ML.TUNED', 'x')")[0] == 100351


def test_the_text_of_a_call_inside_a_string_starts_nothing(
    sql: Any, finetune: Any, lab: None
) -> None:
    sql("SELECT 'SNOWFLAKE.CORTEX.FINETUNE(''CREATE'', ''M'', ''b'', ''q'')' AS t")
    assert finetune("SHOW") == []


def test_the_older_describe_shape_can_be_chosen(
    account: LocalAccount, finetune: Any, lab: None
) -> None:
    from cortex_resources.emulator import settings  # noqa: PLC0415 - only here

    held = account.account
    with held.change():
        held.settings = settings.change(held.store, held.settings, {"describe_shape": "classic"})
    job = _create(finetune)
    assert set(finetune("DESCRIBE", job)) == {"id", "status", "progress"}
    held.clock.advance(600)
    assert finetune("DESCRIBE", job)["model"] == "TUNED"


def test_the_usage_view_reports_tokens_by_hour(
    account: LocalAccount, finetune: Any, sql: Any, lab: None
) -> None:
    job = _create(finetune)
    account.account.clock.advance(600)
    trained = finetune("DESCRIBE", job)["trained_tokens"]
    rows = sql(
        "SELECT MODEL_NAME, TOKENS FROM SNOWFLAKE.ACCOUNT_USAGE.CORTEX_FINE_TUNING_USAGE_HISTORY"
    )
    assert rows == [{"MODEL_NAME": "llama3.1-8b", "TOKENS": trained}]


def test_a_million_rows_are_counted_without_a_call_by_row(sql: Any) -> None:
    started = time.monotonic()
    rows = sql(
        "SELECT SUM(AI_COUNT_TOKENS('ai_complete', 'llama3.1-8b', 'question ' || N::VARCHAR)) AS T"
        " FROM (SELECT SEQ4() % 10 AS N FROM TABLE(GENERATOR(ROWCOUNT => 1000000)))"
    )
    assert rows == [{"T": 3_000_000}]
    assert time.monotonic() - started < 20, "0.5 s on a quiet machine, 9 s with a call by row"


def test_the_model_follows_its_schema_to_another_name(
    account: LocalAccount, finetune: Any, sql: Any, lab: None
) -> None:
    job = _create(finetune)
    sql("ALTER SCHEMA LAB.ML RENAME TO LAB.MOVED")
    account.account.clock.advance(600)
    assert finetune("DESCRIBE", job)["model"] == "LAB.MOVED.TUNED"
    assert [row["name"] for row in sql("SHOW MODELS IN SCHEMA LAB.MOVED")] == ["TUNED"]


def test_a_job_that_outlives_its_statement_is_one_job_and_is_logged_as_spending(
    account: LocalAccount, finetune: Any, sql: Any, error: Any, lab: None
) -> None:
    call = f"SNOWFLAKE.CORTEX.FINETUNE('CREATE', 'LAB.ML.M', 'llama3.1-8b', '{QUERY}')"
    assert error(f"SELECT 1 / (LENGTH({call}) * 0)")[0] == 100051
    sql(f"CREATE TABLE LAB.ML.STARTED AS SELECT {call} AS ID")
    spent = [entry for entry in account.account.log.since(0) if entry.effect == "SPEND"]
    assert [entry.outcome for entry in spent] == ["error", "ok"]
    assert len(finetune("SHOW")) == 2
    account.account.clock.advance(600)
    assert len(sql("SHOW MODELS IN SCHEMA LAB.ML")) == 2


def test_large_training_data_leaves_the_account_responsive(
    account: LocalAccount, finetune: Any, sql: Any, lab: None
) -> None:
    sql(
        "CREATE TABLE LAB.ML.LARGE AS SELECT 'what is number ' || SEQ4() AS PROMPT,"
        " 'it is ' || SEQ4() AS COMPLETION FROM TABLE(GENERATOR(ROWCOUNT => 50000))"
    )
    job = _create(finetune, "LAB.ML.BIG", "SELECT * FROM LAB.ML.LARGE")
    account.account.clock.advance(6000)
    started = time.monotonic()
    assert finetune("DESCRIBE", job)["status"] == "SUCCESS"
    assert time.monotonic() - started < 10, "0.3 s on a quiet machine, 30 s with all pairs"
    asked = "SELECT AI_COMPLETE('LAB.ML.BIG', 'what is number 49999') AS A"
    assert sql(asked) == [{"A": "it is 49999"}]
