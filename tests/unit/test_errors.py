"""The tree of errors: what each says, and that each has a next step."""

from __future__ import annotations

import pytest

from cortex_resources import errors


def every_error(root: type[errors.CortexError] = errors.CortexError) -> list[type[Exception]]:
    below = [found for kind in root.__subclasses__() for found in every_error(kind)]
    return [root, *below]


def test_the_docstring_draws_the_whole_tree() -> None:
    drawn = errors.__doc__ or ""
    named = {kind.__name__ for kind in every_error() if kind.__module__ == errors.__name__}
    assert all(f" {name} " in f" {drawn.replace(chr(10), ' ')} " for name in named)


def test_an_error_says_what_and_next() -> None:
    error = errors.PolicyError("view DB.ML.V may not go", hint="Allow it:\n  allow_drop")
    assert str(error) == "view DB.ML.V may not go\n  Allow it:\n  allow_drop"
    assert error.line == "view DB.ML.V may not go; allow it: allow_drop"
    assert str(errors.PolicyError("short")) == "short"


@pytest.mark.parametrize(
    ("hint", "end"),
    [
        ("Choose another. What is there stays.", "; choose another. What is there stays."),
        ("GRANT USAGE ON X TO ROLE R", "; GRANT USAGE ON X TO ROLE R"),
        ("on_failure is retry", "; on_failure is retry"),
        ("", ""),
    ],
)
def test_one_line_is_one_sentence(hint: str, end: str) -> None:
    assert errors.PolicyError("it may not", hint=hint).line == f"it may not{end}"


@pytest.mark.parametrize(("count", "head"), [(1, "1 violation,"), (2, "2 violations,")])
def test_all_violations_are_told_at_once(count: int, head: str) -> None:
    lines = [f"stacks/dev.yaml:{at}:1: wrong" for at in range(count)]
    error = errors.SpecError(lines)
    assert error.what.startswith(head)
    assert error.violations == tuple(lines)
    assert str(error).splitlines()[1:] == [f"  {line}" for line in lines]


def test_facts_of_the_account_are_attributes() -> None:
    error = errors.ObjectMissingError("gone", hint="look", errno=2003, statement="SHOW VIEWS")
    assert (error.errno, error.statement, error.hint) == (2003, "SHOW VIEWS", "look")
    assert isinstance(error, errors.AccountError)
