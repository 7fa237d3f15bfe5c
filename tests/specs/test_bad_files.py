"""Every bad stack file beside this one gives exactly the violations that are written down.

`bad/<case>/violations.txt` holds them; `stack.yaml` is the stack, other files are its parts.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from cortex_resources.errors import SpecError
from cortex_resources.specs import load, reading
from cortex_resources.specs.violations import Violations

BAD = Path(__file__).parent / "bad"
CASES = sorted(folder.name for folder in BAD.iterdir() if folder.is_dir())


@pytest.mark.parametrize("case", CASES)
def test_a_bad_file_gives_exactly_its_violations(case: str) -> None:
    folder = BAD / case
    with pytest.raises(SpecError) as caught:
        load.load_stack("stack", folder)
    told = [line.replace(f"{folder.as_posix()}/", "") for line in caught.value.violations]
    assert told == (folder / "violations.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("case", CASES)
def test_every_violation_has_a_place_and_a_way_out(case: str) -> None:
    for violation in load.check("stack", BAD / case).violations:
        assert violation.at.line >= 1
        assert violation.at.column >= 1
        assert any(sign in violation.what for sign in (";", ": ", "must"))
        assert "\n" not in violation.what


def test_there_are_cases() -> None:
    assert len(CASES) >= 30


def test_the_error_counts_the_violations_and_says_that_nothing_was_changed() -> None:
    with pytest.raises(SpecError, match=r"^3 violations, nothing was changed:\n  .*stack.yaml:2:1"):
        load.load_stack("stack", BAD / "unknown_key")


def test_a_missing_stack_file_is_named_with_the_stacks_that_exist(tmp_path: Path) -> None:
    for name in ("common", "dev", "prod"):
        (tmp_path / f"{name}.yaml").write_text("extends: common.yaml" if name != "common" else "")
    where = tmp_path.as_posix()
    with pytest.raises(SpecError) as caught:
        load.load_stack("nope", tmp_path)
    assert caught.value.violations == (
        f"{where}/nope.yaml: there is no such stack file; stacks in {where} are dev, prod",
    )
    with pytest.raises(SpecError, match="did you mean prod"):
        load.load_stack("prd", tmp_path)
    with pytest.raises(SpecError, match="there are no stacks in"):
        load.load_stack("dev", tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["../dev", "", "a/b", ".hidden", "a b"])
def test_a_stack_is_a_name_not_a_path(name: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="is no name of a stack"):
        load.load_stack(name, tmp_path)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "dev.yaml").write_bytes(b"# \n" * 400_000)
    violations = load.check("dev", tmp_path).violations
    assert [v.what for v in violations] == [
        "the file is larger than 1048576 bytes; split the stack"
    ]


def test_a_part_that_vanishes_between_two_looks_is_told(tmp_path: Path) -> None:
    violations = Violations()
    assert reading.read(tmp_path, violations) is None
    (only,) = violations.in_order()
    assert only.what.startswith("the file cannot be read: ")
