"""Names of functions, with the types of their arguments."""

from __future__ import annotations

import pytest

from cortex_resources.errors import InvalidNameError
from cortex_resources.model.grants import Securable, SecurableType


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("db.ml.answer(varchar)", "DB.ML.ANSWER(VARCHAR)"),
        ("DB.ML.ANSWER( string )", "DB.ML.ANSWER(VARCHAR)"),
        ("DB.ML.ANSWER()", "DB.ML.ANSWER()"),
        ("DB.ML.F(text(10), decimal(10, 2),double precision)", "DB.ML.F(VARCHAR, NUMBER, FLOAT)"),
        ('DB."a(b".F(CHAR VARYING(3))', 'DB."a(b".F(VARCHAR)'),
        ('DB.ML."say ""hi"" (now)"(OBJECT)', 'DB.ML."say ""hi"" (now)"(OBJECT)'),
    ],
)
def test_a_function_is_its_name_and_its_types_without_lengths(written: str, stored: str) -> None:
    found = Securable.parse(f"function {written}")
    assert found.type is SecurableType.FUNCTION
    assert str(found) == f"FUNCTION {stored}"
    assert Securable.parse(str(found)) == found


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("DB.ML.F", "names no function with the types"),
        ("DB.ML.F(VARCHAR) x", "names no function with the types"),
        ("DB.ML.F(PROMPT VARCHAR)", "is no type of an argument"),
        ("DB.ML.F(VARCHAR,)", "is no type of an argument"),
        ("ML.F(VARCHAR)", "has 2 parts, not 3"),
    ],
)
def test_a_function_without_its_types_is_refused_with_a_way_out(written: str, fault: str) -> None:
    with pytest.raises(InvalidNameError, match=fault) as caught:
        Securable.parse(f"FUNCTION {written}")
    assert caught.value.hint
