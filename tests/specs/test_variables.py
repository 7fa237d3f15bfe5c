"""`${name}`: what it becomes, where, and with which type."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortex_resources.specs.load import check, load_stack
from cortex_resources.specs.nodes import Entry, Node, Position, Scalar
from cortex_resources.specs.variables import Variables
from cortex_resources.specs.violations import Violations

AT = Position("a", 1, 1)
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True).filter(lambda n: n != "stack")
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="${}"), max_size=20)


def node(value: Scalar) -> Node:
    return Node(value, AT, str(value))


def filled(text: str, **values: Scalar) -> Scalar:
    violations = Violations()
    declared = {name: Entry(AT, node(value)) for name, value in values.items()}
    result = Variables(declared, {}, "dev", violations).fill(node(text))
    assert [str(v) for v in violations.in_order()] == []
    assert not isinstance(result.value, tuple | dict)
    return result.value


@given(TEXTS)
def test_a_text_without_variables_stays(text: str) -> None:
    assert filled(text) == text


@given(NAMES, TEXTS, TEXTS, TEXTS)
def test_a_variable_is_replaced_where_it_stands(
    name: str, value: str, before: str, after: str
) -> None:
    assert filled(f"{before}${{{name}}}{after}", **{name: value}) == before + value + after


@given(st.lists(NAMES, min_size=2, max_size=6, unique=True), TEXTS)
def test_a_chain_of_variables_ends_at_its_value(names: list[str], value: str) -> None:
    chain: dict[str, Scalar] = {name: f"${{{following}}}" for name, following in pairwise(names)}
    assert filled(f"${{{names[0]}}}", **chain, **{names[-1]: value}) == value


@given(st.text("${}ab", max_size=12))
def test_an_escaped_text_is_told_literally(text: str) -> None:
    assert filled(text.replace("${", "$${")) == text


@given(NAMES, st.integers() | st.booleans() | st.floats(0, 10))
def test_a_variable_alone_takes_its_type_and_in_a_text_its_source(
    name: str, value: int | bool | float
) -> None:
    alone = filled(f"${{{name}}}", **{name: value})
    assert (alone, type(alone)) == (value, type(value))
    assert filled(f"x${{{name}}}", **{name: value}) == f"x{value}"


@given(st.lists(NAMES, min_size=1, max_size=5, unique=True))
def test_a_circle_is_told_once(names: list[str]) -> None:
    declared = {
        name: Entry(
            Position("a", at, 1), Node(text := f"x${{{after}}}", Position("a", at, 9), text)
        )
        for at, (name, after) in enumerate(zip(names, [*names[1:], names[0]], strict=True))
    }
    violations = Violations()
    Variables(declared, {}, "dev", violations)
    (only,) = violations.in_order()
    assert only.what.startswith("the variables go in a circle: ")


@given(st.text("${}a_ ", max_size=16))
def test_any_text_is_filled_or_told(text: str) -> None:
    violations = Violations()
    result = Variables({"a": Entry(AT, node("A"))}, {}, "dev", violations).fill(node(text))
    opened = text.count("${") - text.count("$${")
    assert bool(violations) == (opened > text.count("${a}") - text.count("$${a}"))
    assert violations or result.source == text.replace("$${", "\0").replace("${a}", "A").replace(
        "\0", "${"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${stack}", "dev"),
        ("$${db}", "${db}"),
        ("$$${db}", "$${db}"),
        ("${db}_${db}", "D_D"),
        ("$db {db} $", "$db {db} $"),
        ("v${version}", "v1.10"),
    ],
)
def test_a_variable_looks_like_this(text: str, expected: str) -> None:
    violations = Violations()
    declared = {"db": Entry(AT, node("D")), "version": Entry(AT, Node(1.1, AT, "1.10"))}
    assert Variables(declared, {}, "dev", violations).fill(node(text)).value == expected
    assert not violations


def test_variables_reach_texts_and_keys_of_to_and_no_other_keys(tmp_path: Path) -> None:
    (tmp_path / "dev.yaml").write_text(
        """
        vars: {db: DOCS, epochs: 2, unused: x}
        grants:
          - on: {database: "${db}"}
            to: {"${db}_${stack}": [USAGE]}
          - on: {role: "${db}"}
            to: ["${db}_A", {user: "${db}_U"}]
        models:
          m:
            name: ${db}.ML.M
            base_model: llama3.1-8b
            training: {query: "SELECT prompt, completion FROM ${db}.RAW.T"}
            max_epochs: ${epochs}
        """
    )
    stack = load_stack("dev", tmp_path, known_variables={"db": "MINE"})
    (privileges,), (roles,), (model,) = stack.privileges, stack.roles, stack.models
    assert str(privileges.on) == "DATABASE MINE"
    assert {str(p) for p in privileges.privileges} == {"USAGE to ROLE MINE_DEV"}
    assert {str(holder) for holder in roles.grantees} == {"ROLE MINE_A", "USER MINE_U"}
    assert (str(model.job.model), model.job.max_epochs) == ("MINE.ML.M", 2)


def test_a_whole_text_variable_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "dev.yaml").write_text(
        "vars: {n: 3}\nviews:\n  a: {name: '${n}', query: 'SELECT prompt, completion FROM D.R.T'}\n"
    )
    (only,) = check("dev", tmp_path).violations
    assert only.what == "views.a.name: expected text, got the number 3; put it in quotes"
    assert (only.at.line, only.at.column) == (3, 13)


def test_variables_that_double_with_every_line_are_stopped(tmp_path: Path) -> None:
    lines = [f"  a{at}: '${{a{at - 1}}}${{a{at - 1}}}'\n" for at in range(1, 60)]
    uses = "".join(f"  v{at}: {{name: '${{a59}}', query: '${{a58}}'}}\n" for at in range(3))
    (tmp_path / "dev.yaml").write_text(f"vars:\n  a0: xx\n{''.join(lines)}views:\n{uses}")
    (only,) = check("dev", tmp_path).violations
    assert only.what == "variables make more than 4000000 characters; use less"
