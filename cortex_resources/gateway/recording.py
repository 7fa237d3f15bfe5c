"""What was sent, for tests and reports; costs nothing while nobody listens."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from cortex_resources.model.effects import Statement


@dataclass(frozen=True)
class Sent:
    """One statement and how it ended: `done`, or the name of an error's class."""

    statement: Statement
    tag: str
    role: str
    outcome: str


Observer = Callable[[Sent], None]


class Recorder:
    """Tells every observer about every statement, in the order in which they ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._observers: list[Observer] = []

    def observe(self, observer: Observer) -> None:
        """Tell this one too from now on; a `list.append` will do."""
        with self._lock:
            self._observers.append(observer)

    def add(self, sent: Sent) -> None:
        """Tell them."""
        with self._lock:
            for observer in self._observers:
                observer(sent)
