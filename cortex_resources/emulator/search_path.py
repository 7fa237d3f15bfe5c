"""SEARCH_PATH: where a query looks for a name without its schema ("Object name resolution").

DDL and the targets of DML use the current schema alone, views their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from cortex_resources.emulator.lexer import TokenKind
from cortex_resources.emulator.reader import Reader

DEFAULT: Final = "$current, $public"
_PSEUDO: Final = ("CURRENT", "PUBLIC")
Schema = tuple[str, str]


@lru_cache(maxsize=100)
def entries(text: str) -> tuple[tuple[str, ...], ...]:
    """What the text of a path lists: ("$", "CURRENT") and ("$", "PUBLIC"), else names."""
    reader = Reader(text)
    found: list[tuple[str, ...]] = []
    while not reader.at_end:
        token = reader.token
        if token is not None and token.kind is TokenKind.VARIABLE and token.value in _PSEUDO:
            reader.take(TokenKind.VARIABLE)
            found.append(("$", token.value))
        else:
            parts = reader.path()
            if len(parts) > 2:
                raise reader.unexpected()
            found.append(parts)
        if not reader.at_end:
            reader.expect(",")
    return tuple(found)


def schemas(text: str, database: str | None, schema: str | None) -> list[Schema]:
    """The schemas that a path means in a session, each once."""
    listed = filter(None, (_schema(parts, database, schema) for parts in entries(text)))
    return list(dict.fromkeys(listed))


def named(text: str, database: str | None) -> Iterator[Schema | None]:
    """The schemas that a path names itself; None for one that lacks a database."""
    return (_schema(parts, database, None) for parts in entries(text) if parts[0] != "$")


def _schema(parts: tuple[str, ...], database: str | None, schema: str | None) -> Schema | None:
    if parts == ("$", "CURRENT"):
        parts = (schema,) if schema is not None else ()
    elif parts == ("$", "PUBLIC"):
        parts = ("PUBLIC",)
    if len(parts) == 2:
        return parts[0], parts[1]
    return (database, parts[0]) if parts and database is not None else None
