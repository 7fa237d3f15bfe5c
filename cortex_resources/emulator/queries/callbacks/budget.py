"""How much one statement may produce in Python before it is stopped."""

from __future__ import annotations

import threading
from typing import Any

from cortex_resources.emulator.queries.faults import Fault

LARGE = 65_536
MAX_PRODUCED = 500_000_000
ROW_SIZE = 200


class Budget(threading.local):
    """Counts large values, for each thread apart: it runs one statement at a time."""

    def __init__(self, most: int = MAX_PRODUCED) -> None:
        self.most = most
        self.produced = 0

    def restart(self) -> None:
        """A new statement begins."""
        self.produced = 0

    def charged(self, value: Any) -> Any:
        """The value, unless it is one too many."""
        if (
            isinstance(value, (str, list))
            and len(value) * (ROW_SIZE if isinstance(value, list) else 1) > LARGE
        ):
            self.produced += len(value) * (ROW_SIZE if isinstance(value, list) else 1)
            if self.produced > self.most:
                raise Fault(
                    300001, "XX000", "The statement needs more memory than the local account has"
                )
        return value


BUDGET = Budget()
