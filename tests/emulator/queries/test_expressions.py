"""Single expressions have Snowflake's values."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.emulator.queries.account import Account

CASES = yaml.safe_load((Path(__file__).parent / "expressions.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param(expression, expected, id=f"{area}: {expression}")
        for area, cases in CASES.items()
        for expression, expected in cases
    ],
)
def test_an_expression_has_the_value_snowflake_gives(
    account: Account, expression: str, expected: str | None
) -> None:
    assert account.value(f"SELECT ({expression})::VARCHAR") == expected
