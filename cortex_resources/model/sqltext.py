"""SQL text as tokens: enough to compare two queries by meaning and to see what a SELECT gives.

Blanks and comments outside literals do not matter, the case of plain identifiers and keywords does
not matter; literals, quoted identifiers and the elements of a path into a VARIANT matter to the
letter. This is the lexical part of Snowflake's grammar only: strings with doubled quotes and
backslash escapes, dollar strings, `--`, `//` and block comments, `v:key.key` (*String & binary data
types*, *Identifier requirements*, *Querying semi-structured data*).
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum


class TokenType(StrEnum):
    """Lexical classes."""

    WORD = "word"
    QUOTED = "quoted identifier"
    STRING = "string"
    DOLLAR = "dollar string"
    NUMBER = "number"
    COMMENT = "comment"
    BLANK = "blank"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of the text and where it starts (offset in characters)."""

    type: TokenType
    text: str
    at: int

    @property
    def folded(self) -> str:
        """The text as comparison sees it."""
        is_folded = self.type in (TokenType.WORD, TokenType.NUMBER)
        return self.text.translate(_UPPER) if is_folded else self.text


# Only ASCII: beyond it, upper case may merge two letters or split one into several tokens.
_UPPER = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)


_PATTERNS = (
    (TokenType.BLANK, r"\s+"),
    (TokenType.COMMENT, r"--[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z)"),
    (TokenType.STRING, r"'(?:[^'\\]|\\.|'')*(?:'|\Z)"),
    (TokenType.DOLLAR, r"\$\$.*?(?:\$\$|\Z)"),
    (TokenType.QUOTED, r'"(?:[^"]|"")*(?:"|\Z)'),
    (TokenType.NUMBER, r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"),
    (TokenType.WORD, r"[^\W\d][\w$]*|\$\w+"),
    (TokenType.MARK, r"::|:=|\|\||=>|->|<>|!=|<=|>=|."),
)
_ENDINGS = {
    TokenType.STRING: ("'", "'"),
    TokenType.DOLLAR: ("$$", "$$"),
    TokenType.QUOTED: ('"', '"'),
    TokenType.COMMENT: ("/*", "*/"),
}
_OPEN, _CLOSE = ("(", "[", "{"), (")", "]", "}")
_NAMES = (TokenType.WORD, TokenType.QUOTED)
_LEXER = re.compile("|".join(f"(?P<{t.name}>{p})" for t, p in _PATTERNS), re.DOTALL)


def tokens(sql: str) -> list[Token]:
    """Every token of the text, blanks and comments included; never fails."""
    return [
        Token(TokenType[match.lastgroup or "MARK"], match.group(), match.start())
        for match in _LEXER.finditer(sql)
    ]


def significant(sql: str) -> list[Token]:
    """The tokens that carry meaning."""
    skipped = (TokenType.BLANK, TokenType.COMMENT)
    return [token for token in tokens(sql) if token.type not in skipped]


def canonical(sql: str) -> str:
    """The text that is equal for two queries of equal meaning, token for token."""
    parts = _compared(significant(sql))
    while parts and parts[-1] == ";":
        parts.pop()
    return " ".join(parts)


def _compared(items: Sequence[Token]) -> list[str]:
    """What is compared of each token: the keys of a document are told apart by their case."""
    parts: list[str] = []
    keys: set[int] = set()
    for at, token in enumerate(items):
        if token.type in _NAMES and _is_key(items, at, keys):
            keys.add(at)
        parts.append(token.text if at in keys else token.folded)
    return parts


def _is_key(items: Sequence[Token], at: int, keys: Collection[int]) -> bool:
    """Whether a name is an element of a path: `v:key`, `v:key.key`, `v['key'].key`.

    Behind the colon of an object constant, `{'key': column}`, stands a column.
    """
    if at < 2:
        return False
    mark, before = items[at - 1].text, items[at - 2]
    if mark == ".":
        return at - 2 in keys or before.text == "]"
    return mark == ":" and (before.type in _NAMES or before.text in _CLOSE)


def same(left: str, right: str) -> bool:
    """Whether two texts differ at most in blanks, comments and the case of plain words."""
    return canonical(left) == canonical(right)


def kept(before: str, now: str) -> str:
    """The text of now, or the one of before where the two only look different."""
    return before if same(before, now) else now.strip()


def trailing_comment(sql: str) -> Token | None:
    """The comment that ends the text, if one does: it breaks a query that is wrapped in another."""
    kept = [token for token in tokens(sql) if token.type is not TokenType.BLANK]
    return kept[-1] if kept and kept[-1].type is TokenType.COMMENT else None


def unterminated(sql: str) -> Token | None:
    """The string, quoted identifier or block comment that never ends, if there is one."""
    last = next(reversed(tokens(sql)), None)
    if last is None or last.type not in _ENDINGS:
        return None
    opening, closing = _ENDINGS[last.type]
    if not last.text.startswith(opening):
        return None
    inside = last.text[len(opening) :]
    if last.type is TokenType.STRING:
        # What is left after whole escapes and doubled quotes ends in the closing quote, or not.
        inside = re.sub(r"\\.|''", "", inside, flags=re.DOTALL)
    elif last.type is TokenType.QUOTED:
        inside = inside.replace('""', "")
    return None if inside.endswith(closing) else last


def semicolon(sql: str) -> Token | None:
    """The first `;` outside literals and comments: a query for a job must be one bare SELECT."""
    return next((t for t in significant(sql) if t.text == ";"), None)


def leading_comment(sql: str) -> str:
    """The text inside a block comment that opens the SQL, or the empty string."""
    for token in tokens(sql):
        if token.type is TokenType.BLANK:
            continue
        if token.type is TokenType.COMMENT and token.text.startswith("/*"):
            return token.text.removeprefix("/*").removesuffix("*/").strip()
        break
    return ""


def is_select(sql: str) -> bool:
    """Whether the text opens like a query."""
    first = next(iter(significant(sql)), None)
    return first is not None and first.folded in ("SELECT", "WITH", "(")


_ENDS = re.compile("FROM|WHERE|QUALIFY|GROUP|HAVING|ORDER|UNION|INTERSECT|MINUS|;")
_MAY_END = re.compile("LIMIT|EXCEPT|WINDOW|FETCH|OFFSET")
"""Not reserved: they end a select list too, but also name columns."""


def _nesting(token: Token) -> int:
    if token.text in _OPEN or (token.type is TokenType.WORD and token.folded == "CASE"):
        return 1
    return -1 if token.text in _CLOSE or token.folded == "END" else 0


def _top_level(items: Sequence[Token]) -> list[tuple[Token, int]]:
    found, depth = [], 0
    for token in items:
        depth += min(0, _nesting(token))
        found.append((token, depth))
        depth += max(0, _nesting(token))
    return found


def _select_list(sql: str) -> list[list[Token]] | None:
    """The items of the first SELECT at the outermost level, each as its tokens."""
    items: list[list[Token]] = []
    inside = False
    for token, depth in _top_level(significant(sql)):
        may_end = token.type is TokenType.WORD or token.text == ";"
        word = token.folded if may_end and depth == 0 else ""
        if not inside:
            if word == "SELECT":
                inside, items = True, [[]]
            continue
        if _ENDS.fullmatch(word) or (_MAY_END.fullmatch(word) and not _is_named(items[-1])):
            break
        if token.text == "," and depth == 0:
            items.append([])
        elif not (word in ("DISTINCT", "ALL") and items == [[]]):
            items[-1].append(token)
    return items if inside else None


def _is_named(before: Sequence[Token]) -> bool:
    """Whether a word after these tokens names a column: `t.offset`, `x AS window`, `, limit`."""
    return not before or before[-1].text == "." or before[-1].folded == "AS"


def _output_name(item: Sequence[Token]) -> str | None:
    """The column an item gives: "" for an unnamed expression, None where only the account tells."""
    last = item[-1] if item else None
    if last is None or last.type not in (TokenType.WORD, TokenType.QUOTED):
        return "" if len(item) > 3 and item[1].text == "(" else None
    if len(item) > 1 and not _may_precede_alias(item[-2]):
        return None
    if last.type is TokenType.QUOTED:
        return last.text[1:-1].replace('""', '"')
    return None if last.folded == "END" else last.folded


def _may_precede_alias(token: Token) -> bool:
    return token.text in (".", *_CLOSE) or token.type is not TokenType.MARK


def output_columns(sql: str) -> list[str | None] | None:
    """The columns that a query gives, as stored names, as far as its text alone tells.

    Returns:
        One entry an item: its name, "" for an expression without an alias, None where only the
        account can tell. None for the whole when the text is no SELECT or holds a `*`.
    """
    items = _select_list(sql)
    if items is None or any(_is_star(item) for item in items):
        return None
    return [_output_name(item) for item in items]


def _is_star(item: Sequence[Token]) -> bool:
    for at, token in enumerate(item):
        if token.text == "*" and (at == 0 or item[at - 1].text == "."):
            return True
    return False
