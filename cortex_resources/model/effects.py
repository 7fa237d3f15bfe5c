"""What a statement does to the account, and a statement that carries it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """What happens in the account when a statement runs."""

    READ = "read"
    """Changes nothing: may be repeated freely."""
    CHANGE = "change"
    """Changes something that the spec can restore."""
    SPEND = "spend"
    """Starts paid work: sent at most once, and only with the stack's permission."""
    DESTROY = "destroy"
    """Removes what no later statement brings back as it was: needs permission."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement with its effect and the reason why it is sent."""

    text: str
    effect: Effect
    why: str = ""
