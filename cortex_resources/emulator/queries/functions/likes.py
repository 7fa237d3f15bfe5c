"""LIKE patterns where Python does the matching."""

from __future__ import annotations

import re


def like_pattern(pattern: str, escape: str = "\\") -> re.Pattern[str]:
    """A case-insensitive LIKE pattern as a regular expression for whole texts."""
    pieces, place = [], 0
    while place < len(pattern):
        sign = pattern[place]
        if sign == escape and place + 1 < len(pattern):
            place += 1
            pieces.append(re.escape(pattern[place]))
        else:
            pieces.append({"%": ".*", "_": "."}.get(sign, re.escape(sign)))
        place += 1
    return re.compile("".join(pieces), re.IGNORECASE | re.DOTALL)
