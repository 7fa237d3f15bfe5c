"""SQL as tokens: equal meaning is equal text, and the columns that a text gives away."""

from __future__ import annotations

import pytest

from cortex_resources.model import sqltext
from cortex_resources.model.sqltext import TokenType
from cortex_resources.model.views import query_faults


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("SELECT a", "select  A;;"),
        ("SELECT a", "SELECT /* b */ a // c"),
        ("SELECT 1e5", "SELECT 1E5"),
        ("SELECT t.a", "SELECT t . a"),
        ("SELECT $1", "select $1 -- one"),
        ("SELECT t.v:q::string", "select T.V : q :: STRING"),
        ("SELECT v:a[t.b].c", "SELECT v:a[T.B].c"),
        ("SELECT {'k': a}", "SELECT {'k': A}"),
    ],
)
def test_looks_do_not_differ(left: str, right: str) -> None:
    assert sqltext.same(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("SELECT 'a'", "SELECT 'A'"),
        ("SELECT 'a  b'", "SELECT 'a b'"),
        ("SELECT 'a -- b'", "SELECT 'a"),
        ("SELECT 'it''s'", "SELECT 'it' 's'"),
        (r"SELECT 'a\'b'", "SELECT 'a' b"),
        ("SELECT $$a$$", "SELECT $$A$$"),
        ('SELECT "a"', "SELECT a"),
        ("SELECT 1 - -1", "SELECT 1"),
        ("SELECT a b", "SELECT ab"),
        ("SELECT straße", "SELECT strasse"),
        ("", "SELECT 1"),
        ("SELECT v:q", "SELECT v:Q"),
        ("SELECT $1:q", "SELECT $1:Q"),
        ("SELECT v:a.b.c", "SELECT v:a.b.C"),
        ('SELECT "v":"a".b', 'SELECT "v":"a".B'),
        ("SELECT v:a[0].b", "SELECT v:a[0].B"),
        ("SELECT v['a'].b", "SELECT v['a'].B"),
        ("SELECT parse_json(t):q", "SELECT parse_json(t):Q"),
    ],
)
def test_meaning_differs(left: str, right: str) -> None:
    assert not sqltext.same(left, right)


@pytest.mark.parametrize("text", ["'open", "$$open", '"open', "/* open", "'\\", "$", "\x00", ""])
def test_broken_text_is_tokens_too(text: str) -> None:
    assert "".join(token.text for token in sqltext.tokens(text)) == text


def test_a_semicolon_in_a_literal_is_none() -> None:
    assert sqltext.semicolon("SELECT ';' -- ;") is None
    found = sqltext.semicolon("SELECT 1; SELECT 2;")
    assert found is not None
    assert (found.type, found.at) == (TokenType.MARK, 8)


def test_the_comment_that_ends_a_text() -> None:
    assert sqltext.trailing_comment("SELECT 1 -- x\n") is not None
    assert sqltext.trailing_comment("/* x */ SELECT 1") is None
    assert sqltext.trailing_comment(" ") is None


@pytest.mark.parametrize(
    ("text", "comment"),
    [
        ("/* a */ SELECT 1", "a"),
        ("\n /*a*/SELECT 1", "a"),
        ("/* a */ /* b */ SELECT", "a"),
        ("-- a\nSELECT 1", ""),
        ("SELECT /* a */ 1", ""),
        ("/* open", "open"),
        ("", ""),
    ],
)
def test_the_block_comment_that_opens_a_text(text: str, comment: str) -> None:
    assert sqltext.leading_comment(text) == comment


def test_what_opens_like_a_query() -> None:
    assert all(sqltext.is_select(t) for t in ("select 1", "/* a */ WITH x AS", "(SELECT 1)"))
    assert not any(sqltext.is_select(t) for t in ("", "-- a", "DROP TABLE t", '"SELECT" 1'))


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("SELECT q AS prompt, a completion FROM t", ["PROMPT", "COMPLETION"]),
        ('SELECT t.q, "a", a AS "b""c" FROM t', ["Q", "a", 'b"c']),
        ("SELECT DISTINCT prompt FROM t", ["PROMPT"]),
        ("SELECT f(a, b), (1) x, y::varchar FROM t", ["", "X", None]),
        ("SELECT CASE WHEN a THEN b END, CASE a END AS c, 1, 'x' FROM t", [None, "C", None, None]),
        ("WITH a AS (SELECT 1 AS x FROM u) SELECT prompt FROM a", ["PROMPT"]),
        ("SELECT prompt UNION SELECT x", ["PROMPT"]),
        ("SELECT a + b, -c FROM t", [None, None]),
        ("SELECT a[0] AS prompt, b:c d FROM t", ["PROMPT", "D"]),
        ("SELECT COUNT(*) AS n, 2 * 3 m FROM t", ["N", "M"]),
        ("SELECT t.offset, x AS window, limit FROM t", ["OFFSET", "WINDOW", "LIMIT"]),
        ("SELECT f(), a, FROM t", [None, "A", None]),
        ("SELECT a LIMIT 1", ["A"]),
        ("SELECT * FROM t", None),
        ("SELECT a, t.* FROM t", None),
        ("(SELECT a FROM t)", None),
        ("SHOW TABLES", None),
    ],
)
def test_the_columns_that_the_text_gives_away(query: str, columns: list[str | None] | None) -> None:
    assert sqltext.output_columns(query) == columns


@pytest.mark.parametrize(
    "text",
    ["SELECT 'a", "SELECT 'a''", r"SELECT 'a\'", 'SELECT "a', 'SELECT "a""', "SELECT $$a", "/* a"],
)
def test_what_never_ends_is_found(text: str) -> None:
    assert sqltext.unterminated(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SELECT 'a'",
        r"SELECT 'a\\'",
        "SELECT ''",
        'SELECT "a"',
        "SELECT $$a$$",
        "1 /* a */",
        "1 --",
    ],
)
def test_what_ends_is_left_alone(text: str) -> None:
    assert sqltext.unterminated(text) is None


def test_an_open_literal_is_the_one_fault_that_is_named() -> None:
    faults = query_faults("SELECT a AS prompt, b AS completion FROM t WHERE split = 'train")
    assert faults == ['the string that begins with "\'train" never ends: close it']


def test_a_text_that_only_looks_different_stays_as_it_was() -> None:
    assert sqltext.kept("SELECT a", " select  a -- as before\n") == "SELECT a"
    assert sqltext.kept("SELECT a", " SELECT b\n") == "SELECT b"
