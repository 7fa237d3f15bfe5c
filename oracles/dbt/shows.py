"""dbt seeds, builds and tests a training view and an incremental table."""

import os
import shutil
import sys
from pathlib import Path

import snowflake.connector
from claims import ADDRESS, LOGIN, claim, ended, run

PROJECT = Path(os.environ["ORACLE_SCRATCH"]) / "project"
DBT = str(Path(sys.executable).with_name("dbt"))


def dbt(*arguments: str) -> str:
    place = ("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT))
    return run([DBT, "--no-use-colors", *arguments, *place], DO_NOT_TRACK="1")


def main() -> None:
    shutil.copytree("project", PROJECT)
    connection = snowflake.connector.connect(**ADDRESS, **LOGIN)
    cursor = connection.cursor()
    for statement in ("CREATE DATABASE DOCS", "CREATE WAREHOUSE TRAIN_WH"):
        cursor.execute(statement)
    with claim("dbt build seeds a table, makes a view and an incremental table, and tests them"):
        assert "PASS=6 WARN=0 ERROR=0" in dbt("build")
    with claim("the training view has its rows, comment and column comment"):
        rows = cursor.execute("SELECT COMPLETION FROM DOCS.ML.DOCS_TRAIN ORDER BY 1").fetchall()
        assert rows == [("a stored query",), ("weights",)], rows
        listed = cursor.execute("SHOW VIEWS IN SCHEMA DOCS.ML").fetchall()
        assert "pairs to train on; it's one view" in listed[0], listed
        assert "the question" in str(cursor.execute("DESC VIEW DOCS.ML.DOCS_TRAIN").fetchall())
    with claim("a second dbt build merges into what exists"):
        assert "PASS=6 WARN=0 ERROR=0" in dbt("build")
        assert cursor.execute("SELECT COUNT(*) FROM DOCS.ML.DOCS_LENGTHS").fetchone() == (2,)
    with claim("dbt docs generate reads the catalog"):
        dbt("docs", "generate")
        assert "docs_train" in (PROJECT / "target" / "catalog.json").read_text()
    connection.close()
    ended()


main()
