"""The text of a request: several statements and their values, the case of quoted names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cortex_resources.emulator import lexer
from cortex_resources.emulator.errors import syntax_error, unsupported
from cortex_resources.emulator.reader import Reader

MOST_STEPS = 100  # the answer of each is kept for those behind it
_AFTER_BEGIN = (["TRANSACTION"], ["WORK"], ["NAME"])
Bindings = Mapping[str, tuple[str, Any]]


def bound(statements: list[str], bindings: Bindings) -> Iterator[tuple[str, Bindings]]:
    """Each statement with its values: `?` count through the whole script, `:1` means the same
    value everywhere.
    """
    used = 0
    for sql in statements:
        marks = _marks(sql) if bindings else 0
        if not marks:
            yield sql, bindings
            continue
        own = {
            str(number): bindings[str(used + number)]
            for number in range(1, marks + 1)
            if str(used + number) in bindings
        }
        used += marks
        yield sql, own


def refuse_block(sql: str) -> None:
    """Snowflake Scripting is no list of statements: a block is refused by name, not counted."""
    first = [token.value for token in lexer.tokenize(sql, limit=2)]
    begun = first[:1] == ["BEGIN"] and first[1:] not in ([], [";"], *_AFTER_BEGIN)
    if begun or first[:1] == ["DECLARE"]:
        raise unsupported("Snowflake Scripting blocks (BEGIN … END)")


def immediate(sql: str, variables: Mapping[str, Any]) -> str:
    """The statement in EXECUTE IMMEDIATE 'text' | $variable; any other statement as it is."""
    if sql[:7].upper() != "EXECUTE":
        return sql
    reader = Reader(sql, dict(variables))
    if not reader.accept("EXECUTE", "IMMEDIATE"):
        return sql
    if reader.at("FROM"):
        raise unsupported("EXECUTE IMMEDIATE FROM a file")
    found = reader.string()
    if reader.at("USING"):
        raise unsupported("EXECUTE IMMEDIATE … USING")
    reader.end()
    refuse_block(found)
    statements = lexer.split(found)
    if len(statements) != 1:
        raise unsupported("EXECUTE IMMEDIATE of several statements")
    return statements[0]


def steps(sql: str) -> list[str]:
    """The statements of a chain `one ->> two ->> …` ("Flow operators"); mostly there is one."""
    if "->>" not in sql:
        return [sql]
    parts, start = [], 0
    for token in lexer.tokenize(sql):
        if token.kind is lexer.TokenKind.PUNCTUATION and token.value == "->>":
            parts.append(sql[start : token.start].strip())
            start = token.end
    if len(parts) >= MOST_STEPS:
        raise unsupported(f"a chain of more than {MOST_STEPS} statements")
    return [*parts, sql[start:].strip()]


def chained(sql: str, query_ids: list[str]) -> str:
    """A statement of a chain: `$1` behind FROM or JOIN is the result before it, `$2` the one
    before that.
    """
    tokens = lexer.tokenize(sql)
    parts, end = [], 0
    for before, mark, number in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if before.value not in ("FROM", "JOIN") or mark.value != "$":
            continue
        if not number.value.isdigit() or not 1 <= int(number.value) <= len(query_ids):
            raise syntax_error(f"no statement of the chain is ${number.value}.")
        source = f"TABLE(RESULT_SCAN('{query_ids[-int(number.value)]}'))"
        parts += [sql[end : mark.start], source]
        end = number.end
    return "".join([*parts, sql[end:]])


def without_case(sql: str) -> str:
    """Quoted names in upper case (*QUOTED_IDENTIFIERS_IGNORE_CASE*); strings stay."""
    if '"' not in sql:
        return sql
    parts, end = [], 0
    for token in lexer.tokenize(sql):
        if token.kind is lexer.TokenKind.QUOTED:
            parts += [sql[end : token.start], sql[token.start : token.end].upper()]
            end = token.end
    return "".join([*parts, sql[end:]])


def _marks(sql: str) -> int:
    return sum(
        token.kind is lexer.TokenKind.PUNCTUATION and token.value == "?"
        for token in lexer.tokenize(sql)
    )
