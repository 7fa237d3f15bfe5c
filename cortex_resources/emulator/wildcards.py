"""LIKE patterns over names, as SHOW and SELECT * ILIKE take them: matched without backtracking.

A regular expression would try `%a%a%a…` in exponentially many ways, under the account's lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_ANY: Final = ""  # no character in lower case is empty
_Run = tuple[str, ...]  # what stands between two %: characters in lower case, _ANY for _


@dataclass(frozen=True, slots=True)
class Wildcards:
    """A pattern without regard to case; a backslash takes a wildcard at its word."""

    runs: tuple[_Run, ...]

    def matches(self, text: str) -> bool:
        """Whether the whole text is of this pattern.

        The first run begins the text and the last one ends it; each of the others is taken where
        it comes first, which leaves the most for those behind it.
        """
        letters = [character.lower() for character in text]
        first, *middle = self.runs
        if not _at(first, letters, 0):
            return False
        if not middle:
            return len(letters) == len(first)
        place, last = len(first), middle.pop()
        for run in middle:
            found = _find(run, letters, place)
            if found is None:
                return False
            place = found + len(run)
        end = len(letters) - len(last)
        return end >= place and _at(last, letters, end)


def pattern(like: str) -> Wildcards:
    """The pattern of a LIKE."""
    runs: list[list[str]] = [[]]
    escaped = False
    for character in like:
        if escaped or character not in "\\%_":
            runs[-1].append(character.lower())
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == "%":
            runs.append([])
        else:
            runs[-1].append(_ANY)
    return Wildcards(tuple(tuple(run) for run in runs))


def _find(run: _Run, letters: list[str], start: int) -> int | None:
    places = range(start, len(letters) - len(run) + 1)
    return next((place for place in places if _at(run, letters, place)), None)


def _at(run: _Run, letters: list[str], place: int) -> bool:
    if place + len(run) > len(letters):
        return False
    return all(want in (_ANY, letters[place + n]) for n, want in enumerate(run))
