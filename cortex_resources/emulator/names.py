"""Identifiers: how Snowflake folds, quotes and joins them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PLAIN = re.compile(r"[A-Z_][A-Z0-9_$]*\Z")


def quoted(name: str) -> str:
    """A stored name as output shows it: in quotes only where it needs them."""
    if _PLAIN.match(name):
        return name
    return '"' + name.replace('"', '""') + '"'


def qualified(path: Iterable[str]) -> str:
    """A stored path joined with dots, each part quoted only where it needs it."""
    return ".".join(quoted(part) for part in path)


def literal(text: str) -> str:
    """Text as a SQL string literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
