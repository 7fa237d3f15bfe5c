"""Paths into a VARIANT that are written as text: `a.b[0]:"c d"` (*GET_PATH*)."""

from __future__ import annotations

import re
from functools import lru_cache

STEP = re.compile(
    r"""\[(?P<index>[0-9]+)\]|\[(?P<quote>['"])(?P<bracketed>.*?)(?P=quote)\]|"""
    r"""(?P<sign>[.:]?)(?:"(?P<quoted>(?:[^"]|"")+)"|(?P<plain>[^.:\[\]"'0-9][^.:\[\]"']*))"""
)


class PathError(ValueError):
    """A text that is no path: Snowflake's number for it, and its sentence."""

    def __init__(self, errno: int, path: str, what: str, at: int) -> None:
        super().__init__(f"Invalid extraction path '{path}': {what} at position {at}.")
        self.errno = errno


@lru_cache(maxsize=1024)
def steps(path: str) -> tuple[str | int, ...]:
    """The keys and positions of a path; a number begins no name without quotes."""
    found: list[str | int] = []
    at = 0
    while at < len(path):
        match = STEP.match(path, at)
        if match is None or (at and match["sign"] == ""):
            raise _complaint(path, at)
        at = match.end()
        if match["index"] is not None:
            found.append(int(match["index"]))
        else:
            quoted = (match["quoted"] or "").replace('""', '"')
            found.append(match["bracketed"] or quoted or match["plain"] or "")
    return tuple(found)


def _complaint(path: str, at: int) -> PathError:
    if path[at] == "[":
        return PathError(1841, path, "invalid number", at + 2)
    if path[at] not in ".:":
        return PathError(1840, path, "invalid field", at)
    if path[at + 1 : at + 2] in ("", ".", ":", "["):
        return PathError(1842, path, "empty (unquoted) field name", at + 1)
    return PathError(1840, path, "invalid field", at + 1)
