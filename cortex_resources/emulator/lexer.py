"""Cuts SQL text into tokens the way Snowflake reads it, and scripts into statements."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from cortex_resources.emulator.errors import syntax_error


class TokenKind(Enum):
    """What a token is."""

    WORD = "word"
    QUOTED = "quoted"
    STRING = "string"
    NUMBER = "number"
    VARIABLE = "variable"
    PUNCTUATION = "punctuation"


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind, its meaning (folded name, string content) and where it stands."""

    kind: TokenKind
    value: str
    start: int
    end: int


_PATTERN: Final = re.compile(
    r"""
    (?P<blank>(?:\s+|--[^\n]*|//[^\n]*|/\*.*?\*/)+)
  | (?P<open>/\*)
  | (?P<string>'[^'\\]*(?:(?:\\.|'')[^'\\]*)*'(?!'))
  | (?P<dollar>\$\$.*?\$\$)
  | (?P<quoted>"[^"]*(?:""[^"]*)*")
  | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)
  | (?P<variable>\$[^\W\d]\w*)
  | (?P<word>[^\W\d][\w$]*)
  | (?P<punctuation>->>|=>|::|->|\|\||<=|>=|<>|!=|[^\s'"])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE: Final = re.compile(
    r"''|\\(?:x(?P<hex>[0-9a-fA-F]{2})|u(?P<unicode>[0-9a-fA-F]{4})|(?P<octal>[0-7]{1,3})|(?P<one>.))",
    re.DOTALL,
)
_NAMED_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def unescape(body: str) -> str:
    """The content of a quoted string literal, given what stands between its quotes."""
    if "\\" not in body:
        return body.replace("''", "'")
    return _ESCAPE.sub(_unescaped, body)


def _unescaped(found: re.Match[str]) -> str:
    if found[0] == "''":
        return "'"
    if code := found["hex"] or found["unicode"]:
        return chr(int(code, 16))
    if found["octal"]:
        return chr(int(found["octal"], 8))
    return _NAMED_ESCAPES.get(found["one"], found["one"])


def _value(group: str, text: str) -> tuple[TokenKind, str]:
    match group:
        case "word":
            return TokenKind.WORD, text.upper()
        case "quoted":
            return TokenKind.QUOTED, text[1:-1].replace('""', '"')
        case "string":
            return TokenKind.STRING, unescape(text[1:-1])
        case "dollar":
            return TokenKind.STRING, text[2:-2]
        case "variable":
            return TokenKind.VARIABLE, text[1:].upper()
        case "number":
            return TokenKind.NUMBER, text
        case _:
            return TokenKind.PUNCTUATION, text


def tokenize(sql: str, limit: int | None = None) -> list[Token]:
    """The tokens of a text, without blanks and comments; at most `limit` of them."""
    tokens: list[Token] = []
    position = 0
    while position < len(sql) and (limit is None or len(tokens) < limit):
        found = _PATTERN.match(sql, position)
        group = found.lastgroup if found else None
        if found is None or group is None or group == "open":
            # Each further one would be searched to the end of the text again.
            what = "comment" if group == "open" else "quote"
            raise syntax_error(f"line {_line(sql, position)}: unterminated {what}.")
        position = found.end()
        if group != "blank":
            kind, value = _value(group, found[0])
            tokens.append(Token(kind, value, found.start(), position))
    return tokens


def _line(sql: str, position: int) -> int:
    return sql.count("\n", 0, position) + 1


def split(sql: str) -> list[str]:
    """The statements of a script, each from its first to its last token."""
    statements: list[str] = []
    start = end = -1
    for found in _spans(sql):
        if found is None:
            if start >= 0:
                statements.append(sql[start:end])
            start = -1
        else:
            start = found[0] if start < 0 else start
            end = found[1]
    if start >= 0:
        statements.append(sql[start:end])
    return statements


def _spans(sql: str) -> list[tuple[int, int] | None]:
    """Where tokens stand; None marks a semicolon."""
    spans: list[tuple[int, int] | None] = []
    position = 0
    while position < len(sql):
        found = _PATTERN.match(sql, position)
        if found is None or found.lastgroup == "open":
            # An unterminated quote or comment: the rest belongs to the last statement.
            spans.append((position, len(sql)))
            break
        position = found.end()
        if found.lastgroup != "blank":
            spans.append(None if found[0] == ";" else found.span())
    return spans
