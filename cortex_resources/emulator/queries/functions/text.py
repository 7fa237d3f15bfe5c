"""Text functions."""

from __future__ import annotations

from sqlglot import exp

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.casts import boolean, integer, text
from cortex_resources.emulator.queries.compiler import Compiler
from cortex_resources.emulator.queries.expression import (
    Expr,
    call,
    derive,
    integer_constant,
    text_constant,
)
from cortex_resources.emulator.queries.operators import concatenate, one_like
from cortex_resources.emulator.queries.registry import node, scalar
from cortex_resources.emulator.queries.types import ARRAY, BOOLEAN, NUMBER, TEXT, Kind


@scalar("CONCAT", least=1, most=None)
def concat(values: list[Expr]) -> Expr:
    """CONCAT: NULL as soon as one argument is."""
    return concatenate(values)


@scalar("CONCAT_WS", least=2, most=None)
def concat_ws(values: list[Expr]) -> Expr:
    """CONCAT_WS: NULL as soon as one argument is."""
    separator, *rest = values
    joined: list[Expr] = []
    for value in rest:
        joined += [separator, value] if joined else [value]
    return concatenate([*joined, derive(f"left({text(separator).sql}, 0)", TEXT, separator)])


def _lengths(values: list[Expr], function: str) -> Expr:
    value = values[0]
    if value.type.kind is Kind.BINARY:
        return derive(f"octet_length({value.sql})", NUMBER, value)
    return derive(function.format(text(value).sql), NUMBER, value)


@scalar("LENGTH", "LEN", least=1)
def length(values: list[Expr]) -> Expr:
    """Characters, or bytes of BINARY."""
    return _lengths(values, "length({})")


@scalar("OCTET_LENGTH", least=1)
def octet_length(values: list[Expr]) -> Expr:
    """Bytes in UTF-8."""
    return _lengths(values, "strlen({})")


@scalar("BIT_LENGTH", least=1)
def bit_length(values: list[Expr]) -> Expr:
    """Bits in UTF-8."""
    return derive(f"({octet_length(values).sql} * 8)", NUMBER, *values)


@scalar("UPPER", least=1)
def upper(values: list[Expr]) -> Expr:
    """UPPER."""
    return call("upper", TEXT, text(values[0]))


@scalar("LOWER", least=1)
def lower(values: list[Expr]) -> Expr:
    """LOWER."""
    return call("lower", TEXT, text(values[0]))


DELIMITERS = ' \t\r\n\f\v!?@"^#$&~_,.:;+-*%/|\\[](){}<>'


@scalar("INITCAP", least=1, most=2)
def initcap(values: list[Expr]) -> Expr:
    """INITCAP."""
    signs = text(values[1]) if len(values) > 1 else text_constant(DELIMITERS)
    return call("sf_initcap", TEXT, text(values[0]), signs)


def _trim(function: str, values: list[Expr]) -> Expr:
    signs = text(values[1]) if len(values) > 1 else text_constant(" ")
    return call(function, TEXT, text(values[0]), signs)


@scalar("TRIM", least=1, most=2)
def trim(values: list[Expr]) -> Expr:
    """Blanks, or the listed characters, off both ends."""
    return _trim("trim", values)


@scalar("LTRIM", least=1, most=2)
def ltrim(values: list[Expr]) -> Expr:
    """The same at the start."""
    return _trim("ltrim", values)


@scalar("RTRIM", least=1, most=2)
def rtrim(values: list[Expr]) -> Expr:
    """The same at the end."""
    return _trim("rtrim", values)


@scalar("RTRIMMED_LENGTH", least=1)
def rtrimmed_length(values: list[Expr]) -> Expr:
    """RTRIMMED_LENGTH: blanks at the end do not count."""
    return derive(f"length(rtrim({text(values[0]).sql}, ' '))", NUMBER, values[0])


@scalar("SUBSTR", "SUBSTRING", least=2, most=3)
def substr(values: list[Expr]) -> Expr:
    """SUBSTR."""
    value, start, *rest = values
    length_of = integer(rest[0]) if rest else integer_constant(16_777_216)
    return call("sf_substr", TEXT, text(value), integer(start), length_of)


@scalar("LEFT", least=2)
def left(values: list[Expr]) -> Expr:
    """LEFT."""
    return call("sf_left", TEXT, text(values[0]), integer(values[1]))


@scalar("RIGHT", least=2)
def right(values: list[Expr]) -> Expr:
    """RIGHT."""
    return call("sf_right", TEXT, text(values[0]), integer(values[1]))


@scalar("SPLIT_PART", least=3)
def split_part(values: list[Expr]) -> Expr:
    """SPLIT_PART."""
    return call("sf_split_part", TEXT, text(values[0]), text(values[1]), integer(values[2]))


@scalar("SPLIT", least=2)
def split(values: list[Expr]) -> Expr:
    """SPLIT."""
    return call("sf_split", ARRAY, text(values[0]), text(values[1]))


@scalar("STRTOK", least=1, most=3)
def strtok(values: list[Expr]) -> Expr:
    """STRTOK."""
    signs = text(values[1]) if len(values) > 1 else text_constant(" ")
    part = integer(values[2]) if len(values) > 2 else integer_constant(1)
    return call("sf_strtok", TEXT, text(values[0]), signs, part)


@scalar("STRTOK_TO_ARRAY", least=1, most=2)
def strtok_to_array(values: list[Expr]) -> Expr:
    """STRTOK_TO_ARRAY."""
    signs = text(values[1]) if len(values) > 1 else text_constant(" ")
    return call("sf_strtok_array", ARRAY, text(values[0]), signs)


@scalar("REPLACE", least=2, most=3)
def replace(values: list[Expr]) -> Expr:
    """REPLACE: an empty pattern changes nothing."""
    by = text(values[2]) if len(values) > 2 else text_constant("")
    return call("replace", TEXT, text(values[0]), text(values[1]), by)


@scalar("TRANSLATE", least=3)
def translate(values: list[Expr]) -> Expr:
    """TRANSLATE."""
    return call("sf_translate", TEXT, *(text(value) for value in values))


@scalar("REPEAT", least=2)
def repeat(values: list[Expr]) -> Expr:
    """REPEAT."""
    return call("sf_repeat", TEXT, text(values[0]), integer(values[1]))


@scalar("SPACE", least=1)
def space(values: list[Expr]) -> Expr:
    """SPACE."""
    return call("sf_repeat", TEXT, text_constant(" "), integer(values[0]))


@scalar("REVERSE", least=1)
def reverse(values: list[Expr]) -> Expr:
    """REVERSE."""
    return call("reverse", TEXT, text(values[0]))


def _pad(values: list[Expr], before: str) -> Expr:
    filler = text(values[2]) if len(values) > 2 else text_constant(" ")
    value, size = text(values[0]), integer(values[1])
    return derive(
        f"sf_pad({value.sql}, {size.sql}, {filler.sql}, {before})", TEXT, value, size, filler
    )


@scalar("LPAD", least=2, most=3)
def lpad(values: list[Expr]) -> Expr:
    """LPAD."""
    return _pad(values, "TRUE")


@scalar("RPAD", least=2, most=3)
def rpad(values: list[Expr]) -> Expr:
    """RPAD."""
    return _pad(values, "FALSE")


@scalar("CHARINDEX", "POSITION", least=2, most=3)
def position(values: list[Expr]) -> Expr:
    """Where a text begins in another."""
    start = integer(values[2]) if len(values) > 2 else integer_constant(1)
    return call("sf_position", NUMBER, text(values[0]), text(values[1]), start)


@node(exp.StrPosition)
def position_node(compiler: Compiler, tree: exp.Expr) -> Expr:
    """POSITION('a' IN b)."""
    if tree.args.get("occurrence"):
        raise unsupported("POSITION with an occurrence")
    trees = [tree.args["substr"], tree.this]
    if tree.args.get("position"):
        trees.append(tree.args["position"])
    return position(compiler.exprs(trees))


@scalar("CONTAINS", least=2)
def contains(values: list[Expr]) -> Expr:
    """CONTAINS."""
    return call("contains", BOOLEAN, text(values[0]), text(values[1]))


@scalar("STARTSWITH", least=2)
def startswith(values: list[Expr]) -> Expr:
    """STARTSWITH."""
    return call("starts_with", BOOLEAN, text(values[0]), text(values[1]))


@scalar("ENDSWITH", least=2)
def endswith(values: list[Expr]) -> Expr:
    """ENDSWITH."""
    return call("ends_with", BOOLEAN, text(values[0]), text(values[1]))


@scalar("LIKE", least=2, most=3)
def like(values: list[Expr]) -> Expr:
    """LIKE as a function."""
    return one_like("LIKE", text(values[0]), values[1], values[2] if len(values) > 2 else None)


@scalar("ILIKE", least=2, most=3)
def ilike(values: list[Expr]) -> Expr:
    """ILIKE as a function."""
    return one_like("ILIKE", text(values[0]), values[1], values[2] if len(values) > 2 else None)


@scalar("ASCII", "UNICODE", least=1)
def code_point(values: list[Expr]) -> Expr:
    """The number of the first character."""
    return call("sf_ascii", NUMBER, text(values[0]))


@scalar("CHR", "CHAR", least=1)
def character(values: list[Expr]) -> Expr:
    """The character of a number."""
    return call("sf_chr", TEXT, integer(values[0]))


@scalar("INSERT", least=4)
def insert(values: list[Expr]) -> Expr:
    """INSERT as a function."""
    value, start, size, piece = values
    return call("sf_insert", TEXT, text(value), integer(start), integer(size), text(piece))


@scalar("BOOLNOT", least=1)
def boolnot(values: list[Expr]) -> Expr:
    """BOOLNOT."""
    return derive(f"(NOT {boolean(values[0]).sql})", BOOLEAN, values[0])
