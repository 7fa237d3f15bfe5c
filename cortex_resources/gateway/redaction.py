"""Snowflake's error texts without what they quote from rows.

Two rules. A piece in quotes or brackets stays only where every word of it is an identifier of our
own statement; a literal of the statement (a training query is one) is no identifier. And where
Snowflake was evaluating rows (SQLSTATE class 22, errno 100000 to 100299) the text is cut before
the first piece that may be a value, in quotes or not.
"""

from __future__ import annotations

import re

from cortex_resources.model import sqltext
from cortex_resources.model.sqltext import TokenType

_QUOTED = re.compile(
    r"""'(?:[^']|'')*(?:'|\Z)|"(?:[^"]|"")*(?:"|\Z)|`[^`]*(?:`|\Z)|\[[^\]]*(?:\]|\Z)|\{[^}]*(?:\}|\Z)""",
    re.DOTALL,
)
_VALUE = re.compile(r"""['"`\[{\d:]|(?<=value)s?\s|(?<=near)\s|(?<=keyword)\s""")
_PREFIX = re.compile(r"^\s*(?:\d{6}|------)\s*(?:\([^)]*\))?:\s*")
_SUFFIX = re.compile(r"\s*\((?:request_id|sfqid)=[^)]*\)\s*$")
_WORDS = re.compile(r"[^\w$]+")
_LONGEST = 300


def message(text: str, statement: str, *, errno: int, sqlstate: str) -> str:
    """The account's text on one line, safe to show."""
    bare = _SUFFIX.sub("", _PREFIX.sub("", text))
    if sqlstate.startswith("22") or 100_000 <= errno < 100_300:
        found = _VALUE.search(bare)
        bare = f"{bare[: found.start()].rstrip()} …" if found else bare
    known = _identifiers(statement)
    shown = _QUOTED.sub(lambda match: _kept(match.group(), known), bare)
    return _line(shown).removeprefix("SQL compilation error: ")


def statement(text: str) -> str:
    """A statement on one line, every literal and comment replaced, for messages and reports."""
    hidden = {TokenType.STRING: "'…'", TokenType.DOLLAR: "$$…$$", TokenType.COMMENT: " "}
    return _line("".join(hidden.get(t.type, t.text) for t in sqltext.tokens(text)))


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _identifiers(text: str) -> frozenset[str]:
    found = set()
    for token in sqltext.significant(text):
        if token.type is TokenType.WORD:
            found.add(token.text.upper())
        elif token.type is TokenType.QUOTED:
            found.update(_WORDS.split(token.text.upper()))
    return frozenset(found)


def _kept(piece: str, known: frozenset[str]) -> str:
    words = [word for word in _WORDS.split(piece.upper()) if word]
    return piece if words and known.issuperset(words) else f"{piece[0]}…{piece[0]}"
