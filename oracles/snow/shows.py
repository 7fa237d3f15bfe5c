"""The Snowflake command line runs SQL, lists and describes objects, and asks Cortex."""

import json
import os
import sys
from pathlib import Path

from claims import ADDRESS, LOGIN, claim, ended, run

SNOW = str(Path(sys.executable).with_name("snow"))
SCRATCH = Path(os.environ["ORACLE_SCRATCH"])
CONFIG = SCRATCH / "config.toml"
SEED = """
CREATE DATABASE DOCS;
CREATE SCHEMA DOCS.ML;
CREATE WAREHOUSE TRAIN_WH INITIALLY_SUSPENDED = TRUE;
CREATE ROLE TRAINER COMMENT = 'trains; it''s one';
CREATE TABLE DOCS.ML.PAIRS (PROMPT VARCHAR, COMPLETION VARCHAR);
INSERT INTO DOCS.ML.PAIRS VALUES ('q', 'a'), ('semi;colon', NULL);
CREATE VIEW DOCS.ML.TRAINING AS SELECT PROMPT, COMPLETION FROM DOCS.ML.PAIRS;
"""


def snow(*arguments: str, exit_code: int = 0) -> str:
    return run([SNOW, "--config-file", str(CONFIG), *arguments], exit_code)


def rows(*arguments: str) -> list[dict]:
    return json.loads(snow(*arguments, "--format", "json"))


def listed(kind: str, *arguments: str) -> list[str]:
    return [row["name"] for row in rows("object", "list", kind, *arguments)]


def main() -> None:
    settings = {**ADDRESS, **LOGIN}
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    CONFIG.write_text("\n".join(["[connections.default]", *lines, ""]))
    CONFIG.chmod(0o600)
    with claim("snow connection test logs in"):
        assert rows("connection", "test")["Status"] == "OK"
    with claim("snow sql runs a file of statements"):
        seed = SCRATCH / "seed.sql"
        seed.write_text(SEED)
        snow("sql", "--filename", str(seed))
    with claim("snow sql answers a query"):
        query = "SELECT PROMPT, COMPLETION FROM DOCS.ML.TRAINING ORDER BY PROMPT"
        wanted = [("q", "a"), ("semi;colon", None)]
        assert [tuple(row.values()) for row in rows("sql", "--query", query)] == wanted
    with claim("snow sql runs several statements in one query"):
        assert rows("sql", "--query", "SELECT 1 AS A; SELECT 2 AS B") == [[{"A": 1}], [{"B": 2}]]
    with claim("snow sql fills its variables"):
        assert rows("sql", "--query", "SELECT <% n %> + 1 AS N", "-D", "n=41") == [{"N": 42}]
    with claim("snow sql tells an error and its exit code"):
        snow("sql", "--query", "SELECT * FROM DOCS.ML.MISSING", exit_code=1)
    with claim("snow object list lists databases, schemas, warehouses, roles and users"):
        assert "DOCS" in listed("database")
        assert "ML" in listed("schema", "--in", "database", "DOCS")
        assert listed("warehouse", "--like", "train%") == ["TRAIN_WH"]
        assert "TRAINER" in listed("role")
        assert "LOCAL_ADMIN" in listed("user")
    with claim("snow object list lists tables and views of a schema"):
        within = ("--database", "DOCS", "--in", "schema", "ML")
        assert listed("table", *within) == ["PAIRS"]
        assert listed("view", *within) == ["TRAINING"]
    with claim("snow object describe describes a view and a table"):
        for kind, name in (("view", "DOCS.ML.TRAINING"), ("table", "DOCS.ML.PAIRS")):
            described = [row["name"] for row in rows("object", "describe", kind, name)]
            assert described == ["PROMPT", "COMPLETION"]
    with claim("snow object drop removes a view"):
        snow("object", "drop", "view", "DOCS.ML.TRAINING")
        assert listed("view", *within) == []
    with claim("snow cortex complete asks a model"):
        assert snow("cortex", "complete", "hello", "--model", "llama3.1-8b", "--backend", "sql")
    ended()


main()
