"""How VARIANT values compare: a key of bytes that sorts as they do.

Kinds first (truth values, numbers, texts, objects, arrays, JSON null), then each by its own rule:
numbers by value with NaN above all, texts by code points, arrays item by item, objects attribute
by attribute, where the larger name comes first. Observed in public clients.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from cortex_resources.emulator.queries.callbacks import json_values as js
from cortex_resources.emulator.queries.callbacks.json_reader import UNDEFINED
from cortex_resources.emulator.queries.callbacks.table import callback

END, MEMBER = b"\x00", b"\x01"
TRUTH, NUMBER, TEXT, OBJECT, ARRAY, NULL, MISSING = (bytes([tag]) for tag in range(2, 9))
INVERTED = bytes(255 - byte for byte in range(256))
SHIFT = 1 << 15  # above any exponent


def key(value: Any) -> bytes:
    """The key of a value."""
    if isinstance(value, bool):
        return TRUTH + (b"\x01" if value else b"\x00")
    if isinstance(value, (int, float, Decimal)):
        return NUMBER + _number(value)
    if isinstance(value, str):
        return TEXT + _text(value)
    if isinstance(value, dict):
        return OBJECT + _object(value)
    if isinstance(value, list):
        return ARRAY + b"".join(MEMBER + key(item) for item in value) + END
    return MISSING if value is UNDEFINED else NULL


def _text(value: str) -> bytes:
    return value.encode("utf-8", "replace").replace(b"\x00", b"\x00\xff") + b"\x00\x00"


def _object(value: dict[str, Any]) -> bytes:
    members = (
        MEMBER + _text(name).translate(INVERTED) + key(value[name]) for name in sorted(value)
    )
    return b"".join(members) + END


def _number(value: float | Decimal) -> bytes:
    """Sign, exponent and digits; those of a negative number are inverted."""
    if isinstance(value, float) and not math.isfinite(value):
        return b"\x04" if math.isnan(value) else (b"\x03" if value > 0 else b"\x00")
    found = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not found:
        return b"\x02\x00"
    digits = "".join(map(str, found.as_tuple().digits)).rstrip("0")
    size = (found.adjusted() + SHIFT).to_bytes(2, "big") + digits.encode() + END
    return b"\x02\x01" + size if found > 0 else b"\x01" + size.translate(INVERTED)


@callback("sort_key", "VARCHAR", "BLOB")
def sort_key(value: str) -> bytes:
    """How VARIANT values order."""
    return key(js.stored(value))
