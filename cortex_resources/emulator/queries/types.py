"""Snowflake's data types: their spelling, and the physical type that carries each of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

TEXT_LENGTH = 16_777_216
BINARY_LENGTH = 8_388_608
DIGITS = 38


class Kind(Enum):
    """The families of types, spelled as Snowflake prints them."""

    NUMBER = "NUMBER"
    FLOAT = "FLOAT"
    TEXT = "VARCHAR"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    TIME = "TIME"
    TIMESTAMP_NTZ = "TIMESTAMP_NTZ"
    TIMESTAMP_LTZ = "TIMESTAMP_LTZ"
    TIMESTAMP_TZ = "TIMESTAMP_TZ"
    VARIANT = "VARIANT"
    OBJECT = "OBJECT"
    ARRAY = "ARRAY"
    BINARY = "BINARY"
    NULL = "NULL"


@dataclass(frozen=True, slots=True)
class Type:
    """One column type; `str()` gives the text that `column_type` reads back."""

    kind: Kind
    precision: int = 0
    scale: int = 0
    length: int = 0

    def __str__(self) -> str:
        if self.kind is Kind.NUMBER:
            return f"NUMBER({self.precision},{self.scale})"
        if self.kind in (Kind.TEXT, Kind.BINARY):
            return f"{self.kind.value}({self.length})"
        if self.kind in (Kind.TIME, *TIMESTAMPS):
            return f"{self.kind.value}({self.scale})"
        return "VARCHAR(16777216)" if self.kind is Kind.NULL else self.kind.value

    @property
    def duck(self) -> str:
        """The type of the physical column."""
        if self.kind is Kind.NUMBER:
            return f"DECIMAL({self.precision},{self.scale})"
        return PHYSICAL[self.kind]


TIMESTAMPS = (Kind.TIMESTAMP_NTZ, Kind.TIMESTAMP_LTZ, Kind.TIMESTAMP_TZ)
SEMI = (Kind.VARIANT, Kind.OBJECT, Kind.ARRAY)

PHYSICAL = {
    Kind.FLOAT: "DOUBLE",
    Kind.TEXT: "VARCHAR",
    Kind.NULL: "VARCHAR",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.DATE: "DATE",
    Kind.TIME: "TIME",
    Kind.TIMESTAMP_NTZ: "TIMESTAMP",
    Kind.TIMESTAMP_LTZ: "TIMESTAMP",  # the instant in UTC
    Kind.TIMESTAMP_TZ: "STRUCT(utc TIMESTAMP, minutes INTEGER)",
    Kind.VARIANT: "VARCHAR",  # canonical JSON text
    Kind.OBJECT: "VARCHAR",
    Kind.ARRAY: "VARCHAR",
    Kind.BINARY: "BLOB",
}


def number(precision: int = DIGITS, scale: int = 0) -> Type:
    """NUMBER(precision, scale)."""
    return Type(Kind.NUMBER, precision=precision, scale=scale)


def text(length: int = TEXT_LENGTH) -> Type:
    """VARCHAR(length)."""
    return Type(Kind.TEXT, length=length)


def timestamp(kind: Kind = Kind.TIMESTAMP_NTZ, scale: int = 9) -> Type:
    """A timestamp of that kind."""
    return Type(kind, scale=scale)


NUMBER = number()
TEXT = text()
FLOAT = Type(Kind.FLOAT)
BOOLEAN = Type(Kind.BOOLEAN)
DATE = Type(Kind.DATE)
TIME = Type(Kind.TIME, scale=9)
TIMESTAMP_NTZ = timestamp()
TIMESTAMP_LTZ = timestamp(Kind.TIMESTAMP_LTZ)
TIMESTAMP_TZ = timestamp(Kind.TIMESTAMP_TZ)
VARIANT = Type(Kind.VARIANT)
OBJECT = Type(Kind.OBJECT)
ARRAY = Type(Kind.ARRAY)
BINARY = Type(Kind.BINARY, length=BINARY_LENGTH)
NULL = Type(Kind.NULL)
