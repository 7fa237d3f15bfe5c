"""YAML 1.2 to nodes: values, positions and bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortex_resources.specs.nodes import Node, Position
from cortex_resources.specs.reading import read, scalar
from cortex_resources.specs.violations import Violations


def nodes(tmp_path: Path, text: str) -> Node:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    violations = Violations()
    root = read(path, violations)
    assert not violations
    assert root is not None
    return root


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("FALSE", False),
        ("yes", "yes"),
        ("on", "on"),
        ("12", 12),
        ("-0", 0),
        ("007", 7),
        ("0o17", 15),
        ("0xff", 255),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1e999", "1e999"),
        (".inf", ".inf"),
        ("9" * 40, 1e40),
        ("2026-11-24", "2026-11-24"),
        ("12:30", "12:30"),
    ],
)
def test_a_plain_scalar_has_yaml_1_2_s_value(text: str, value: object) -> None:
    assert scalar(text) == value
    assert type(scalar(text)) is type(value)


def test_quotes_make_text_of_anything(tmp_path: Path) -> None:
    assert nodes(tmp_path, "a: '1'\nb: \"true\"\nc: !!str 3\n").plain() == {
        "a": "1",
        "b": "true",
        "c": "3",
    }


def test_every_value_knows_its_place(tmp_path: Path) -> None:
    root = nodes(tmp_path, "a:\n  - x\n  - {b: c}\n")
    file = (tmp_path / "a.yaml").as_posix()
    assert root.follow(["a"]) == (Position(file, 1, 1), root.get("a"))
    assert root.follow(["a", 0])[0] == Position(file, 2, 5)
    assert root.follow(["a", 1, "b"])[0] == Position(file, 3, 6)
    assert root.get("a").items[1].get("b").at == Position(file, 3, 9)
    assert str(root.at) == f"{file}:1:1"


def test_an_alias_repeats_what_its_anchor_holds(tmp_path: Path) -> None:
    assert nodes(tmp_path, "a: &x {k: [1, 2]}\nb: *x\n").plain() == {
        "a": {"k": [1, 2]},
        "b": {"k": [1, 2]},
    }


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    assert nodes(tmp_path, "\ufeffa: 1\r\nb: 2\r\n").plain() == {"a": 1, "b": 2}


def test_a_version_directive_changes_nothing(tmp_path: Path) -> None:
    assert nodes(tmp_path, "%YAML 1.1\n---\non: no\n").plain() == {"on": "no"}


def test_accessors_give_nothing_for_another_type() -> None:
    at = Position("a", 1, 1)
    text, whole, broken, flag = (Node(value, at) for value in ("a", 3, 1.5, True))
    assert (text.text, whole.text) == ("a", None)
    assert (whole.whole, flag.whole, broken.whole, text.whole) == (3, None, None, None)
    assert (broken.number, whole.number, flag.number) == (1.5, 3, None)
    assert (flag.flag, whole.flag) == (True, None)
    assert (text.entries, text.items, text.get("a").value) == ({}, (), None)
