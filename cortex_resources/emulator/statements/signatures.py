"""Types of arguments and results, as statements about functions spell them."""

from __future__ import annotations

from typing import Final

from cortex_resources.emulator.entities import Argument
from cortex_resources.emulator.errors import SnowflakeError, syntax_error
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
    """`(name type [DEFAULT expression], …)` of CREATE FUNCTION."""
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
        kind = str(spelled(reader))
        default = _expression(reader) if reader.accept("DEFAULT") else None
        if default is None and found and found[-1].default is not None:
            raise syntax_error(f"argument {quoted(name)} without a default behind one that has it.")
        found.append(Argument(name=name, type=kind, default=default))
    return tuple(found)


def _expression(reader: Reader) -> str:
    """The text up to the comma or bracket that ends it."""
    start = end = reader.token
    depth = 0
    while (token := reader.token) is not None and (depth or token.value not in (",", ")")):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.value, 0)
        end = reader.take(token.kind)
    if start is None or end is None or reader.token is start:
        raise reader.unexpected()
    return reader.sql[start.start : end.end]


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
