"""JSON as VARIANT holds it: canonical text with sorted keys, exact decimals, marked doubles."""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

from cortex_resources.emulator.queries.callbacks.json_reader import (
    UNDEFINED,
    DocumentError,
    Reader,
    fraction,
    integer,
)
from cortex_resources.emulator.queries.faults import Fault
from cortex_resources.emulator.queries.marks import KINDS, unmarked

MAX_NESTING = 200


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate object attribute")
    return found


STRICT = json.JSONDecoder(
    parse_float=fraction, parse_int=integer, object_pairs_hook=_pairs, strict=True
)
CANONICAL = json.JSONDecoder(parse_float=fraction)
HALF = re.compile(r"\\u[dD][89a-fA-F]")


def load(text: str, *, repeated: bool = False) -> Any:
    """The value of a JSON text, UNDEFINED for blanks; DocumentError when it is none.

    The quick decoder reads what the standard allows, the reader what is beyond it. Where an
    attribute may be `repeated`, its last value counts.
    """
    try:
        if not HALF.search(text):
            return STRICT.decode(text)
    except ValueError:
        pass  # the reader knows better
    except RecursionError:
        raise DocumentError("nested too deeply") from None
    try:
        return Reader(text, repeated=repeated).document()
    except RecursionError:
        raise DocumentError("nested too deeply") from None


def stored(text: str) -> Any:
    """The value of canonical text; shared, so never changed by who reads it."""
    return _short(text) if len(text) < 2000 else _canonical(text)


def _canonical(text: str) -> Any:
    if "undefined" in text:
        return Reader(text).document()
    return CANONICAL.decode(text)


@lru_cache(maxsize=4096)
def _short(text: str) -> Any:
    return _canonical(text)


def number(value: Decimal | int) -> str:
    """A decimal without needless zeros."""
    if isinstance(value, int) or not value:
        return str(int(value))
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def real(value: float) -> str:
    """A double, marked by its exponent."""
    if not math.isfinite(value):
        return json.dumps(value)
    return f"{value:.15e}"


def dump(value: Any) -> str:
    """Canonical text of a value."""
    pieces: list[str] = []
    try:
        _write(value, pieces)
    except RecursionError:
        raise Fault(100069, "22P02", "Error parsing JSON: nested too deeply") from None
    return "".join(pieces)


def given(text: str | None) -> Any:
    """The value of an argument; SQL NULL is `undefined` where an array takes it in."""
    return UNDEFINED if text is None else stored(text)


def told(value: Any) -> str | None:
    """Canonical text of a value that was read from another; `undefined` is SQL NULL there."""
    return None if value is UNDEFINED else dump(value)


def _write(value: Any, pieces: list[str]) -> None:
    if isinstance(value, dict):
        _members(value, pieces)
    elif isinstance(value, list):
        pieces.append("[")
        for position, item in enumerate(value):
            if position:
                pieces.append(",")
            _write(item, pieces)
        pieces.append("]")
    else:
        pieces.append(atom(value))


def _members(value: dict[str, Any], pieces: list[str]) -> None:
    pieces.append("{")
    for position, key in enumerate(sorted(value)):
        pieces.append(("," if position else "") + encode_basestring(key) + ":")
        member = value[key]
        _write(None if member is UNDEFINED else member, pieces)
    pieces.append("}")


def atom(value: Any) -> str:
    """The text of a value without members."""
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if value is UNDEFINED:
        return "undefined"
    if isinstance(value, float):
        return real(value)
    return number(value)


def plain(value: Any) -> str | None:
    """The value as VARCHAR: strings without quotes, JSON null as NULL."""
    if value is None or value is UNDEFINED:
        return None
    if isinstance(value, str):
        return unmarked(value)
    if isinstance(value, float):
        return format(value, ".15g")
    return unmarked(dump(value))


def pretty(text: str) -> str:
    """The text a client gets for a VARIANT, OBJECT or ARRAY cell: indented by two."""
    text = unmarked(text)
    if not text.startswith(("{", "[")):
        return text
    try:
        value = stored(text)
    except (ValueError, RecursionError):
        return text
    pieces: list[str] = []
    _indent(value, "\n", pieces)
    return "".join(pieces)


def _indent(value: Any, margin: str, pieces: list[str]) -> None:
    if not isinstance(value, (dict, list)) or not value:
        pieces.append(dump(value))
        return
    inner = margin + "  "
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    items: list[Any] = sorted(value) if isinstance(value, dict) else value
    for position, item in enumerate(items):
        pieces.append((opening if position == 0 else ",") + inner)
        if isinstance(value, dict):
            pieces.append(encode_basestring(item) + ": ")
            item = value[item]  # noqa: PLW2901
        _indent(item, inner, pieces)
    pieces.append(margin + closing)


def kind(value: Any) -> str:
    """TYPEOF."""
    if value is None:
        return "NULL_VALUE"
    if isinstance(value, str) and value[:1] in KINDS:
        return KINDS[value[0]]
    for python, name in (
        (bool, "BOOLEAN"),
        (str, "VARCHAR"),
        (dict, "OBJECT"),
        (list, "ARRAY"),
        (float, "DOUBLE"),
        (int, "INTEGER"),
    ):
        if isinstance(value, python):
            return name
    return "INTEGER" if value == value.to_integral_value() else "DECIMAL"
