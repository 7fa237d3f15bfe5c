"""The page on the local account says what the cases say, and every case says where it is from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conformance import cases, document

AREAS = [pytest.param(area, id=f"{file.stem}-{area['area']}") for file, area in cases.areas()]


def test_the_page_is_fresh() -> None:
    written = document.DOCUMENT.read_text(encoding="utf-8")
    assert written == document.text(cases.areas()), "make document"


@pytest.mark.parametrize("area", AREAS)
def test_every_case_names_its_source_and_every_difference_its_reason(area: dict[str, Any]) -> None:
    assert area["family"]
    assert area["source"]
    for case in area["cases"]:
        standing = case.get("standing", "supported")
        assert standing in document.STANDINGS
        assert (standing == "supported") != bool(case.get("because")), case["name"]


def test_a_refusal_is_an_error_that_names_what_is_missing() -> None:
    unnamed = [
        f"{file.name}: {case['name']}"
        for file, area in cases.areas()
        for case in area["cases"]
        if case.get("standing") == "refused"
        and (case["expect"] == {} or "error" not in case["expect"])
    ]
    assert unnamed == []


def test_differences_are_counted_and_told() -> None:
    area = json.loads(
        """{"area": "a", "family": "SHOW <x>", "source": "Page", "cases": [
          {"name": "as is", "expect": {}},
          {"name": "a | b", "expect": {}, "standing": "deviating", "because": "why", "source": "Q"}
        ]}"""
    )
    page = document.text([(Path("some.yaml"), area)])
    assert "| SHOW &lt;x&gt; | 1 | 1 |  | Page; Q | `some` |" in page
    assert "| SHOW &lt;x&gt; | deviating | a \\| b | why |" in page
