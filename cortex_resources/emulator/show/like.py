"""What SHOW is narrowed by: LIKE, STARTS WITH, LIMIT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from cortex_resources.emulator.reader import Reader
from cortex_resources.emulator.wildcards import Wildcards, pattern

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Filter:
    """What SHOW is narrowed by, apart from its container."""

    like: Wildcards | None = None
    starts_with: str = ""
    limit: int | None = None
    after: str = ""

    def keeps(self, name: str) -> bool:
        """Whether a name passes; STARTS WITH and FROM mind case."""
        if self.like is not None and not self.like.matches(name):
            return False
        return name.startswith(self.starts_with) and (not self.after or name > self.after)

    def first(self, found: Sequence[Item]) -> Sequence[Item]:
        """What LIMIT leaves of the rows."""
        return found if self.limit is None else found[: self.limit]


def read_like(reader: Reader) -> Wildcards | None:
    """[LIKE 'pattern'], if it comes next."""
    return pattern(reader.string()) if reader.accept("LIKE") else None


def read_rest(reader: Reader, like: Wildcards | None) -> Filter:
    """[STARTS WITH 'text'] [LIMIT n [FROM 'name']] and the end of the statement."""
    starts_with = reader.string() if reader.accept("STARTS", "WITH") else ""
    limit: int | None = None
    after = ""
    if reader.accept("LIMIT"):
        limit = reader.integer()
        if reader.accept("FROM"):
            after = reader.string()
    reader.end()
    return Filter(like, starts_with, limit, after)
