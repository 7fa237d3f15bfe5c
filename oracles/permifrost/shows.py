"""permifrost grants what its file declares, and has nothing left to grant afterwards."""

import re
import sys

import snowflake.connector
from claims import ADDRESS, LOGIN, claim, ended, run

SEED = (
    "CREATE DATABASE DOCS",
    "CREATE SCHEMA DOCS.RAW",
    "CREATE SCHEMA DOCS.ML",
    "CREATE TABLE DOCS.RAW.PAIRS (QUESTION VARCHAR, ANSWER VARCHAR)",
    "CREATE VIEW DOCS.ML.TRAINING AS SELECT QUESTION, ANSWER FROM DOCS.RAW.PAIRS",
    "CREATE WAREHOUSE TRAIN_WH",
    "CREATE ROLE TRAINER",
    "CREATE ROLE APPLICATION",
    "CREATE USER TRAINER_BOT",
)
SETTINGS = {
    "PERMISSION_BOT_ACCOUNT": LOGIN["account"],
    "PERMISSION_BOT_USER": LOGIN["user"],
    "PERMISSION_BOT_PASSWORD": LOGIN["password"],
    "PERMISSION_BOT_ROLE": "SECURITYADMIN",
    "PERMISSION_BOT_DATABASE": "DOCS",
    "PERMISSION_BOT_WAREHOUSE": "TRAIN_WH",
}


def permifrost(*arguments: str) -> str:
    tool = [sys.executable, "../through.py", "permifrost.cli:main"]
    return run([*tool, *arguments], **SETTINGS)


def main() -> None:
    connection = snowflake.connector.connect(**ADDRESS, **LOGIN)
    for statement in SEED:
        connection.cursor().execute(statement)
    with claim("permifrost grants what its file declares"):
        said = permifrost("run", "spec.yml")
        assert "ERROR" not in said, said
        rows = connection.cursor().execute("SHOW GRANTS TO ROLE TRAINER").fetchall()
        assert {"CREATE TABLE", "MONITOR", "SELECT", "USAGE"} <= {row[1] for row in rows}, rows
    with claim("permifrost has nothing left to grant afterwards"):
        said = permifrost("run", "--dry", "spec.yml")
        left = re.findall(r"\[PENDING\] (?!ALTER USER).*", said)  # which it always sends
        assert left == [], left
        assert "ALTER USER" in said, said
    connection.close()
    ended()


main()
