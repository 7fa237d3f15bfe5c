"""FLATTEN and SPLIT_TO_TABLE: one value to many rows."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from cortex_resources.emulator.queries.callbacks import json_values as js
from cortex_resources.emulator.queries.callbacks.json_reader import UNDEFINED
from cortex_resources.emulator.queries.callbacks.paths import steps
from cortex_resources.emulator.queries.callbacks.table import callback

PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
SEQUENCES: defaultdict[int, itertools.count[int]] = defaultdict(lambda: itertools.count(1))
MAX_ROWS = 1_000_000
Row = dict[str, Any]


def _child_path(path: str, key: str | int) -> str:
    if isinstance(key, int):
        return f"{path}[{key}]"
    if PLAIN_KEY.fullmatch(key):
        return f"{path}.{key}" if path else key
    return f"{path}['{key}']"


def _children(value: Any, path: str, recursive: bool, mode: str) -> Iterator[Row]:
    members: list[tuple[str | int, Any]] = []
    if isinstance(value, dict) and mode != "ARRAY":
        members = [(key, value[key]) for key in sorted(value)]
    elif isinstance(value, list) and mode != "OBJECT":
        members = list(enumerate(value))
    for key, item in members:
        if item is UNDEFINED:
            continue
        own = _child_path(path, key)
        yield {
            "key": key if isinstance(key, str) else None,
            "path": own,
            "idx": key if isinstance(key, int) else None,
            "value": js.dump(item),
            "this": js.dump(value),
        }
        if recursive:
            yield from _children(item, own, True, mode)


ROW = (
    "STRUCT(seq BIGINT, key VARCHAR, path VARCHAR, idx BIGINT, value VARCHAR, this VARCHAR,"
    " o BIGINT)[]"
)


@callback("flatten", "VARCHAR VARCHAR BOOLEAN BOOLEAN VARCHAR BIGINT", ROW, nulls=True)
def flatten(  # noqa: PLR0917 - the engine passes arguments by position
    value: str | None, path: str, outer: bool, recursive: bool, mode: str, statement: int
) -> list[Row]:
    """The rows of one value; with `outer` at least one."""
    sequence = next(SEQUENCES[statement])
    found: Any = js.stored(value) if value is not None else None
    there = value is not None
    for key in steps(path):
        if isinstance(key, str):
            there = isinstance(found, dict) and key in found
        else:
            there = isinstance(found, list) and key < len(found)
        found = found[key] if there else None
    rows = list(itertools.islice(_children(found, path, recursive, mode), MAX_ROWS))
    if not rows and outer:
        this = js.dump(found) if there else None
        blank = {"key": None, "path": path if there else None, "idx": None, "value": None}
        rows = [{**blank, "this": this}]
    return [{"seq": sequence, **row, "o": place} for place, row in enumerate(rows)]


PIECE = "STRUCT(seq BIGINT, idx BIGINT, value VARCHAR, o BIGINT)[]"


@callback("split_rows", "VARCHAR VARCHAR BOOLEAN BIGINT", PIECE, nulls=True)
def split_rows(value: str | None, delimiter: str | None, tokens: bool, statement: int) -> list[Row]:
    """The pieces of one text."""
    sequence = next(SEQUENCES[statement])
    if value is None or delimiter is None:
        return []
    if tokens:
        signs = re.escape(delimiter)
        pieces = [piece for piece in re.split(f"[{signs}]", value) if piece] if signs else [value]
    else:
        pieces = value.split(delimiter) if delimiter else [value]
    return [
        {"seq": sequence, "idx": place, "value": piece, "o": place}
        for place, piece in enumerate(pieces, 1)
    ]
