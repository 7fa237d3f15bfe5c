"""A verdict with the statements that carry it out: what is printed, reported and executed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cortex_resources.model.effects import Statement


class Verdict(StrEnum):
    """What happens to one object."""

    CREATE = "create"
    ADOPT = "adopt"
    UPDATE = "update"
    DROP = "drop"
    NO_CHANGE = "no change"


@dataclass(frozen=True, slots=True)
class Plan:
    """One verdict, its statements in order, and what the user should know beside them."""

    verdict: Verdict
    statements: tuple[Statement, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def leaving(cls, note: str) -> Plan:
        """Nothing happens, and the user is told why."""
        return cls(Verdict.NO_CHANGE, notes=(note,))
