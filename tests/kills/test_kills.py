"""A bounded sample of `make kills`."""

from __future__ import annotations

from pathlib import Path

from tests.kills import trial


def test_kill_9_under_eight_writers_loses_nothing_and_does_nothing_twice(tmp_path: Path) -> None:
    outcome = trial.run(tmp_path, kills=4, writers=8, seed=5)
    assert outcome.clean, outcome.told()
    assert outcome.kills == 4, outcome.told()
    assert {item[0] for item in outcome.acknowledged} == {
        "line", "count", "table", "role", "grant", "job",
    }  # fmt: skip
    assert max(outcome.reopened_s) < 20, outcome.told()
