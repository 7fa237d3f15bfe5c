"""What is sent again after a failure, decided by the statement's effect.

READ: on a lost request or reply, a few times. CHANGE, SPEND, DESTROY: never, not even when the
connection was refused, because 5.x gives that the same errno as a lost reply. A login: when the
account could not be reached, never when it answered.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from cortex_resources.gateway import errnos, refusals
from cortex_resources.model.effects import Effect

T = TypeVar("T")


def is_repeatable(error: Exception, effect: Effect) -> bool:
    """Whether sending the statement again can do no harm and may help."""
    if effect is not Effect.READ:
        return False
    return errnos.is_transport(refusals.number(error), refusals.state(error))


@dataclass(frozen=True)
class Repeater:
    """Tries a few times, with growing pauses.

    Arguments:
        attempts: how often in all.
        first_s, factor: the first pause in seconds, and how much longer each next one is.
        sleep, clock: pause, and tell the time.
    """

    attempts: int = 4
    first_s: float = 0.25
    factor: float = 4.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def run(
        self,
        attempt: Callable[[], T],
        *,
        failure: type[Exception],
        may_repeat: Callable[[Exception], bool],
        within_s: float,
    ) -> T:
        """The first result, or the last failure as it came.

        No attempt begins later than `within_s` after the first one.
        """
        end = self.clock() + within_s
        for done in range(1, self.attempts):
            try:
                return attempt()
            except failure as error:
                if not may_repeat(error) or self.clock() >= end:
                    raise
            # spread, so that threads that failed together do not come back together
            spread = random.uniform(0.75, 1.25)  # noqa: S311 - not a secret
            self.sleep(spread * self.first_s * self.factor ** (done - 1))
        return attempt()
