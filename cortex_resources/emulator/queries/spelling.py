"""From the spelling of a type to the type."""

from __future__ import annotations

import re

from sqlglot import exp

from cortex_resources.emulator.errors import syntax_error, unsupported
from cortex_resources.emulator.queries.faults import compilation
from cortex_resources.emulator.queries.types import (
    ARRAY,
    BINARY,
    BOOLEAN,
    DATE,
    FLOAT,
    OBJECT,
    TEXT_LENGTH,
    VARIANT,
    Kind,
    Type,
    number,
    text,
    timestamp,
)

SPELLED = re.compile(r"\s*([A-Z_]+(?:\s+(?:PRECISION|VARYING))?)\s*(?:\(([^()]*)\))?\s*", re.I)
NUMBERS = {"NUMBER", "DECIMAL", "DEC", "NUMERIC"}
INTEGERS = {"INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "BYTEINT"}
FLOATS = {"FLOAT", "FLOAT4", "FLOAT8", "DOUBLE", "DOUBLE PRECISION", "REAL"}
TEXTS = {
    "VARCHAR",
    "TEXT",
    "STRING",
    "NVARCHAR",
    "NVARCHAR2",
    "CHAR VARYING",
    "NCHAR VARYING",
    "CHARACTER VARYING",
}
CHARACTERS = {"CHAR", "CHARACTER", "NCHAR"}
TIMES = {
    "TIMESTAMP": Kind.TIMESTAMP_NTZ,
    "DATETIME": Kind.TIMESTAMP_NTZ,
    "TIMESTAMP_NTZ": Kind.TIMESTAMP_NTZ,
    "TIMESTAMPNTZ": Kind.TIMESTAMP_NTZ,
    "TIMESTAMP_LTZ": Kind.TIMESTAMP_LTZ,
    "TIMESTAMPLTZ": Kind.TIMESTAMP_LTZ,
    "TIMESTAMP_TZ": Kind.TIMESTAMP_TZ,
    "TIMESTAMPTZ": Kind.TIMESTAMP_TZ,
    "TIME": Kind.TIME,
}
PLAIN = {
    "BOOLEAN": BOOLEAN,
    "BOOL": BOOLEAN,
    "DATE": DATE,
    "VARIANT": VARIANT,
    "OBJECT": OBJECT,
    "ARRAY": ARRAY,
    **dict.fromkeys(FLOATS, FLOAT),
}
REFUSED = {"GEOGRAPHY", "GEOMETRY", "VECTOR", "MAP", "FILE", "DECFLOAT", "UUID", "INTERVAL"}


def column_type(spelled: str) -> Type:
    """The type that text like `NUMBER(10,2)` or `string` names; unknown names are an error."""
    match = SPELLED.fullmatch(spelled)
    if match is None:
        raise syntax_error(f"unexpected data type '{spelled[:60]}'.")
    name = " ".join(match[1].upper().split())
    if match[2] is not None and name in ("OBJECT", "ARRAY", "MAP", "VECTOR"):
        raise unsupported(f"structured type {name}(…)")
    sizes = [part.strip() for part in match[2].split(",")] if match[2] else []
    if not all(part.isdigit() for part in sizes):
        raise syntax_error(f"unexpected data type '{spelled[:60]}'.")
    return _build(name, [int(part) for part in sizes])


def _build(name: str, sizes: list[int]) -> Type:
    if name in PLAIN:
        return PLAIN[name]
    if name in INTEGERS:
        return number()
    if name in NUMBERS:
        return sized_number(sizes)
    if name in TEXTS or name in CHARACTERS:
        length = sizes[0] if sizes else 1 if name in CHARACTERS else TEXT_LENGTH
        return text(_within(length, 1, 134_217_728, "VARCHAR"))
    if name in ("BINARY", "VARBINARY"):
        return Type(Kind.BINARY, length=sizes[0]) if sizes else BINARY
    if name in TIMES:
        return timestamp(TIMES[name], _within(sizes[0] if sizes else 9, 0, 9, name))
    if name in REFUSED:
        raise unsupported(f"data type {name}")
    raise compilation(2040, "42601", f"Unsupported data type '{name}'.")


def sized_number(sizes: list[int]) -> Type:
    """NUMBER with up to two sizes, checked."""
    precision = _within(sizes[0] if sizes else 38, 1, 38, "NUMBER")
    return number(precision, _within(sizes[1] if len(sizes) > 1 else 0, 0, precision, "NUMBER"))


def _within(size: int, least: int, most: int, name: str) -> int:
    if not least <= size <= most:
        raise compilation(
            2005, "42601", f"invalid value [{size}] for parameter of {name}: {least} to {most}"
        )
    return size


NAMES = {
    "DOUBLE": "FLOAT",
    "TIMESTAMPLTZ": "TIMESTAMP_LTZ",
    "TIMESTAMPTZ": "TIMESTAMP_TZ",
    "TIMESTAMPNTZ": "TIMESTAMP_NTZ",
    "VARBINARY": "BINARY",
    "UTINYINT": "NUMBER",
    "DECIMAL": "NUMBER",
    "BIGDECIMAL": "NUMBER",
}


def from_tree(tree: exp.Expr) -> Type:
    """The type a parsed cast or column definition names."""
    if not isinstance(tree, exp.DataType):
        raise unsupported(f"data type {tree.sql()[:60]}")
    kind = tree.this
    if kind == exp.DataType.Type.USERDEFINED:
        return column_type(str(tree.args.get("kind") or ""))
    name = str(kind.value).upper()
    name = NAMES.get(name, name)
    inner = tree.expressions
    if inner and name in ("OBJECT", "ARRAY", "MAP", "VECTOR"):
        raise unsupported(f"structured type {name}(…)")
    sizes = [int(part.name) for part in inner if part.name.isdigit()]
    return _build(name, sizes)
