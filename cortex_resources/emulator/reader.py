"""Reads the tokens of one control statement, word by word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cortex_resources.emulator.errors import SnowflakeError, bind_missing, syntax_error
from cortex_resources.emulator.keywords import RESERVED
from cortex_resources.emulator.lexer import Token, TokenKind, tokenize

MOST_CHARACTERS = 255  # "Identifier requirements"
_NAMES = (TokenKind.WORD, TokenKind.QUOTED)


class Reader:
    """A position in the tokens of a statement, with the small verbs of recursive descent."""

    def __init__(
        self,
        sql: str,
        variables: dict[str, object] | None = None,
        bindings: Mapping[str, tuple[str, Any]] | None = None,
    ) -> None:
        self.sql = sql
        self.tokens = tokenize(sql)
        self.position = 0
        self.variables = variables or {}
        self._bindings = bindings or {}

    @property
    def token(self) -> Token | None:
        """The next token, None at the end."""
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    @property
    def at_end(self) -> bool:
        """Whether nothing follows."""
        return self.position >= len(self.tokens)

    def at(self, *words: str) -> bool:
        """Whether these words or punctuation marks come next, in this order."""
        token = self.token
        if token is None or token.value != words[0]:  # nearly always: choices are many
            return False
        ahead = self.tokens[self.position : self.position + len(words)]
        return len(ahead) == len(words) and all(
            token.value == word and token.kind in (TokenKind.WORD, TokenKind.PUNCTUATION)
            for token, word in zip(ahead, words, strict=True)
        )

    def accept(self, *words: str) -> bool:
        """Step over these words if they come next."""
        if not self.at(*words):
            return False
        self.position += len(words)
        return True

    def accept_any(self, *choices: str) -> str | None:
        """Step over one of several words; the word, or None."""
        return next((choice for choice in choices if self.accept(*choice.split())), None)

    def expect(self, *words: str) -> None:
        """Step over these words, or fail with a syntax error."""
        for word in words:
            if not self.accept(word):
                raise self.unexpected()

    def unexpected(self) -> SnowflakeError:
        """The syntax error for the token that is next."""
        if self.token is None:
            return syntax_error("unexpected end of statement.")
        before = self.sql[: self.token.start]
        line = before.count("\n") + 1
        column = self.token.start - (before.rfind("\n") + 1)
        text = self.sql[self.token.start : self.token.end][:80]
        return syntax_error(f"line {line} at position {column} unexpected '{text}'.")

    def take(self, *kinds: TokenKind) -> Token:
        """Step over a token of one of these kinds, or fail."""
        token = self.token
        if token is None or token.kind not in kinds:
            raise self.unexpected()
        self.position += 1
        return token

    def name(self) -> str:
        """One identifier, folded; IDENTIFIER('x') is understood too."""
        if self.at("IDENTIFIER", "("):
            parts = self._identifier_call()
            if len(parts) != 1:
                raise self.unexpected()
            return parts[0]
        return self._identifier()

    def path(self) -> tuple[str, ...]:
        """A dotted name of one to three parts, folded."""
        if self.at("IDENTIFIER", "("):
            return self._identifier_call()
        parts = [self._identifier()]
        while self.accept("."):
            if self.at("."):  # db..name means the PUBLIC schema
                parts.append("PUBLIC")
                continue
            parts.append(self._identifier())
        return tuple(parts)

    def _identifier(self) -> str:
        """A word that is not reserved, or a name in quotes that has something in it."""
        token = self.take(*_NAMES)
        reserved = token.kind is TokenKind.WORD and token.value in RESERVED
        if reserved or not token.value:
            self.position -= 1
            raise self.unexpected()
        if len(token.value) > MOST_CHARACTERS:
            raise SnowflakeError(
                2027,
                "42601",
                f"SQL compilation error:\nThe name '{token.value[:20]}…' has {len(token.value)}"
                f" characters and exceeds the maximum length of {MOST_CHARACTERS}.",
            )
        return token.value

    def _identifier_call(self) -> tuple[str, ...]:
        """IDENTIFIER('text' | $variable | ? | :1) ("Literals and variables as identifiers")."""
        self.expect("IDENTIFIER", "(")
        text = self._bound() if self.at("?") or self.at(":") else self.string()
        self.expect(")")
        return parse_path(text)

    def _bound(self) -> str:
        """The text sent for a mark; marks count from the start of the statement."""
        before = self.tokens[: self.position + 1]
        if self.accept("?"):
            key = str(sum(one.value == "?" and one.kind is TokenKind.PUNCTUATION for one in before))
        else:
            self.expect(":")
            key = self.take(TokenKind.NUMBER).value
        value = self._bindings.get(key, ("TEXT", None))[1]
        if not isinstance(value, str):
            raise bind_missing(key)
        return value

    def variable(self, name: str) -> object:
        """The value of a session variable."""
        if name not in self.variables:
            raise SnowflakeError(
                2211,
                "42601",
                f"SQL compilation error:\nSession variable '${name}' does not exist",
            )
        return self.variables[name]

    def word(self) -> str:
        """One keyword, upper case."""
        return self.take(TokenKind.WORD).value

    def string(self) -> str:
        """One string literal, or a session variable holding text."""
        token = self.take(TokenKind.STRING, TokenKind.VARIABLE)
        if token.kind is TokenKind.VARIABLE:
            return str(self.variable(token.value))
        return token.value

    def integer(self) -> int:
        """One whole number."""
        token = self.take(TokenKind.NUMBER)
        if not token.value.isdigit():
            self.position -= 1
            raise self.unexpected()
        return int(token.value)

    def if_exists(self) -> bool:
        """Whether IF EXISTS comes next; steps over it."""
        return self.accept("IF", "EXISTS")

    def if_not_exists(self) -> bool:
        """Whether IF NOT EXISTS comes next; steps over it."""
        return self.accept("IF", "NOT", "EXISTS")

    def end(self) -> None:
        """Nothing may follow."""
        if self.token is not None:
            raise self.unexpected()

    def rest(self) -> str:
        """The text from the next token to the end of the statement; moves to the end."""
        if self.token is None:
            raise self.unexpected()
        text = self.sql[self.token.start : self.tokens[-1].end]
        self.position = len(self.tokens)
        return text

    def scalar(self) -> object:
        """A literal: text, number, TRUE, FALSE, NULL or a bare word."""
        if self.accept("NULL"):
            return None
        if word := self.accept_any("TRUE", "FALSE"):
            return word == "TRUE"
        negative = self.accept("-")
        token = self.take(
            TokenKind.STRING, TokenKind.NUMBER, TokenKind.WORD, TokenKind.VARIABLE, TokenKind.QUOTED
        )
        if token.kind is TokenKind.VARIABLE:
            return self.variable(token.value)
        if token.kind is not TokenKind.NUMBER:
            return token.value
        number = int(token.value) if token.value.isdigit() else float(token.value)
        return -number if negative else number


def parse_path(text: str) -> tuple[str, ...]:
    """The parts of a dotted name given as text; a syntax error when it is not one."""
    reader = Reader(text)
    path = reader.path()
    reader.end()
    return path
