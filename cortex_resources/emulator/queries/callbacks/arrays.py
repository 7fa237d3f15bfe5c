"""Functions on arrays and objects that make new ones."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cortex_resources.emulator.queries.callbacks import json_values as js
from cortex_resources.emulator.queries.callbacks.json_reader import UNDEFINED
from cortex_resources.emulator.queries.callbacks.table import callback
from cortex_resources.emulator.queries.callbacks.variant_order import key
from cortex_resources.emulator.queries.faults import Fault

JSON = "VARCHAR"
MAX_ITEMS = 1_000_000


def _array(value: str) -> list[Any]:
    found = js.stored(value)
    return found if isinstance(found, list) else [found]


def _same(value: Any) -> str:
    """Equality of items is equality of their text; 1 and 1.0 are one number."""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return js.number(Decimal(value))
    return js.dump(value)


@callback("array_append", "VARCHAR VARCHAR", JSON, nulls=True)
def append(value: str | None, item: str | None) -> str | None:
    """ARRAY_APPEND."""
    return None if value is None else js.dump([*_array(value), js.given(item)])


@callback("array_prepend", "VARCHAR VARCHAR", JSON, nulls=True)
def prepend(value: str | None, item: str | None) -> str | None:
    """ARRAY_PREPEND."""
    return None if value is None else js.dump([js.given(item), *_array(value)])


@callback("array_cat", "VARCHAR VARCHAR", JSON)
def cat(first: str, second: str) -> str:
    """ARRAY_CAT."""
    return js.dump(_array(first) + _array(second))


@callback("array_compact", "VARCHAR", JSON)
def compact(value: str) -> str:
    """ARRAY_COMPACT: without nulls of either kind."""
    return js.dump([one for one in _array(value) if one is not None and one is not UNDEFINED])


@callback("array_distinct", "VARCHAR", JSON)
def distinct(value: str) -> str:
    """ARRAY_DISTINCT in the order of first appearance; what was dropped puts `undefined` last."""
    found: dict[str, Any] = {}
    for item in _array(value):
        found.setdefault(_same(item), item)
    kept = list(found.values())
    return js.dump(kept if len(kept) == len(_array(value)) else _undefined_last(kept))


def _undefined_last(items: list[Any]) -> list[Any]:
    return sorted(items, key=lambda item: item is UNDEFINED)


@callback("array_except", "VARCHAR VARCHAR", JSON)
def difference(first: str, second: str) -> str:
    """ARRAY_EXCEPT: as multisets."""
    gone = [_same(item) for item in _array(second)]
    kept = []
    for item in _array(first):
        if _same(item) in gone:
            gone.remove(_same(item))
        else:
            kept.append(item)
    return js.dump(kept)


@callback("array_intersection", "VARCHAR VARCHAR", JSON)
def intersection(first: str, second: str) -> str:
    """ARRAY_INTERSECTION: as multisets."""
    other = [_same(item) for item in _array(second)]
    kept = []
    for item in _array(first):
        if _same(item) in other:
            other.remove(_same(item))
            kept.append(item)
    return js.dump(_undefined_last(kept))


@callback("array_flatten", "VARCHAR", JSON)
def flatten_once(value: str) -> str:
    """ARRAY_FLATTEN: one level."""
    found: list[Any] = []
    for item in _array(value):
        found += item if isinstance(item, list) else [item]
    return js.dump(found)


@callback("array_insert", "VARCHAR BIGINT VARCHAR", JSON, nulls=True)
def insert(value: str | None, place: int | None, item: str | None) -> str | None:
    """ARRAY_INSERT: gaps are filled with `undefined`."""
    if value is None or place is None:
        return None
    found = list(_array(value))
    place = place + len(found) if place < 0 else place
    if place > MAX_ITEMS:
        raise Fault(100078, "22000", "Array is too large")
    found += [UNDEFINED] * (place - len(found))
    found.insert(max(0, place), js.given(item))
    return js.dump(found)


@callback("array_remove", "VARCHAR VARCHAR", JSON)
def remove(value: str, item: str) -> str:
    """ARRAY_REMOVE."""
    gone = _same(js.stored(item))
    return js.dump([one for one in _array(value) if _same(one) != gone])


@callback("array_remove_at", "VARCHAR BIGINT", JSON)
def remove_at(value: str, place: int) -> str:
    """ARRAY_REMOVE_AT."""
    found = list(_array(value))
    if -len(found) <= place < len(found):
        del found[place]
    return js.dump(found)


@callback("array_slice", "VARCHAR BIGINT BIGINT", JSON)
def cut(value: str, start: int, end: int) -> str:
    """ARRAY_SLICE: the end is not part of it."""
    return js.dump(_array(value)[start:end])


@callback("array_contains", "VARCHAR VARCHAR", "BOOLEAN", nulls=True)
def contains(item: str | None, value: str | None) -> bool | None:
    """ARRAY_CONTAINS(item, array): NULL finds `undefined`, and is NULL where there is none."""
    found = value is not None and position(item, value) is not None
    return found if found or (item is not None and value is not None) else None


@callback("array_position", "VARCHAR VARCHAR", "BIGINT", nulls=True)
def position(item: str | None, value: str | None) -> int | None:
    """ARRAY_POSITION(item, array): from 0, NULL for none."""
    if value is None:
        return None
    wanted = _same(js.given(item))
    return next((place for place, one in enumerate(_array(value)) if _same(one) == wanted), None)


@callback("arrays_overlap", "VARCHAR VARCHAR", "BOOLEAN")
def overlap(first: str, second: str) -> bool:
    """ARRAYS_OVERLAP."""
    return not {_same(item) for item in _array(first)}.isdisjoint(map(_same, _array(second)))


def _known(value: str) -> list[Any]:
    return [item for item in _array(value) if item is not UNDEFINED]


@callback("array_sort", "VARCHAR BOOLEAN BOOLEAN", JSON)
def sort(value: str, ascending: bool, nulls_first: bool) -> str:
    """ARRAY_SORT: JSON null is the largest value, `undefined` stands apart."""
    known = sorted(_known(value), key=key, reverse=not ascending)
    nulls = [UNDEFINED] * (len(_array(value)) - len(known))
    return js.dump(nulls + known if nulls_first else known + nulls)


@callback("array_min", "VARCHAR", JSON)
def smallest(value: str) -> str | None:
    """ARRAY_MIN."""
    known = _known(value)
    return js.dump(min(known, key=key)) if known else None


@callback("array_max", "VARCHAR", JSON)
def largest(value: str) -> str | None:
    """ARRAY_MAX."""
    known = _known(value)
    return js.dump(max(known, key=key)) if known else None


@callback("array_to_string", "VARCHAR VARCHAR", "VARCHAR")
def to_string(value: str, delimiter: str) -> str | None:
    """ARRAY_TO_STRING: nulls are empty texts; NULL for what is no array."""
    found = js.stored(value)
    if not isinstance(found, list):
        return None
    return delimiter.join(js.plain(item) or "" for item in found)


@callback("array_range", "BIGINT BIGINT BIGINT", JSON)
def generate(start: int, end: int, step: int) -> str:
    """ARRAY_GENERATE_RANGE: the end is not part of it."""
    if step == 0 or abs((end - start) // step) > MAX_ITEMS:
        raise Fault(100046, "22023", "Invalid step or size of ARRAY_GENERATE_RANGE")
    return js.dump(list(range(start, end, step)))


@callback("arrays_to_object", "VARCHAR VARCHAR", JSON)
def to_object(keys: str, values: str) -> str:
    """ARRAYS_TO_OBJECT."""
    names, items = _array(keys), _array(values)
    if len(names) != len(items):
        raise Fault(100098, "22000", "ARRAYS_TO_OBJECT needs arrays of one length")
    pairs = zip(names, items, strict=True)
    return js.dump({js.plain(name): item for name, item in pairs if name is not None})


@callback("object_insert", "VARCHAR VARCHAR VARCHAR BOOLEAN", JSON, nulls=True)
def object_insert(value: str | None, key: str | None, item: str | None, update: bool) -> str | None:
    """OBJECT_INSERT: a NULL value changes nothing unless it updates, then the key goes."""
    if value is None or key is None:
        return None
    found = dict(js.stored(value) or {})
    if key in found and not update:
        raise Fault(100099, "22000", "Key already exists in the object")
    if item is None:
        found.pop(key, None)
    else:
        found[key] = js.stored(item)
    return js.dump(found)


@callback("object_delete", "VARCHAR VARCHAR", JSON)
def object_delete(value: str, keys: str) -> str:
    """OBJECT_DELETE."""
    gone = set(map(js.plain, _array(keys)))
    return js.dump({key: item for key, item in js.stored(value).items() if key not in gone})


@callback("object_pick", "VARCHAR VARCHAR", JSON)
def object_pick(value: str, keys: str) -> str:
    """OBJECT_PICK."""
    kept = set(map(js.plain, _array(keys)))
    return js.dump({key: item for key, item in js.stored(value).items() if key in kept})


@callback("array_reverse", "VARCHAR", JSON)
def backwards(value: str) -> str:
    """ARRAY_REVERSE."""
    return js.dump(_array(value)[::-1])


@callback("arrays_zip", "VARCHAR[]", JSON, nulls=True)
def zipped(values: list[str | None]) -> str | None:
    """ARRAYS_ZIP: objects with the keys $1, $2, …; a shorter array is filled up with null."""
    if None in values:
        return None
    arrays = [_array(value) for value in values if value is not None]
    rows = [
        {
            f"${place}": items[row] if row < len(items) else None
            for place, items in enumerate(arrays, 1)
        }
        for row in range(max(len(items) for items in arrays))
    ]
    return js.dump(rows)
