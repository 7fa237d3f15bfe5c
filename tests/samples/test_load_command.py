"""The command that loads a sample refuses in one line, before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from samples import answer, load

NOBODY = 1
"""A port of this machine on which nothing listens."""


@pytest.fixture
def no_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CORTEX_RESOURCES_LOCAL_PORT", str(NOBODY))
    monkeypatch.setenv("SNOWFLAKE_HOME", str(tmp_path))
    monkeypatch.setenv(
        "SNOWFLAKE_CONNECTIONS",
        f'[work]\naccount = "acme"\nuser = "u"\npassword = "x"\nhost = "::1"\nport = {NOBODY}',
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["dev"], "the local account does not answer"),
        (["dev", "--connection", "nowhere"], 'no connection "nowhere"'),
        (
            ["prod", "--connection", "work"],
            'connection "work" is not the local account: the sample would create',
        ),
    ],
)
@pytest.mark.usefixtures("no_account")
def test_a_refusal_is_one_line_and_exit_code_1(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert load.main(arguments) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"error: {message}")
    assert told.err.count("\n") == 1


@pytest.mark.usefixtures("no_account")
@pytest.mark.parametrize("command", [(load.main, []), (answer.main, ["--model", "DB.ML.M"])])
def test_a_stack_with_rows_of_its_own_needs_no_sample(
    command: tuple[Callable[[list[str]], int], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    run, arguments = command
    assert run(["qa", *arguments]) == 0
    told = capsys.readouterr()
    assert told.out == "stack qa has no sample rows; dev, staging, prod, seed have\n"
    assert told.err == ""
