"""Single expressions have Snowflake's values, or are refused with its number."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from cortex_resources.emulator.errors import SnowflakeError
from tests.emulator.queries.account import Account

FILES = sorted((Path(__file__).parent / "expressions").glob("*.yaml"))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param(expression, expected, id=f"{area}: {expression}")
        for file in FILES
        for area, cases in yaml.safe_load(file.read_text(encoding="utf-8")).items()
        for expression, expected in cases
    ],
)
def test_an_expression_has_the_value_snowflake_gives(
    account: Account, expression: str, expected: str | int | None
) -> None:
    statement = f"SELECT ({expression})::VARCHAR"
    if isinstance(expected, int):
        with pytest.raises(SnowflakeError) as refusal:
            account.value(statement)
        assert refusal.value.errno == expected, refusal.value.message
    else:
        assert account.value(statement) == expected
