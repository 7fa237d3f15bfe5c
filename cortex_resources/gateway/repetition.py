"""What is sent again after a failure, decided by the statement's effect.

READ: on a lost request or reply, a few times. CHANGE, SPEND, DESTROY: never, unless the account
said that the session is over, which it says before it runs anything.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from cortex_resources.gateway import errnos, refusals
from cortex_resources.model.effects import Effect

T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """How often a READ or a login is tried in all, and the pauses between, in seconds."""

    attempts: int = 4
    first_s: float = 0.25
    factor: float = 4.0

    def pause(self, done: int) -> float:
        """The pause after `done` attempts, spread so that threads do not come back together."""
        spread = random.uniform(0.75, 1.25)  # noqa: S311 - not a secret
        return spread * self.first_s * self.factor ** (done - 1)


def is_repeatable(error: Exception, effect: Effect) -> bool:
    """Whether sending the statement again can do no harm and may help."""
    if effect is not Effect.READ:
        return False
    return errnos.is_transport(refusals.number(error), refusals.state(error))


def repeated(
    attempt: Callable[[], T],
    *,
    failure: type[Exception],
    may_repeat: Callable[[Exception], bool],
    patience: Patience,
    sleep: Callable[[float], None],
) -> T:
    """The first result, or the last failure as it came."""
    for done in range(1, patience.attempts):
        try:
            return attempt()
        except failure as error:
            if not may_repeat(error):
                raise
            sleep(patience.pause(done))
    return attempt()
