"""An account in a process of its own, fuzzed while its memory is watched."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from tests.kills.process import AccountProcess

# Of the second half of a run: in the first one the history, the results and the caches fill.
GROWTH_MB: Final = 48


@dataclass(frozen=True, slots=True)
class Where:
    """Where the account is and how to log in."""

    host: str
    port: int
    user: str
    password: str


class Fuzzer(Protocol):
    """What sends mutations to an account and notes what came back."""

    def run(self, count: int) -> object:
        """Send so many."""

    def alive(self) -> bool:
        """Whether the account still answers rightly."""

    def broken(self) -> list[str]:
        """What came back otherwise than from an account."""

    def told(self) -> str:
        """What came back, in a line or two."""


def main(description: str | None, count: int, make: Callable[[Where, int], Fuzzer]) -> int:
    """Fuzz an account, print what was found; the exit code."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--count", type=int, default=count)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        process = AccountProcess(Path(folder))
        try:
            named = ("host", "port", "user", "password")
            fuzzer = make(Where(*(process.where[name] for name in named)), asked.seed)
            fuzzer.run(asked.count // 2)
            before = process.memory_mb()
            fuzzer.run(asked.count - asked.count // 2)
            after = process.memory_mb()
            lives = fuzzer.alive()
        finally:
            process.kill()
    broken = [*fuzzer.broken(), *([] if lives else ["the account no longer answers"])]
    print(fuzzer.told())
    print(f"memory {before} MB after the first half, {after} MB in the end; {len(broken)} broken")
    for line in broken[:40]:
        print("-", line[:900])
    return 1 if broken or after - before > GROWTH_MB else 0
