"""`cortex-resources account`, run as users run it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


class Command:
    """The command in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str) -> tuple[int, str]:
        """Exit code and what was printed."""
        done = subprocess.run(
            [sys.executable, "-m", "cortex_resources", "account", *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def json(self, *arguments: str) -> Any:
        """What was printed, parsed; the command must succeed."""
        code, text = self.run(*arguments, "--json")
        assert code == 0, text
        return json.loads(text)


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    made = Command(tmp_path)
    yield made
    made.run("stop")


def test_start_answers_is_idempotent_and_stop_keeps_everything(command: Command) -> None:
    started = command.json("start", "--port", "0", "--ready-file", "ready.json")
    assert started["status"] == "started"
    assert (command.folder / ".local-account/account.duckdb").exists()
    ready = json.loads((command.folder / "ready.json").read_text())
    assert set(ready) == {"host", "port", "user", "password", "account", "pid"}
    again = command.json("start", "--port", "0")
    assert (again["status"], again["pid"]) == ("already running", started["pid"])
    command.json("sql", "CREATE DATABASE KEPT COMMENT = 'é'")
    assert command.json("stop") == {"status": "stopped"}
    assert command.run("status")[0] == 1
    assert command.json("stop") == {"status": "not running"}
    command.json("start", "--port", "0")
    rows = command.json("sql", "SHOW DATABASES LIKE 'KEPT'")
    assert [(row["name"], row["comment"]) for row in rows] == [("KEPT", "é")]
    command.json("reset")
    assert command.json("sql", "SHOW DATABASES LIKE 'KEPT'") == []


def test_sql_prints_a_table_and_fails_with_snowflakes_text(command: Command) -> None:
    command.json("start", "--port", "0")
    code, text = command.run("sql", "SELECT 1 AS one, NULL AS nothing; SELECT 'x' AS two")
    assert (code, text) == (0, "TWO\n---\nx\n(1 row)\n")
    code, text = command.run("sql", "SELECT * FROM NOWHERE.NO.THING")
    assert code == 1
    assert "002003" in text
    assert "does not exist or not authorized" in text


def test_the_clock_is_shown_and_set(command: Command) -> None:
    command.json("start", "--port", "0")
    assert command.json("clock")["mode"] == "real"
    assert command.json("clock", "scaled", "--factor", "20")["factor"] == 20
    assert command.run("clock", "scaled", "--factor", "-1")[0] == 1


def test_a_seed_runs_once_and_a_broken_one_says_where(command: Command) -> None:
    (command.folder / "seed.sql").write_text("CREATE DATABASE SEEDED; CREATE ROLE FROM_SEED;")
    command.json("start", "--port", "0", "--seed", "seed.sql")
    assert len(command.json("sql", "SHOW ROLES LIKE 'FROM_SEED'")) == 1
    command.json("stop")
    command.json("start", "--port", "0", "--seed", "seed.sql")
    command.json("stop")
    (command.folder / "bad.sql").write_text("CREATE DATABASE A; FLURB;")
    code, text = command.run("start", "--port", "0", "--state", "new.duckdb", "--seed", "bad.sql")
    assert code == 1
    assert "FLURB" in text


def test_a_foreign_state_file_is_one_clear_line(command: Command) -> None:
    (command.folder / "notes.txt").write_text("not a database")
    code, text = command.run("start", "--port", "0", "--state", "notes.txt")
    assert code == 1
    assert "is not a state file" in text
    assert "Traceback" not in text
    assert (command.folder / "notes.txt").read_text() == "not a database"


def test_a_taken_port_is_one_clear_line(command: Command) -> None:
    taken = command.json("start", "--port", "0")["port"]
    code, text = command.run("start", "--port", str(taken), "--state", "other.duckdb")
    assert code == 1
    assert "choose another with --port" in text


def test_without_an_account_the_way_to_start_it_is_named(command: Command) -> None:
    code, text = command.run("sql", "SELECT 1")
    assert code == 1
    assert "cortex-resources account start" in text
