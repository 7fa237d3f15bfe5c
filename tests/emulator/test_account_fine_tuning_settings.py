"""What Snowflake leaves open is a setting of the account: each choice, kept over a restart."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import snowflake.connector

from cortex_resources.emulator.server import LocalAccount
from cortex_resources.emulator.settings import Settings

QUERY = "SELECT PROMPT, COMPLETION FROM LAB.ML.TRAIN"
DOCUMENT = Path(__file__).parents[2] / "docs" / "local-account-settings.md"
Choose = Callable[..., Any]


def post(local: LocalAccount, path: str, body: dict[str, Any]) -> Any:
    request = urllib.request.Request(
        f"http://127.0.0.1:{local.port}/admin/{path}", json.dumps(body).encode()
    )
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.load(reply)


@pytest.fixture
def choose(account: LocalAccount) -> Choose:
    """Changes settings over the admin interface."""
    return lambda **wanted: post(account, "settings", wanted)


def _create(finetune: Any, base: str = "llama3.1-8b", query: str = QUERY) -> str:
    return str(finetune("CREATE", "LAB.ML.TUNED", base, query))


def _refused(call: Callable[[], object]) -> str:
    with pytest.raises(snowflake.connector.errors.ProgrammingError) as raised:
        call()
    assert (raised.value.errno, raised.value.sqlstate) == (100351, "P0000")
    return str(raised.value)


def test_every_setting_is_documented_with_its_default() -> None:
    rows = DOCUMENT.read_text(encoding="utf-8")
    for name, default in asdict(Settings()).items():
        shown = default if isinstance(default, str) else json.dumps(default)
        assert f"| `{name}` | `{shown}`" in rows, name


@pytest.mark.parametrize(
    "wanted",
    [
        {"status_words": "other"},
        {"job_record_days": -1},
        {"lifecycle": {"llama3.1-8b": "OLD"}},
        {"lifecycle": {"llama9": "GA"}},
        {"lifecycle": "EOL"},
        {"token_credits": {"llama3.1-8b": "two"}},
        {"region": 7},
        {"describe_shape": ["full"]},
    ],
)
def test_a_wrong_choice_is_refused_and_changes_nothing(
    account: LocalAccount, choose: Choose, wanted: dict[str, Any]
) -> None:
    with pytest.raises(urllib.error.HTTPError) as raised:
        choose(**wanted)
    assert raised.value.code == 400
    raised.value.close()
    assert account.account.settings == Settings()


def test_statuses_in_their_other_spelling(
    account: LocalAccount, finetune: Any, lab: None, choose: Choose
) -> None:
    choose(status_words="alternate")
    failed, cancelled = _create(finetune, query="SELECT 1"), _create(finetune)
    account.account.clock.advance(60)
    assert finetune("DESCRIBE", cancelled)["status"] == "RUNNING"
    finetune("CANCEL", cancelled)
    statuses = {job["id"]: job["status"] for job in finetune("SHOW")}
    assert statuses == {failed: "FAILED", cancelled: "CANCELED"}


def test_the_older_shape_tells_the_inputs_of_what_ended(
    account: LocalAccount, finetune: Any, lab: None, choose: Choose
) -> None:
    choose(describe_shape="classic")
    failed, done = _create(finetune, query="SELECT 1"), _create(finetune)
    assert set(finetune("DESCRIBE", done)) == {"id", "status", "progress"}
    account.account.clock.advance(600)
    inputs = {"id", "status", "progress", "base_model", "created_on", "training_data"}
    inputs |= {"validation_data", "finished_on"}
    assert set(finetune("DESCRIBE", failed)) == inputs | {"error"}
    result = {"model", "trained_tokens", "training_result"}
    assert set(finetune("DESCRIBE", done)) == inputs | result


def test_jobs_can_be_hidden_from_roles_that_did_not_submit_them(
    finetune: Any, sql: Any, lab: None, choose: Choose, connect: Any
) -> None:
    job = _create(finetune)
    sql("CREATE ROLE OTHER", "GRANT ROLE OTHER TO USER LOCAL_ADMIN")
    cursor = connect(role="OTHER").cursor()
    cursor.execute("USE SECONDARY ROLES NONE")
    show = "SELECT SNOWFLAKE.CORTEX.FINETUNE('SHOW')"
    assert len(json.loads(cursor.execute(show).fetchone()[0])) == 1
    choose(jobs_visible="role")
    assert json.loads(cursor.execute(show).fetchone()[0]) == []
    for verb in ("DESCRIBE", "CANCEL"):
        call = f"SELECT SNOWFLAKE.CORTEX.FINETUNE('{verb}', '{job}')"
        assert "not found" in _refused(partial(cursor.execute, call))
    assert finetune("DESCRIBE", job)["status"] == "PENDING"


def test_cancelling_what_ended_can_be_an_error(
    account: LocalAccount, finetune: Any, lab: None, choose: Choose
) -> None:
    job = _create(finetune)
    account.account.clock.advance(600)
    choose(cancel_of_ended="error")
    assert "has ended: SUCCESS" in _refused(lambda: finetune("CANCEL", job))
    assert finetune("DESCRIBE", job)["status"] == "SUCCESS"


def test_old_records_are_collected_and_their_usage_and_models_stay(
    account: LocalAccount, finetune: Any, sql: Any, lab: None, choose: Choose
) -> None:
    choose(job_record_days=2, token_credits={"llama3.1-8b": 1.5})
    old = _create(finetune)
    account.account.clock.advance(600)
    trained = finetune("DESCRIBE", old)["trained_tokens"]
    account.account.clock.advance(86_400)
    young = _create(finetune)
    account.account.clock.advance(86_400)
    assert [job["id"] for job in finetune("SHOW")] == [young]
    assert "not found" in _refused(lambda: finetune("DESCRIBE", old))
    assert "not found" in _refused(lambda: finetune("CANCEL", old))
    assert len(sql("SHOW MODELS IN SCHEMA LAB.ML")) == 2
    rows = sql(
        "SELECT TOKENS, TOKEN_CREDITS::FLOAT AS C"
        " FROM SNOWFLAKE.ACCOUNT_USAGE.CORTEX_FINE_TUNING_USAGE_HISTORY"
    )
    assert rows == [{"TOKENS": trained, "C": round(trained * 1.5e-6, 9)}] * 2


def test_a_record_can_be_collected_while_its_job_runs(
    account: LocalAccount, finetune: Any, sql: Any, lab: None
) -> None:
    job = _create(finetune)
    assert post(account, "collect", {"job": job}) == {"collected": job}
    assert finetune("SHOW") == []
    account.account.clock.advance(600)
    assert [row["name"] for row in sql("SHOW MODELS IN SCHEMA LAB.ML")] == ["TUNED"]


def test_rows_without_a_completion_can_fail_the_job(
    account: LocalAccount, finetune: Any, sql: Any, lab: None, choose: Choose
) -> None:
    choose(null_pairs="fail")
    sql("INSERT INTO LAB.ML.PAIRS VALUES (99, 'who?', NULL)")
    job = _create(finetune)
    account.account.clock.advance(2)
    failed = finetune("DESCRIBE", job)
    assert failed["status"] == "ERROR"
    assert "1 rows have a NULL" in failed["error"]["message"]


def test_base_models_age_by_the_clock_and_by_choice(
    account: LocalAccount, finetune: Any, sql: Any, lab: None, choose: Choose
) -> None:
    def listed() -> dict[str, Any]:
        rows = sql("SHOW CORTEX BASE MODELS IN SCHEMA SNOWFLAKE.MODELS")
        return {row["name"]: row["lifecycle_status"] for row in rows}

    assert listed()["MISTRAL-7B"] == "LEGACY"  # the tests run after August 2026
    _create(finetune, "mistral-7b")
    choose(legacy_base_models="refused")
    assert "LEGACY" in _refused(lambda: _create(finetune, "mistral-7b"))
    choose(lifecycle={"mistral-7b": "GA", "llama3.1-8b": "LEGACY"})
    assert (listed()["MISTRAL-7B"], listed()["LLAMA3.1-8B"]) == ("GA", "LEGACY")
    _create(finetune, "mistral-7b")
    assert "LEGACY" in _refused(lambda: _create(finetune, "llama3.1-8b"))


def test_the_end_of_a_base_model_ends_what_was_tuned_on_it(
    account: LocalAccount, finetune: Any, sql: Any, lab: None, choose: Choose
) -> None:
    _create(finetune)
    account.account.clock.advance(600)
    ask = "SELECT AI_COMPLETE('LAB.ML.TUNED', 'What does module number9 do?') AS A"
    assert sql(ask) == [{"A": "Module number9 sorts list 9."}]
    choose(lifecycle={"llama3.1-8b": "EOL"})
    assert "unknown model" in _refused(lambda: sql(ask))
    assert "unknown model" in _refused(lambda: sql("SELECT AI_COMPLETE('llama3.1-8b', 'x')"))
    assert "EOL" in _refused(lambda: _create(finetune))
    assert [row["name"] for row in sql("SHOW MODELS IN SCHEMA LAB.ML")] == ["TUNED"]


def test_nothing_is_trained_outside_the_regions_of_fine_tuning(
    finetune: Any, sql: Any, lab: None, choose: Choose
) -> None:
    choose(region="AWS_AP_SOUTHEAST_2")
    assert sql("SELECT CURRENT_REGION() AS R") == [{"R": "AWS_AP_SOUTHEAST_2"}]
    assert "AWS_AP_SOUTHEAST_2" in _refused(lambda: _create(finetune))


def _first(local: LocalAccount, *statements: str) -> Any:
    """The first cell of the last statement, in a session of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the connector announces its own future defaults
        connection = snowflake.connector.connect(**local.connection())
    with connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        row = cursor.fetchone()
    assert row is not None
    return row[0]


def test_choices_jobs_and_models_survive_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "account.db"
    create = (
        "SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', 'LAB.PUBLIC.M', 'llama3.1-8b',"
        " 'SELECT * FROM LAB.PUBLIC.T')"
    )
    table = "CREATE TABLE LAB.PUBLIC.T AS SELECT 'a' AS PROMPT, 'b' AS COMPLETION"
    with LocalAccount(state) as local:
        local.account.clock.set_mode("frozen")
        post(local, "settings", {"status_words": "alternate"})
        job = _first(local, "CREATE DATABASE LAB", table, create)
    with LocalAccount(state) as local:
        local.account.clock.advance(60)
        described = _first(local, f"SELECT SNOWFLAKE.CORTEX.FINETUNE('DESCRIBE', '{job}')")
        assert json.loads(described)["status"] == "RUNNING"
        local.account.clock.advance(600)
        assert _first(local, "SELECT AI_COMPLETE('LAB.PUBLIC.M', 'a')") == "b"
        assert _first(local, create) != job
