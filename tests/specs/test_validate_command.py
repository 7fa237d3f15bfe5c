"""`cortex-resources validate`: what it prints and how it ends."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from click.testing import CliRunner, Result

from cortex_resources.cli.validate import validate

STACKS = Path(__file__).parents[2] / "stacks"
BAD = Path(__file__).parent / "bad"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(validate, arguments, catch_exceptions=False)


def test_stacks_without_violations_end_with_zero() -> None:
    result = run("--folder", str(STACKS))
    assert result.exit_code == 0
    assert f"{STACKS.as_posix()}/dev.yaml: fine, 6 grants, 2 views, 1 model\n" in result.output
    assert "warning: " in result.output
    assert "common.yaml" not in result.output


def test_violations_are_printed_with_their_places_and_end_with_two() -> None:
    folder = BAD / "budget_without_epochs"
    result = run("stack", "--folder", str(folder))
    assert result.exit_code == 2
    head, line, warning = result.stdout.splitlines()
    assert head == f"{folder.as_posix()}/stack.yaml: 1 violation"
    assert line.startswith(f"  {folder.as_posix()}/stack.yaml:6:5: a budget without max_epochs")
    assert warning.startswith("  warning: ")


def test_a_missing_stack_ends_with_one_and_the_others_are_still_checked() -> None:
    result = run("nope", "prod", "--folder", str(STACKS))
    assert result.exit_code == 1
    assert "prod.yaml: fine" in result.stdout
    assert result.stderr.startswith("error: ")
    assert "there is no such stack file; stacks in" in result.stderr


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    result = run("--folder", str(tmp_path))
    assert result.exit_code == 1
    assert "there are no stack files in" in result.stderr
    assert result.stdout == ""


def test_one_broken_stack_does_not_hide_the_others(tmp_path: Path) -> None:
    shutil.copy(BAD / "tab" / "stack.yaml", tmp_path / "a.yaml")
    (tmp_path / "b.yaml").write_text("extends: 3")
    (tmp_path / "c.yaml").write_text("")
    result = run("--folder", str(tmp_path))
    assert result.exit_code == 2
    assert [line.partition(".yaml: ")[2] for line in result.stdout.splitlines()[::2]] == [
        "1 violation",
        "1 violation",
        "fine, 0 grants, 0 views, 0 models",
    ]


def test_json_carries_every_part_of_a_violation() -> None:
    folder = BAD / "eleven_epochs"
    result = run("stack", "--json", "--folder", str(folder))
    assert result.exit_code == 2
    document = json.loads(result.stdout)
    (stack,) = document["stacks"]
    assert (stack["stack"], stack["valid"], document["errors"]) == ("stack", False, [])
    assert stack["violations"][0] == {
        "file": f"{folder.as_posix()}/stack.yaml",
        "line": 6,
        "column": 17,
        "message": "models.docs.max_epochs is 11; write at least 1 and at most 10",
    }
    assert len(stack["warnings"]) == 1
    missing = run("nope", "--json", "--folder", str(folder))
    assert missing.exit_code == 1
    assert json.loads(missing.stdout)["errors"]
