"""`extends`: maps merge, lists and scalars replace, grants append, null removes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cortex_resources.specs.merging import files_of, merge, whole
from cortex_resources.specs.nodes import Entry, Node, Position
from cortex_resources.specs.violations import Violations

AT = Position("a", 1, 1)
KEYS = st.sampled_from("abcd")
SCALARS = st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from("xyz")
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
MAPS = st.dictionaries(KEYS, VALUES, max_size=4)


def node(value: Any) -> Node:
    if isinstance(value, dict):
        return Node({key: Entry(AT, node(item)) for key, item in value.items()}, AT)
    if isinstance(value, list):
        return Node(tuple(node(item) for item in value), AT)
    return Node(value, AT)


def merged(below: Any, above: Any) -> Any:
    return merge(merge(None, node(below)), node(above)).plain()


def has_null_key(value: Any) -> bool:
    """Whether a null is left under a key that no list holds."""
    return isinstance(value, dict) and any(v is None or has_null_key(v) for v in value.values())


@given(MAPS)
def test_nothing_above_changes_nothing(below: dict[str, Any]) -> None:
    assert merged(below, {}) == merge(None, node(below)).plain()


@given(MAPS)
def test_the_same_above_changes_nothing(below: dict[str, Any]) -> None:
    assert merged(below, below) == merge(None, node(below)).plain()


@given(MAPS, MAPS)
def test_no_null_is_left(below: dict[str, Any], above: dict[str, Any]) -> None:
    assert not has_null_key(merged(below, above))


@given(MAPS, MAPS)
def test_every_key_comes_from_one_of_the_two(below: dict[str, Any], above: dict[str, Any]) -> None:
    for key, value in merged(below, above).items():
        if key not in above:
            assert value == merge(None, node({key: below[key]})).plain()[key]  # type: ignore[index]
        elif not isinstance(above[key], dict):
            assert value == above[key]


def test_grants_are_appended_and_other_lists_replaced() -> None:
    below = {"grants": [1], "models": {"a": {"grants": [1]}}}
    above = {"grants": [2], "models": {"a": {"grants": [2]}}}
    assert merged(below, above) == {"grants": [1, 2], "models": {"a": {"grants": [2]}}}
    assert merged(below, {"grants": []})["grants"] == [1]
    assert "grants" not in merged(below, {"grants": None})


def written(tmp_path: Path, **files: str) -> Node:
    for name, text in files.items():
        path = tmp_path / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
    violations = Violations()
    roots = files_of(tmp_path / "top.yaml", violations)
    assert not violations
    return whole(roots)


def test_later_files_win_and_the_file_itself_wins_over_all(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        top="extends: [one.yaml, two.yaml]\nvars: {c: top}\n",
        one="vars: {a: one, b: one, c: one}\n",
        two="vars: {b: two, c: two}\n",
    )
    assert root.plain() == {"vars": {"a": "one", "b": "two", "c": "top"}}


def test_a_file_reached_twice_counts_once(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        top="extends: [one.yaml, two.yaml]\n",
        one="extends: base.yaml\n",
        two="extends: base.yaml\n",
        base="grants: [a]\n",
    )
    assert root.plain() == {"grants": ["a"]}


def test_a_value_keeps_the_place_where_it_was_written(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        top="extends: base.yaml\nmodels:\n  a:\n    x: 2\n",
        base="models:\n  a: {x: 1, y: 1}\n",
    )
    places = {key: str(entry.node.at) for key, entry in root.get("models").get("a").entries.items()}
    assert places == {
        "x": f"{tmp_path.as_posix()}/top.yaml:4:8",
        "y": f"{tmp_path.as_posix()}/base.yaml:2:16",
    }


def test_extends_is_relative_to_the_file_that_says_it(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "one.yaml").write_text("extends: ../base.yaml\n")
    root = written(tmp_path, top="extends: parts/one.yaml\n", base="vars: {a: 1}\n")
    assert root.plain() == {"vars": {"a": 1}}
