"""Snowflake's own Python interface to fine-tuning creates, lists, describes and cancels a job."""

from claims import ADDRESS, LOGIN, admin, claim, ended
from snowflake.cortex import Finetune, FinetuneJob
from snowflake.snowpark import Session
from snowflake.snowpark.exceptions import SnowparkSQLException

SEED = (
    "CREATE DATABASE DOCS",
    "CREATE SCHEMA DOCS.ML",
    "CREATE WAREHOUSE TRAIN_WH",
    "CREATE TABLE PAIRS (PROMPT VARCHAR, COMPLETION VARCHAR)",
    "INSERT INTO PAIRS SELECT 'question ' || SEQ4(), 'answer' FROM TABLE(GENERATOR(ROWCOUNT => 9))",
)
QUERY = "SELECT PROMPT, COMPLETION FROM DOCS.ML.PAIRS"


def submit(tuning: Finetune, model: str, **more: object) -> FinetuneJob:
    job = tuning.create(model, "llama3.1-8b", QUERY, **more)
    assert job.status.id, job
    return job


def refusal(tuning: Finetune, model: str, base_model: str) -> str:
    try:
        tuning.create(model, base_model, QUERY)
    except SnowparkSQLException as error:
        return str(error)
    return "accepted"


def main() -> None:
    admin("clock", {"mode": "frozen"})
    admin("settings", {"describe_shape": "classic"})  # its status has no field for the newer keys
    session = Session.builder.configs({**ADDRESS, **LOGIN}).create()
    for statement in SEED:
        session.sql(statement).collect()
    tuning = Finetune(session)
    with claim("Finetune.create submits a job from a query"):
        job = submit(tuning, "DOCS.ML.TUNED", validation_data=QUERY)
    with claim("FinetuneJob.describe tells a job that is not finished"):
        assert job.describe().status in ("PENDING", "IN_PROGRESS", "RUNNING"), job.describe()
    with claim("Finetune.list_jobs lists it"):
        assert [one.status.id for one in tuning.list_jobs()] == [job.status.id]
    with claim("FinetuneJob.cancel cancels it, and describe says so"):
        assert job.cancel()
        assert job.describe().status == "CANCELLED", job.describe()
    with claim("Finetune.create takes a data frame and options; the job finishes with its figures"):
        frame = session.table("DOCS.ML.PAIRS").select("PROMPT", "COMPLETION")
        made = tuning.create("DOCS.ML.TUNED2", "llama3.1-8b", frame, None, {"max_epochs": 2})
        admin("clock", {"advance_s": 86_400})
        status = made.describe()
        assert (status.status, status.model) == ("SUCCESS", "TUNED2"), status
        assert status.progress == 1.0, status
        assert status.trained_tokens, status
        assert status.training_result, status
    with claim("the model is listed by the snowpark session"):
        assert [row["name"] for row in session.sql("SHOW MODELS").collect()] == ["TUNED2"]
    with claim("a job on an unknown base model is refused"):
        assert "no-such-model" in refusal(tuning, "DOCS.ML.OTHER", "no-such-model")
    with claim("a snowpark session reads a table through its data frames"):
        rows = session.table("DOCS.ML.PAIRS")
        assert rows.count() == 9
        assert rows.filter(rows["PROMPT"] == "question 7").collect()[0]["COMPLETION"] == "answer"
        assert len(rows.limit(5).to_pandas()) == 5
    session.close()
    ended()


main()
