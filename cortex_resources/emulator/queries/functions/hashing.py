"""HASH: 64 bits of a row that are the same tomorrow, and for equal numbers of any type."""

from __future__ import annotations

from sqlglot import exp

from cortex_resources.emulator.queries.casts import text
from cortex_resources.emulator.queries.compiler import Compiler
from cortex_resources.emulator.queries.expression import Expr, derive
from cortex_resources.emulator.queries.faults import wrong_arguments
from cortex_resources.emulator.queries.projection import star_fields
from cortex_resources.emulator.queries.registry import special
from cortex_resources.emulator.queries.types import Kind, number


def row_hash(values: list[Expr]) -> Expr:
    """A signed 64-bit hash of values, NULLs included."""
    pieces = [f"COALESCE('{_family(value)}' || {_canonical(value)}, 'N')" for value in values]
    marked = " || ".join(f"length({piece}) || ':' || {piece}" for piece in pieces)
    unsigned = f"CAST(md5_number_lower({marked}) AS HUGEINT)"
    return derive(f"CAST({unsigned} - 9223372036854775808 AS BIGINT)", number(19), *values)


def _family(value: Expr) -> str:
    return "n" if value.type.kind in (Kind.NUMBER, Kind.FLOAT) else value.type.kind.value[0].lower()


def _canonical(value: Expr) -> str:
    spelled = text(value).sql
    if value.type.kind is Kind.NUMBER and value.type.scale:
        return f"rtrim(rtrim({spelled}, '0'), '.')"
    return spelled


def starred(compiler: Compiler, trees: list[exp.Expr]) -> list[Expr]:
    """Arguments among which `*` stands for columns."""
    values: list[Expr] = []
    for tree in trees:
        fields = star_fields(compiler, tree)
        if fields is None:
            values.append(compiler.expr(tree))
        else:
            values += [one.expr for one in fields]
    return values


@special("HASH")
def hash_call(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """HASH(…) and HASH(*)."""
    values = starred(compiler, trees)
    if not values:
        raise wrong_arguments("HASH", 0, 1, None)
    return row_hash(values)
