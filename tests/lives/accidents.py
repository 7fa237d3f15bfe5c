"""What can go wrong at one statement: which process or wire dies, and on which side of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.lives.life import Life

EVERY = "(?s)."
"""A pattern that every statement matches."""


@dataclass(frozen=True)
class Accident:
    """One kind of accident.

    Arguments:
        name: as the table prints it.
        when: before the statement takes effect, or after.
        action: what happens to the reply of the statement.
        times: how often; 0 is for good.
        kills: `host` or `engine`, the process that dies with it, or nothing.
    """

    name: str
    when: str
    action: str
    times: int
    kills: str = ""

    def rule(self, after_n: int) -> dict[str, Any]:
        """The fault that makes it happen at the statement after so many others."""
        values = {"match": EVERY, "when": self.when, "times": self.times, "after_n": after_n}
        delay = {"latency_ms": 0} if self.action == "latency_ms" else {}
        return {**values, "action": self.action, **delay}


HOST_BEFORE = Accident("host killed before", "before", "drop", 0, "host")
HOST_AFTER = Accident("host killed after", "after", "drop", 0, "host")
ENGINE = Accident("engine killed after", "after", "latency_ms", 0, "engine")
"""The host goes on and ends; nobody hears of it."""
REAL_ENGINE_BEFORE = Accident("engine killed before", "before", "drop", 0, "engine")
REAL_ENGINE_AFTER = Accident("engine killed after", "after", "drop", 0, "engine")
"""A process that dies: its host lives on for seconds and must come to nothing."""
REPLY_ONCE = Accident("reply lost once", "after", "drop", 1)
LINE_BEFORE = Accident("line cut before", "before", "drop", 0)
LINE_AFTER = Accident("line cut after", "after", "drop", 0)

QUICK = (HOST_BEFORE, HOST_AFTER, ENGINE, REPLY_ONCE)
SLOW = (LINE_BEFORE, LINE_AFTER)
"""The connector gives up on a cut line after seconds."""


def _seen(life: Life) -> int:
    rules = life.place.admin.call("faults")
    rules = rules["faults"] if isinstance(rules, dict) else rules
    return int(rules[0]["seen"]) if rules else 0


@contextmanager
def happening(life: Life, accident: Accident, at: int) -> Iterator[None]:
    """The accident strikes at the statement number `at`, counted from zero, of what runs inside."""
    life.place.admin.call("faults", accident.rule(at))
    over = threading.Event()

    def strike() -> None:
        while not over.wait(0.004):
            if _seen(life) > at:
                if life.host is not None:
                    life.host.kill()
                return

    watcher = threading.Thread(target=strike)
    if accident.kills == "host":
        watcher.start()
    if accident.kills == "engine":
        life.is_engine_gone = lambda: _seen(life) > at
    try:
        yield
    finally:
        over.set()
        if watcher.ident is not None:
            watcher.join(timeout=20)
        life.is_engine_gone = lambda: False
        life.place.admin.call("faults", method="DELETE")
