"""Functions on VARIANT, OBJECT and ARRAY values, which travel as canonical JSON text."""

from __future__ import annotations

import math
from decimal import Decimal
from functools import lru_cache
from typing import Any

from cortex_resources.emulator.queries.callbacks import json_values as js
from cortex_resources.emulator.queries.callbacks.json_reader import DocumentError
from cortex_resources.emulator.queries.callbacks.paths import PathError, steps
from cortex_resources.emulator.queries.callbacks.table import callback, fallible
from cortex_resources.emulator.queries.callbacks.values import boolean_value, number_text
from cortex_resources.emulator.queries.faults import Fault, uncast
from cortex_resources.emulator.queries.marks import unmarked

JSON = "VARCHAR"


@fallible("parse_json", "VARCHAR", JSON)
def parse_json(value: str) -> str | None:
    """Canonical text of any JSON text; blank text is NULL."""
    return parsed(value, repeated=False)


@fallible("parse_json_last", "VARCHAR", JSON)
def parse_json_last(value: str) -> str | None:
    """PARSE_JSON with parameter `d`: the last of several members with one key counts."""
    return parsed(value, repeated=True)


def parsed(value: str, *, repeated: bool) -> str | None:
    """Canonical text; `undefined` alone is NULL."""
    try:
        return js.told(js.load(value, repeated=repeated))
    except DocumentError as fault:
        raise Fault(100069, "22P02", f"Error parsing JSON: {fault}") from None


@callback("check_json", "VARCHAR", "VARCHAR")
def check_json(value: str) -> str | None:
    """NULL for valid JSON, else what is wrong with it."""
    try:
        js.load(value)
    except DocumentError as fault:
        return str(fault)
    return None


@lru_cache(maxsize=1024)
def _path(path: str) -> tuple[Any, ...]:
    return tuple(js.load(path))


def step(value: Any, key: Any) -> tuple[bool, Any]:
    """One step of a path: found or not, and what."""
    if isinstance(key, str):
        return (True, value[key]) if isinstance(value, dict) and key in value else (False, None)
    if isinstance(value, list) and 0 <= key < len(value):
        return True, value[key]
    return False, None


@callback("get", "VARCHAR VARCHAR", JSON)
def get(value: str, path: str) -> str | None:
    """The value at a path (a JSON array of keys and positions), or NULL."""
    found = js.stored(value)
    for key in _path(path):
        there, found = step(found, key)
        if not there:
            return None
    return js.told(found)


@callback("field", "VARCHAR VARCHAR", JSON)
def get_field(value: str, key: str) -> str | None:
    """The value under a key computed by the row."""
    there, found = step(js.stored(value), key)
    return js.told(found) if there else None


@callback("item", "VARCHAR BIGINT", JSON)
def get_item(value: str, position: int) -> str | None:
    """The item at a position computed by the row."""
    there, found = step(js.stored(value), position)
    return js.told(found) if there else None


@callback("dynamic", "VARCHAR VARCHAR", JSON)
def get_dynamic(value: str, key: str) -> str | None:
    """The value under a key or position that is itself a VARIANT."""
    wanted = js.stored(key)
    wanted = int(wanted) if isinstance(wanted, (Decimal, int, float)) else wanted
    there, found = step(js.stored(value), wanted) if wanted is not None else (False, None)
    return js.told(found) if there else None


@callback("field_any_case", "VARCHAR VARCHAR", JSON)
def get_any_case(value: str, key: str) -> str | None:
    """The value under a key whatever its case; an exact match wins."""
    members = js.stored(value)
    if not isinstance(members, dict):
        return None
    if key in members:
        return js.dump(members[key])
    matching = [name for name in sorted(members) if name.lower() == key.lower()]
    return js.dump(members[matching[0]]) if matching else None


@callback("variant_text", "VARCHAR", "VARCHAR")
def variant_text(value: str) -> str | None:
    """VARIANT as VARCHAR."""
    return js.plain(js.stored(value)) if value[:1] not in "{[" else unmarked(value)


@fallible("variant_number", "VARCHAR", "VARCHAR")
def variant_number(value: str) -> str | None:
    """VARIANT as a numeral of a NUMBER."""
    found = js.stored(value)
    if isinstance(found, float) and not math.isfinite(found):
        shown = "NaN" if math.isnan(found) else str(found)
        raise Fault(
            100046, "22003", f"Number out of representable range: type FIXED, value {shown}"
        )
    return _numeral(found, value, "FIXED")


@fallible("variant_real", "VARCHAR", "VARCHAR")
def variant_real(value: str) -> str | None:
    """VARIANT as a numeral of a FLOAT."""
    found = js.stored(value)
    if isinstance(found, float) and not math.isfinite(found):
        return str(found)
    return _numeral(found, value, "REAL")


def _numeral(found: Any, value: str, target: str) -> str | None:
    if found is None:
        return None
    if isinstance(found, bool):
        return str(int(found))
    if isinstance(found, str):
        try:
            return number_text(found)
        except Fault:
            raise uncast(value, target) from None
    if isinstance(found, (dict, list)):
        raise uncast(value, target)
    return format(Decimal(repr(found)), "f") if isinstance(found, float) else js.number(found)


@fallible("variant_boolean", "VARCHAR", "BOOLEAN")
def variant_boolean(value: str) -> bool | None:
    """VARIANT as a truth value."""
    found = js.stored(value)
    if found is None or isinstance(found, bool):
        return found
    if isinstance(found, str):
        return boolean_value(found)
    if isinstance(found, (dict, list)):
        raise uncast(value, "BOOLEAN")
    return bool(found != 0)


@callback("no_time", "VARCHAR VARCHAR", "VARCHAR")
def no_time(value: str, target: str) -> str:
    """What a VARIANT that is no date, time or timestamp says."""
    raise uncast(value, target)


@fallible("variant_object", "VARCHAR", JSON)
def variant_object(value: str) -> str | None:
    """VARIANT as OBJECT."""
    found = js.stored(value)
    if found is None:
        return None
    if not isinstance(found, dict):
        raise uncast(value, "OBJECT")
    return value


@callback("to_array", "VARCHAR", JSON)
def to_array(value: str) -> str | None:
    """Anything as ARRAY: a value that is none becomes the only item."""
    if value == "null":
        return None
    return value if value.startswith("[") else f"[{value}]"


@callback("json_string", "VARCHAR", JSON)
def json_string(value: str) -> str:
    """Text as a JSON string."""
    return js.atom(value)


@callback("json_float", "DOUBLE", JSON)
def json_float(value: float) -> str:
    """A double as JSON."""
    return js.real(value)


@callback("kind", "VARCHAR", "VARCHAR")
def kind(value: str) -> str:
    """TYPEOF."""
    return js.kind(js.stored(value))


@callback("object", "VARCHAR[] VARCHAR[] BOOLEAN", JSON, nulls=True)
def build_object(keys: list[str | None], values: list[str | None], keep: bool) -> str:
    """OBJECT_CONSTRUCT: pairs with a NULL key are left out, NULL values unless kept."""
    found: dict[str, str] = {}
    for key, value in zip(keys, values, strict=True):
        if key is None or (value is None and not keep):
            continue
        if key in found:
            raise Fault(100098, "22000", f"Duplicate field key '{key}'")
        found[key] = "null" if value is None else value
    members = (f"{js.atom(key)}:{found[key]}" for key in sorted(found))
    return "{" + ",".join(members) + "}"


@callback("array", "VARCHAR[] BOOLEAN", JSON, nulls=True)
def build_array(values: list[str | None] | None, compact: bool) -> str:
    """ARRAY_CONSTRUCT: NULL becomes `undefined`."""
    kept = (
        "undefined" if value is None else value
        for value in values or ()
        if not (compact and value is None)
    )
    return "[" + ",".join(kept) + "]"


@callback("keys", "VARCHAR", JSON)
def object_keys(value: str) -> str | None:
    """OBJECT_KEYS."""
    found = js.stored(value)
    return js.dump(sorted(found)) if isinstance(found, dict) else None


@callback("size", "VARCHAR", "BIGINT")
def array_size(value: str) -> int | None:
    """ARRAY_SIZE: NULL for what is no array."""
    found = js.stored(value)
    return len(found) if isinstance(found, list) else None


@callback("items", "VARCHAR", "VARCHAR[]")
def items(value: str) -> list[str | None]:
    """The items of an array for a lambda."""
    return [js.told(item) for item in js.stored(value)]


@callback("known_array", "VARCHAR[]", JSON)
def known_array(values: list[str | None]) -> str:
    """What a lambda left of an array."""
    return build_array(values, False)


@callback("path_text", "VARCHAR VARCHAR", "VARCHAR")
def path_text(value: str, path: str) -> str | None:
    """JSON_EXTRACT_PATH_TEXT: the text at a path that the row computes."""
    text = parse_json(value)
    found = None if text is None else get_steps(text, path)
    return None if found is None else variant_text(found)


@callback("steps", "VARCHAR VARCHAR", JSON)
def get_steps(value: str, path: str) -> str | None:
    """The value at a path written as text."""
    found = js.stored(value)
    try:
        keys = steps(path)
    except PathError as problem:
        raise Fault(problem.errno, "22023", str(problem)) from None
    for key in keys:
        there, found = step(found, key)
        if not there:
            return None
    return js.told(found)
