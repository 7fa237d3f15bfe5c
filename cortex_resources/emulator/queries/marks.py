"""What tells a date in a VARIANT from a text: a sign before it, which no text may carry.

VARIANT values travel as JSON text, where dates, times, timestamps and binary values are strings.
The signs are noncharacters of Unicode; whatever leaves as text or JSON is freed of them.
"""

from __future__ import annotations

from cortex_resources.emulator.queries.types import Kind

MARKS = {
    Kind.DATE: "\ufdd0",
    Kind.TIME: "\ufdd1",
    Kind.TIMESTAMP_NTZ: "\ufdd2",
    Kind.TIMESTAMP_LTZ: "\ufdd3",
    Kind.TIMESTAMP_TZ: "\ufdd4",
    Kind.BINARY: "\ufdd5",
}
KINDS = {mark: kind.value for kind, mark in MARKS.items()}
SIGNS = "".join(KINDS)
_GONE = dict.fromkeys(map(ord, SIGNS))


def unmarked(text: str) -> str:
    """The text without signs."""
    return text if text.isascii() else text.translate(_GONE)


def unmarked_sql(sql: str) -> str:
    """The same in the engine."""
    return f"translate({sql}, '{SIGNS}', '')"
