"""The name of a function with the types of its arguments: functions may share all but these.

Lengths are no part of a signature, and a synonym is the type that it stands for.
Source: *Overloading procedures and functions*, *Summary of data types*.
"""

from __future__ import annotations

import re

from cortex_resources.errors import InvalidNameError
from cortex_resources.model.names import QualifiedName

_SYNONYMS = {
    "VARCHAR": "STRING TEXT CHAR CHARACTER NCHAR NVARCHAR NVARCHAR2",
    "NUMBER": "DECIMAL DEC NUMERIC INT INTEGER BIGINT SMALLINT TINYINT BYTEINT",
    "FLOAT": "FLOAT4 FLOAT8 DOUBLE REAL",
    "BINARY": "VARBINARY",
    "TIMESTAMP_NTZ": "DATETIME",
}
_TYPES = {synonym: name for name, words in _SYNONYMS.items() for synonym in words.split()}
_TYPE = re.compile(r"([A-Z][A-Z0-9_]*)( PRECISION| VARYING)?( ?\([0-9, ]*\))?")
_WHOLE = re.compile(r"(?P<name>(?:\"(?:[^\"]|\"\")*\"|[^\"(])+)\((?P<types>.*)\)\s*")
_COMMA = re.compile(r",(?![^(]*\))")


def parse(text: str) -> tuple[QualifiedName, tuple[str, ...]]:
    """Read `DB.ML.ANSWER(VARCHAR)`.

    Raises:
        InvalidNameError: the text is no name with the types of its arguments.
    """
    match = _WHOLE.fullmatch(text.strip())
    if match is None:
        raise InvalidNameError(
            f"{text!r} names no function with the types of its arguments",
            hint="Write it as database.schema.function(VARCHAR), or () where it takes none.",
        )
    written = _COMMA.split(match["types"]) if match["types"].strip() else []
    types = tuple(_type(item, text) for item in written)
    return QualifiedName.parse(match["name"], depth=3), types


def _type(written: str, text: str) -> str:
    match = _TYPE.fullmatch(" ".join(written.upper().split()))
    if match is None:
        raise InvalidNameError(
            f"{written.strip()!r} in {text!r} is no type of an argument",
            hint="Write types only, without names: database.schema.function(VARCHAR, NUMBER).",
        )
    return _TYPES.get(match[1], match[1])
