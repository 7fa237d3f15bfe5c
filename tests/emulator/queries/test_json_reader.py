"""The wide reader of JSON beside the standard one, and on anything at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cortex_resources.emulator.queries.callbacks import json_values as js
from cortex_resources.emulator.queries.callbacks.json_reader import (
    UNDEFINED,
    DocumentError,
    Reader,
)
from cortex_resources.emulator.queries.callbacks.variant_order import key

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-(10**37), 10**37) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
SIGNS = st.sampled_from(list("{}[],:\"'\\ \n01.e+-xNtfnu_é$"))


@settings(max_examples=150, deadline=None)
@given(VALUES, st.sampled_from([None, 2]), st.booleans())
def test_it_reads_the_standard_as_everybody_does(
    value: Any, indent: int | None, plain: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=plain)
    assert Reader(text).document() == value
    assert js.load(text) == value


@settings(max_examples=150, deadline=None)
@given(VALUES)
def test_what_is_written_is_read_back_beside_undefined(value: Any) -> None:
    written = js.dump([UNDEFINED, value])
    assert js.stored(written) == [UNDEFINED, value]
    assert js.load(written) == [UNDEFINED, value]


@settings(max_examples=300, deadline=None)
@given(st.lists(SIGNS, max_size=14).map("".join))
def test_any_text_is_refused_as_a_document_or_read_for_good(text: str) -> None:
    try:
        found = Reader(text).document()
    except DocumentError:
        return
    written = js.dump(found)
    assert found is UNDEFINED or js.dump(js.stored(written)) == written


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(-(10**37), 10**37) | st.decimals(-1000, 1000, places=4), max_size=8))
def test_keys_of_numbers_sort_as_the_numbers(numbers: list[Any]) -> None:
    assert sorted(numbers, key=key) == sorted(numbers)


@settings(max_examples=150, deadline=None)
@given(st.lists(TEXTS, max_size=8))
def test_keys_of_texts_sort_by_code_points(texts: list[str]) -> None:
    assert sorted(texts, key=key) == sorted(texts)


@pytest.mark.parametrize("opening", ["[", '{"a":', "[{a:"])
def test_what_is_nested_too_deeply_is_a_fault(opening: str) -> None:
    with pytest.raises(DocumentError, match="nested too deeply"):
        js.load(opening * 100_000)
