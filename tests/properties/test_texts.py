"""What holds for every name, literal, line and query."""

from __future__ import annotations

import dataclasses
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cortex_resources.model import sqltext
from cortex_resources.model.grants import (
    Grantee,
    Privilege,
    grantees_of,
    privileges_of,
    to_lines,
)
from cortex_resources.model.jobs import Marker, TrainingJob
from cortex_resources.model.names import QualifiedName, quoted
from cortex_resources.model.sqltext import TokenType
from cortex_resources.sql import literals, models
from tests.properties import texts
from tests.properties.texts import bounded

anything = st.text(max_size=60)
hostile = st.text(alphabet="a'\\\"$/*-;\n ", max_size=20)


@bounded
@given(st.integers(1, 3).flatmap(texts.names))
def test_names_round_trip_through_text(name: QualifiedName) -> None:
    assert QualifiedName.parse(str(name)) == name


@bounded
@given(texts.identifiers | st.text("a'\\\"$/*-; ", min_size=1, max_size=12))
def test_an_identifier_is_one_token(identifier: str) -> None:
    found = sqltext.tokens(f"{quoted(identifier)} ")
    assert [token.type for token in found[1:]] == [TokenType.BLANK]
    assert found[0].type in (TokenType.WORD, TokenType.QUOTED)


@bounded
@given(hostile | anything.filter(lambda s: "\0" not in s))
def test_nothing_escapes_from_a_literal(text: str) -> None:
    written = literals.literal(text)
    found = sqltext.tokens(f"{written} DROP")
    assert [token.text for token in found] == [written, " ", "DROP"]
    assert found[0].type is TokenType.STRING
    assert written[1:-1].replace("''", "'").replace("\\\\", "\\") == text


@bounded
@given(hostile | anything)
def test_nothing_escapes_from_a_comment(text: str) -> None:
    assert [t.text for t in sqltext.significant(f"{literals.block_comment(text)} DROP")] == ["DROP"]


@bounded
@given(texts.privileges(texts.grantees))
def test_a_privilege_round_trips_through_its_line(privilege: Privilege) -> None:
    assert Privilege.parse(str(privilege)) == privilege


@bounded
@given(st.frozensets(texts.privileges(texts.grantees), max_size=6))
def test_sets_of_privileges_round_trip(privileges: frozenset[Privilege]) -> None:
    text = to_lines(privileges)
    assert privileges_of(text) == privileges
    assert to_lines(privileges_of(text)) == text


@bounded
@given(st.frozensets(texts.grantees, max_size=6))
def test_sets_of_grantees_round_trip(grantees: frozenset[Grantee]) -> None:
    assert grantees_of(to_lines(grantees)) == grantees


@bounded
@given(hostile | anything)
def test_tokens_lose_nothing(text: str) -> None:
    assert "".join(token.text for token in sqltext.tokens(text)) == text


@bounded
@given(texts.queries.map(" ".join) | anything.filter(lambda s: s.count("'") % 2 == 0))
def test_canonical_text_is_its_own_canonical_text(text: str) -> None:
    once = sqltext.canonical(text)
    assert sqltext.canonical(once) == once


@bounded
@given(texts.queries, st.data())
def test_blanks_comments_and_the_case_of_words_do_not_matter(
    pieces: list[str], data: st.DataObject
) -> None:
    gaps = data.draw(st.lists(texts.gaps, min_size=len(pieces), max_size=len(pieces)))
    loud = (piece if piece[0] in "'\"" else piece.swapcase() for piece in pieces)
    other = "".join(f"{gap}{piece}" for gap, piece in zip(gaps, loud, strict=True))
    assert sqltext.same(" ".join(pieces), f"{other} ; ")


@bounded
@given(texts.queries, st.integers(0, 9), texts.literals, texts.literals)
def test_literals_matter_to_the_letter(pieces: list[str], at: int, one: str, two: str) -> None:
    left, right = ([*pieces[:at], text, *pieces[at:]] for text in (one, two))
    assert sqltext.same(" ".join(left), " ".join(right)) is (one == two)


@bounded
@given(st.text(max_size=30), st.booleans())
def test_a_comment_of_a_model_comes_back_to_the_letter(comment: str, has_job: bool) -> None:
    marker = Marker("p", "s", "k", "a" * 64, "ft_1" if has_job else "")
    text = f"{comment}\n{marker}" if comment else str(marker)
    assert (models.without_marker(text), models.marker_of(text)) == (comment, marker)


QUERIES = st.sampled_from(["SELECT 1", "select 1;", "SELECT 2", "SELECT 'a'", "SELECT 'A'"])
CONTENT: dict[str, st.SearchStrategy[Any]] = {
    "base_model": st.sampled_from(["a", "b"]),
    "training_query": QUERIES,
    "validation_query": st.none() | QUERIES,
    "max_epochs": st.none() | st.integers(1, 3),
    "definitions": st.lists(QUERIES, max_size=2).map(tuple),
    "retrain_token": st.sampled_from(["", "x"]),
}
OTHER: dict[str, st.SearchStrategy[Any]] = {
    "model": texts.names(3),
    "role": st.none() | texts.plain,
    "max_trained_tokens": st.none() | st.integers(1, 9),
}
JOBS = st.builds(TrainingJob, **CONTENT, **OTHER)


def content(job: TrainingJob) -> tuple[object, ...]:
    """What decides the weights, spelled out apart from the hash."""
    canonical = sqltext.canonical
    validation = job.validation_query
    return (
        job.base_model,
        canonical(job.training_query),
        None if validation is None else canonical(validation),
        job.max_epochs,
        tuple(map(canonical, job.definitions)),
        job.retrain_token,
    )


@bounded
@given(JOBS, JOBS)
def test_equal_hash_is_equal_content(one: TrainingJob, two: TrainingJob) -> None:
    assert (one.spec_hash == two.spec_hash) is (content(one) == content(two))


@bounded
@given(JOBS, st.fixed_dictionaries(OTHER))
def test_names_roles_and_budgets_never_retrain(job: TrainingJob, other: dict[str, Any]) -> None:
    assert dataclasses.replace(job, **other).spec_hash == job.spec_hash
