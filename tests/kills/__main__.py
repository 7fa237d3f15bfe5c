"""`python -m tests.kills --kills 20 --writers 8 --seed 1`: the trial, and its table."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.kills import trial


def main() -> int:
    """Run the trial; 1 when anything was lost, done twice or seen by a client."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=20)
    options.add_argument("--writers", type=int, default=8)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = trial.run(Path(folder), asked.kills, asked.writers, asked.seed)
    print(outcome.told())
    return 0 if outcome.clean and outcome.kills >= asked.kills else 1


if __name__ == "__main__":
    sys.exit(main())
