"""How alike texts are, and what is inside an address."""

from __future__ import annotations

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.casts import integer, text
from cortex_resources.emulator.queries.expression import Expr, call, derive, integer_constant
from cortex_resources.emulator.queries.registry import scalar
from cortex_resources.emulator.queries.types import NUMBER, TEXT, VARIANT


@scalar("EDITDISTANCE", least=2, most=3)
def editdistance(values: list[Expr]) -> Expr:
    """EDITDISTANCE(first, second [, most])."""
    found = call("sf_editdistance", NUMBER, text(values[0]), text(values[1]))
    if len(values) == 2:
        return found
    most = integer(values[2])
    missing = f"{found.sql} IS NULL OR {most.sql} IS NULL"
    sql = f"(CASE WHEN {missing} THEN NULL ELSE least({found.sql}, {most.sql}) END)"
    return derive(sql, NUMBER, found, most)


@scalar("JAROWINKLER_SIMILARITY", least=2)
def jarowinkler(values: list[Expr]) -> Expr:
    """JAROWINKLER_SIMILARITY."""
    return call("sf_jarowinkler", NUMBER, text(values[0]), text(values[1]))


@scalar("SOUNDEX", least=1)
def soundex(values: list[Expr]) -> Expr:
    """SOUNDEX."""
    return call("sf_soundex", TEXT, text(values[0]))


@scalar("SOUNDEX_P123", least=1)
def soundex_p123(_: list[Expr]) -> Expr:
    """Another reading of SOUNDEX that is not here."""
    raise unsupported("SOUNDEX_P123")


@scalar("PARSE_URL", least=1, most=2)
def parse_url(values: list[Expr]) -> Expr:
    """PARSE_URL(text [, 1 to give an error as an object])."""
    permissive = integer(values[1]) if len(values) > 1 else integer_constant(0)
    return call("sf_parse_url", VARIANT, text(values[0]), permissive)


@scalar("COLLATE", "COLLATION", least=1, most=2)
def collate(_: list[Expr]) -> Expr:
    """Collations are not here."""
    raise unsupported("COLLATE")
