"""From the text of a data statement to its syntax tree, with Snowflake's rules for literals."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise
from typing import Any

from sqlglot import exp
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.errors import ParseError, SqlglotError
from sqlglot.parsers.snowflake import SnowflakeParser
from sqlglot.tokenizer_core import Token, TokenType

from cortex_resources.emulator.errors import SnowflakeError, syntax_error, unsupported
from cortex_resources.emulator.keywords import RESERVED
from cortex_resources.emulator.queries.context import QueryContext
from cortex_resources.emulator.queries.join_marks import resolved

logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # it would print what users wrote
KEPT_PARSERS = ("CAST", "TRY_CAST", "EXTRACT", "POSITION")
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0"}
ESCAPE = re.compile(r"''|\\(?:([0-3][0-7]{2})|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
MAX_TEXT = 8_000_000
LONG = 10_000  # characters: worth letting others run meanwhile
NAME_PART = re.compile(r'"((?:[^"]|"")+)"|([A-Za-z_][\w$]*)')
NAME = re.compile(rf"(?:{NAME_PART.pattern})(?:\.(?:{NAME_PART.pattern})){{0,2}}")


class Parser(SnowflakeParser):
    """Leaves functions as they are written: what they mean is decided here, not by a dialect."""

    FUNCTIONS = {}  # noqa: RUF012
    FUNCTION_PARSERS = {
        name: parser
        for name, parser in SnowflakeParser.FUNCTION_PARSERS.items()
        if name in KEPT_PARSERS
    } | {"DATE_PART": lambda self: self._parse_date_part()}

    def _parse_expression(self) -> exp.Expr | None:
        """Remember how an expression without alias was written: that is its column's name."""
        first = self._curr
        found = super()._parse_expression()
        if found is not None and first is not None and not isinstance(found, exp.Alias):
            written = self.sql[first.start : self._prev.end + 1]
            found.meta["text"] = " ".join(written.split()).upper()
        return found

    def _parse_alias(self, this: exp.Expr | None, explicit: bool = False) -> exp.Expr | None:
        found = super()._parse_alias(this, explicit)
        if isinstance(found, exp.Alias):
            self._refuse_reserved(found.args.get("alias"))
        return found

    def _parse_table_alias(self, alias_tokens: Any = None) -> exp.TableAlias | None:
        found = super()._parse_table_alias(alias_tokens)
        if found is not None:
            self._refuse_reserved(found.this)
        return found

    def _refuse_reserved(self, name: object) -> None:
        """A reserved word is an alias only in quotes."""
        if isinstance(name, exp.Identifier) and not name.quoted and name.name.upper() in RESERVED:
            self.raise_error(f"{name.name} is reserved", self._prev)

    def raise_error(self, message: str, token: Any = None) -> None:
        """Where the text ends, that is what was not expected."""
        if token is None and not self._curr and self._prev:
            raise ParseError.new(
                message, message, self._prev.line, self._prev.col, highlight="<EOF>"
            )
        super().raise_error(message, token or self._curr or self._prev)

    def _parse_date_part(self) -> exp.Expr:
        """DATE_PART(part FROM value) says the same as DATE_PART(part, value)."""
        found = self._parse_extract()
        return exp.Anonymous(this="DATE_PART", expressions=[found.this, found.expression])

    def _parse_insert(self) -> Any:
        """INSERT INTO t SET … is another database's."""
        for token in self._tokens[self._index : self._index + 9]:
            if token.token_type in (TokenType.L_PAREN, TokenType.VALUES, TokenType.SELECT):
                break
            if token.token_type is TokenType.SET:
                self.raise_error("SET is no list of columns", token)
        return super()._parse_insert()

    def _parse_when_matched(self) -> exp.Whens:
        """UPDATE * and INSERT * of MERGE are another database's ALL BY NAME."""
        for before, token in pairwise(self._tokens[self._index :]):
            verb = before.token_type in (TokenType.INSERT, TokenType.UPDATE)
            if verb and token.token_type is TokenType.STAR:
                self.raise_error("* is no list of columns", token)
        return super()._parse_when_matched()

    def _parse_window(self, this: exp.Expr | None, alias: bool = False) -> exp.Expr | None:
        """FROM FIRST behind NTH_VALUE is what holds anyway; FROM LAST is refused by name."""
        if isinstance(this, exp.Anonymous) and str(this.this).upper() == "NTH_VALUE":
            if self._match_text_seq("FROM", "LAST"):
                raise unsupported("NTH_VALUE … FROM LAST")
            self._match_text_seq("FROM", "FIRST")
        return super()._parse_window(this, alias)


def unescape(body: str) -> str:
    """The value of a quoted literal, given the text between its quotes."""
    return ESCAPE.sub(_escaped, body)


def _escaped(match: re.Match[str]) -> str:
    octal, hexadecimal, unicode, single = match.groups()
    if octal:
        return chr(int(octal, 8))
    if hexadecimal or unicode:
        return _scalar(int(hexadecimal or unicode, 16))
    if single is None:
        return "'"
    return ESCAPES.get(single, single)


def _scalar(code: int) -> str:
    """A lone surrogate is no character: it becomes the replacement character."""
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code)


def _tokens(dialect: Snowflake, sql: str) -> list[Token]:
    """Tokens whose string values follow Snowflake's escapes; `?` is numbered in reading order."""
    found = dialect.tokenize(sql)
    for token in found:
        if token.token_type is TokenType.STRING:
            token.text = unescape(sql[token.start + 1 : token.end])
    if any(_is_mark(token) for token in found):
        return list(_numbered(found))
    return found


def _is_mark(token: Token) -> bool:
    return token.text in ("?", "?::") and not _quoted(token)


def _numbered(tokens: list[Token]) -> Iterator[Token]:
    """`:1`, `:2`, … in place of each `?`, where it stands in the text."""
    number = 0
    for token in tokens:
        if not _is_mark(token):
            yield token
            continue
        number += 1
        place = (token.line, token.col - len(token.text) + 1, token.start, token.start)
        yield Token(TokenType.COLON, ":", *place, token.comments)
        yield Token(TokenType.NUMBER, str(number), *place, [])
        if token.text == "?::":
            place = (token.line, token.col, token.start + 1, token.end)
            yield Token(TokenType.DCOLON, "::", *place, [])


def _quoted(token: Token) -> bool:
    return token.end - token.start + 1 != len(token.text)


def parse(sql: str) -> exp.Expr:
    """The tree of exactly one statement; 1003 when no grammar reads it, 8 when there are more."""
    if len(sql) > MAX_TEXT:
        raise syntax_error("the statement is too long.")
    dialect = Snowflake()
    try:
        trees = Parser(dialect=dialect).parse(_tokens(dialect, sql), sql)
    except SqlglotError as error:
        raise syntax_error(_place(error)) from None
    except RecursionError:
        raise syntax_error("the statement is nested too deeply.") from None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        # The parser stumbles over some texts instead of refusing them.
        raise syntax_error("the statement cannot be read.") from None
    found = [tree for tree in trees if tree is not None and not isinstance(tree, exp.Semicolon)]
    if not found:
        raise SnowflakeError(900, "42601", "SQL compilation error:\nEmpty SQL statement.")
    if len(found) > 1:
        raise SnowflakeError(
            8,
            "0A000",
            f"Actual statement count {len(found)} did not match the desired statement count 1.",
        )
    return resolved(found[0], sql)


def room(sql: str, context: QueryContext) -> AbstractContextManager[None]:
    """While a text is read: beside a long one other statements run."""
    return context.aside() if len(sql) > LONG else nullcontext()


def parse_query(sql: str) -> exp.Query:
    """The tree of a SELECT, a set operation or VALUES."""
    tree = parse(sql)
    while isinstance(tree, exp.Subquery) and not tree.args.get("alias") and _bare(tree):
        tree = tree.this
    if isinstance(tree, exp.Values):
        tree = exp.Select(expressions=[exp.Star()], from_=exp.From(this=tree))
    if not isinstance(tree, exp.Query):
        word = sql.split(None, 1)[0][:40] if sql.split() else ""
        raise syntax_error(f"line 1 at position 0 unexpected '{word}'.")
    return tree


def _bare(tree: exp.Expr) -> bool:
    return not any(tree.args.get(key) for key in ("order", "limit", "offset", "with_"))


def _place(error: SqlglotError) -> str:
    details = getattr(error, "errors", None) or [{}]
    line, column = details[0].get("line") or 1, details[0].get("col") or 0
    word = details[0].get("highlight") or "<EOF>"
    column -= len(word) if word != "<EOF>" and column >= len(word) else 0
    return f"line {line} at position {column} unexpected '{word[:80]}'."


def parse_name(spelled: str) -> tuple[str, ...]:
    """The folded parts of a name written in a literal."""
    parts: list[str] = []
    for match in NAME_PART.finditer(spelled.strip()):
        quoted, plain = match.groups()
        parts.append(quoted.replace('""', '"') if quoted is not None else plain.upper())
    if not parts or not NAME.fullmatch(spelled.strip()):
        raise syntax_error("a name was expected.")
    return tuple(parts)
