"""One trial: so many kills under so many writers, and what came out."""

from __future__ import annotations

import random
import statistics
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.kills.process import AccountProcess
from tests.kills.writers import PREPARATIONS, Item, Writer, acknowledged, connect, found

_PROGRESS_WITHIN_S: Final = 60


@dataclass
class Outcome:
    """What a trial found."""

    kills: int = 0
    while_starting: int = 0
    acknowledged: Counter[Item] = field(default_factory=Counter)
    lost: Counter[Item] = field(default_factory=Counter)
    extra: Counter[Item] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    reopened_s: list[float] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Nothing lost, nothing twice, no error that a client saw."""
        return not (self.lost or self.extra or self.failures)

    def told(self) -> str:
        """The outcome as a table."""
        kinds = sorted({item[0] for item in self.acknowledged})
        lines = [f"{'':8}{'acknowledged':>14}{'lost':>8}{'extra':>8}"]
        for kind in kinds:
            numbers = [
                sum(n for item, n in items.items() if item[0] == kind)
                for items in (self.acknowledged, self.lost, self.extra)
            ]
            lines.append(f"{kind:8}{numbers[0]:>14}{numbers[1]:>8}{numbers[2]:>8}")
        lines.append(
            f"{self.kills} kills, {self.while_starting} of them while it started;"
            f" {len(self.failures)} errors that a client saw"
        )
        lines.append(
            f"reopened in {statistics.median(self.reopened_s):.2f} s (median),"
            f" {min(self.reopened_s):.2f} to {max(self.reopened_s):.2f} s"
        )
        lines += [f"- {line}" for line in self.failures]
        lines += [f"- lost {item}" for item in list(self.lost)[:20]]
        lines += [f"- extra {item}" for item in list(self.extra)[:20]]
        return "\n".join(lines)


def run(folder: Path, kills: int, writers: int, seed: int) -> Outcome:
    """Kill an account at random moments while its clients write; compare in the end."""
    process = AccountProcess(folder)
    try:
        return _run(process, kills, writers, random.Random(seed))
    finally:
        process.kill()


def _run(process: AccountProcess, kills: int, count: int, chance: random.Random) -> Outcome:
    outcome = Outcome()
    first = connect(process.connection())
    cursor = first.cursor()
    for sql in PREPARATIONS:
        cursor.execute(sql)
    cursor.execute(
        "INSERT INTO D.PUBLIC.COUNTS VALUES " + ", ".join(f"({n}, 0)" for n in range(count))
    )
    clients = [Writer(number, process.connection()) for number in range(count)]
    for client in clients:
        client.start()
    while outcome.kills < kills:
        if not _progress(clients):
            break
        threading.Event().wait(chance.uniform(0, 0.3))
        process.kill()
        outcome.kills += 1
        process.launch()
        if outcome.kills < kills and chance.random() < 0.2:
            threading.Event().wait(chance.uniform(0, 0.5))
            process.kill()
            outcome.kills += 1
            outcome.while_starting += 1
            process.launch()
        outcome.reopened_s.append(process.await_answer())
    for client in clients:
        client.stop()
    outcome.failures = [str(client.failure) for client in clients if client.failure]
    outcome.acknowledged, there = acknowledged(clients), found(cursor)
    outcome.lost = outcome.acknowledged - there
    outcome.extra = there - outcome.acknowledged
    for connection in (*clients, first):
        connection.close()
    return outcome


def _progress(clients: list[Writer]) -> bool:
    """Wait until every client was answered anew; false when one of them has failed."""
    before = [len(client.acknowledged) for client in clients]
    deadline = time.monotonic() + _PROGRESS_WITHIN_S
    while any(len(client.acknowledged) == n for client, n in zip(clients, before, strict=True)):
        if any(client.failure for client in clients) or time.monotonic() > deadline:
            return False
        threading.Event().wait(0.005)
    return True
