"""Types of arguments and results, as statements about functions spell them."""

from __future__ import annotations

from typing import Final

from cortex_resources.emulator.entities import Argument
from cortex_resources.emulator.errors import SnowflakeError, unsupported
from cortex_resources.emulator.lexer import TokenKind
from cortex_resources.emulator.names import quoted
from cortex_resources.emulator.queries import entry
from cortex_resources.emulator.queries.types import Type
from cortex_resources.emulator.reader import Reader

_SECOND_WORDS: Final = ("PRECISION", "VARYING")


def types(reader: Reader) -> list[str]:
    """`(type, …)` behind a function's name: the types without length and precision."""
    reader.expect("(")
    found: list[str] = []
    while not reader.accept(")"):
        if found:
            reader.expect(",")
        found.append(spelled(reader).kind.value)
    return found


def arguments(reader: Reader) -> tuple[Argument, ...]:
    """`(name type, …)` of CREATE FUNCTION."""
    reader.expect("(")
    found: list[Argument] = []
    while not reader.accept(")"):
        if found:
            reader.expect(",")
        name = reader.name()
        if any(name == other.name for other in found):
            raise SnowflakeError(
                1003, "42000", f"SQL compilation error:\nduplicate argument name {quoted(name)}"
            )
        found.append(Argument(name=name, type=str(spelled(reader))))
        if reader.at("DEFAULT"):
            raise unsupported("DEFAULT of an argument of a function")
    return tuple(found)


def spelled(reader: Reader) -> Type:
    """The type that comes next, with its sizes."""
    first = reader.take(TokenKind.WORD)
    end = first.end
    if reader.accept_any(*_SECOND_WORDS):
        end = reader.tokens[reader.position - 1].end
    if reader.accept("("):
        while not reader.accept(")"):
            reader.take(TokenKind.NUMBER, TokenKind.WORD, TokenKind.PUNCTUATION)
        end = reader.tokens[reader.position - 1].end
    return entry.column_type(reader.sql[first.start : end])
