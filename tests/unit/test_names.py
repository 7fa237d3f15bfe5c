"""Identifiers: read as users write them, printed as SQL."""

from __future__ import annotations

import pytest

from cortex_resources.errors import InvalidNameError
from cortex_resources.model.names import QualifiedName, quoted


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("db", ("DB",)),
        (" db.Ml.m1 ", ("DB", "ML", "M1")),
        ('"db".ml', ("db", "ML")),
        ('db."my ""own"" model"', ("DB", 'my "own" model')),
        ('"a.b".c', ("a.b", "C")),
        ("_a$1", ("_A$1",)),
    ],
)
def test_plain_text_folds_and_quoted_text_stays(text: str, parts: tuple[str, ...]) -> None:
    assert QualifiedName.parse(text).parts == parts


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a..b", "1a", "a b", '""', '"a', "a-b", "é"])
def test_what_is_no_name_is_refused_with_a_way_out(text: str) -> None:
    with pytest.raises(InvalidNameError, match="is not a name") as caught:
        QualifiedName.parse(text)
    assert caught.value.hint


def test_depth_is_told_with_the_shape() -> None:
    with pytest.raises(InvalidNameError, match="has 2 parts, not 3") as caught:
        QualifiedName.parse("db.m", depth=3)
    assert caught.value.hint == "Write it as database.schema.name."
    with pytest.raises(InvalidNameError, match="has 1 part, not 2"):
        QualifiedName.parse("db", depth=2)


@pytest.mark.parametrize("text", ["a.b.c.d", "a" * 256])
def test_more_than_snowflake_takes_is_refused(text: str) -> None:
    with pytest.raises(InvalidNameError, match="longer than an identifier"):
        QualifiedName.parse(text)


def test_the_longest_identifier_is_taken() -> None:
    assert QualifiedName.parse("a" * 255).name == "A" * 255


@pytest.mark.parametrize("text", ['"a\nb"', '"a\tb"', '"a\0"', '"a\u2028b"'])
def test_a_name_that_would_split_a_line_is_refused(text: str) -> None:
    with pytest.raises(InvalidNameError, match="cannot be printed"):
        QualifiedName.parse(text)


@pytest.mark.parametrize(
    ("stored", "printed"),
    [
        ("DB", "DB"),
        ("db", '"db"'),
        ("A B", '"A B"'),
        ('a"b', '"a""b"'),
        ("1A", '"1A"'),
        ("ORDER", '"ORDER"'),
        ("ORDERS", "ORDERS"),
    ],
)
def test_quotes_only_where_needed(stored: str, printed: str) -> None:
    assert quoted(stored) == printed


def test_relatives() -> None:
    name = QualifiedName.parse("db.ml.m")
    assert str(name.parent) == "DB.ML"
    assert name.database == "DB"
    assert str(name.sibling("x y")) == 'DB.ML."x y"'
    assert str(name.parent.child("T")) == "DB.ML.T"
