"""`python -m benchmarks.unchanged`: the small scenario, its statements, logins and seconds.

One role gets USAGE on a database, USAGE and CREATE MODEL on a schema and CORTEX_USER; one training
view. Prints the median of a few runs as a table; the account is local and answers at once.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from cortex_resources.emulator.server import LocalAccount
from tests.engine.test_budgets import S1
from tests.engine.world import Outcome, World
from toolchain.engine import engine_folder

RUNS = 5


def _measure(world: World, run: Callable[[], Outcome]) -> tuple[float, int, int]:
    statements, logins = world.admin.last, world.logins
    outcome = run()
    if outcome.code != 0:
        raise SystemExit(outcome.text)
    sent = len(world.admin.statements(statements))
    return outcome.seconds, sent, world.logins - logins


def _report(name: str, runs: list[tuple[float, int, int]]) -> None:
    seconds = [run[0] for run in runs]
    sys.stdout.write(
        f"{name:<22} {statistics.median(seconds):>7.2f} s ({min(seconds):.2f}-{max(seconds):.2f})"
        f"  {runs[-1][1]:>3} statements  {runs[-1][2]} logins\n"
    )


def main() -> None:
    """Run the scenario."""
    base = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "SNOWFLAKE_"))}
    folder = Path(tempfile.mkdtemp(prefix="cortex-bench-"))
    with LocalAccount(state=folder / "account.duckdb", port=0) as account:
        world = World(folder / "world", engine_folder(), account.port, base)
        world.fixture()
        world.stack(S1, name="small")
        first = _measure(world, lambda: world.pulumi("up", "--yes", stack="small"))
        _report("first up", [first])
        for name, command in (
            ("unchanged preview", ("preview",)),
            ("unchanged up", ("up", "--yes")),
            ("unchanged up, no preview", ("up", "--yes", "--skip-preview")),
        ):
            runs = [
                _measure(world, lambda c=command: world.pulumi(*c, stack="small"))  # type: ignore[misc]
                for _ in range(RUNS)
            ]
            _report(name, runs)
        _report(
            "destroy", [_measure(world, lambda: world.pulumi("destroy", "--yes", stack="small"))]
        )


if __name__ == "__main__":
    main()
