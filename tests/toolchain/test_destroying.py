"""A destroy runs no program: what the stack file forbids since the last `up` stops it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cortex_resources.model.policy import Policy
from toolchain.destroying import kept, refusal, still_allowed

VIEW = {"allow_drop": True, "query": "SELECT 1"}
LEFT: dict[str, Any] = {
    "resources": [
        {"outputs": {**VIEW, "retain": False}},
        {"outputs": {"allow_revoke": True}},
        {"outputs": None},
        {},
    ]
}


def test_what_a_destroy_keeps_is_called_by_its_kind() -> None:
    retained: list[dict[str, Any]] = [
        {"saved_as": "DB.ML.M__1", "previous_models": "DB.ML.M__0"},
        {"name": "DB.ML.V", "query": "SELECT 1"},
        {"name": "DB.ML.S", "table": "DB.ML.S__1", "query": "SELECT 1"},
    ]
    state = [{"retainOnDelete": True, "outputs": outputs} for outputs in retained]
    dropped = {"outputs": {"name": "DB.ML.W", "query": "SELECT 1"}}
    assert kept([*state, dropped]) == [
        "model DB.ML.M__1",
        "model DB.ML.M__0",
        "view DB.ML.V",
        "snapshot DB.ML.S__1",
    ]


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (Policy(allow_drop=True), []),
        (Policy(), ["allow_drop"]),
        (
            Policy(allow_revoke=False, retain=True, protect=True),
            ["allow_drop", "allow_revoke", "retain", "protect"],
        ),
    ],
)
def test_what_is_withheld_since_the_last_run_is_told(policy: Policy, words: list[str]) -> None:
    assert still_allowed(LEFT["resources"], policy) == words


def test_what_the_last_run_withheld_already_is_obeyed_by_the_destroy_itself() -> None:
    state: list[dict[str, Any]] = [
        {"protect": True, "outputs": {"allow_drop": False, "retain": True}},
        {"outputs": {"allow_revoke": False}},
    ]
    strict = Policy(allow_revoke=False, retain=True, protect=True)
    assert still_allowed(state, strict) == []


@pytest.mark.parametrize("word", ["allow_drop: false", "allow_revoke: false", "protect: true"])
def test_a_file_that_forbids_more_stops_a_destroy(tmp_path: Path, word: str) -> None:
    policy = word if word.startswith("allow_drop") else f"allow_drop: true, {word}"
    (tmp_path / "dev.yaml").write_text(f"policy: {{{policy}}}\n", encoding="utf-8")
    told = refusal("dev", tmp_path, LEFT)
    assert f"forbids more than at the last `up` ({word.partition(':')[0]})" in told
    assert "run `make up STACK=dev` first" in told


def test_a_file_that_forbids_nothing_new_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "dev.yaml").write_text("policy: {allow_drop: true}\n", encoding="utf-8")
    assert refusal("dev", tmp_path, LEFT) == ""


def test_a_file_that_cannot_be_read_may_forbid_anything(tmp_path: Path) -> None:
    text = "polcy: {allow_drop: false}\npolicy: {allow_drop: true}\n"
    (tmp_path / "dev.yaml").write_text(text, encoding="utf-8")
    told = refusal("dev", tmp_path, LEFT)
    assert "dev.yaml:1:1: " in told
    assert "take the file away: without one the policy of the last `up` counts" in told


def test_a_stack_without_a_file_is_destroyed_as_its_last_run_allows(tmp_path: Path) -> None:
    assert refusal("dev", tmp_path, LEFT) == ""
