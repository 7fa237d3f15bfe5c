"""Rates and durations read what they write."""

from __future__ import annotations

import datetime

import pytest

from cortex_resources.errors import InvalidNameError
from cortex_resources.model.guard import Pace, Rate, seconds_of
from cortex_resources.model.policy import Policy


def test_a_rate_is_read_back() -> None:
    rate = Rate(1.92, datetime.date(2026, 11, 1))
    assert str(rate) == "1.92 credits per million tokens (2026-11-01)"
    assert Rate.parse(str(rate)) == rate
    assert Rate.parse("") is None
    assert rate.credits(500_000) == pytest.approx(0.96)


@pytest.mark.parametrize(("text", "seconds"), [("30m", 1_800), ("12h", 43_200), (" 7d ", 604_800)])
def test_a_duration_is_minutes_hours_or_days(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "7", "0d", "1w", "-1d", "1.5h", "1d 2h", "100000d"])
def test_another_text_is_no_duration(text: str) -> None:
    with pytest.raises(InvalidNameError, match="is no duration"):
        seconds_of(text)


def test_a_policy_gives_its_pace() -> None:
    assert Policy().pace == Pace()
    policy = Policy(max_concurrent_jobs=2, min_retrain_interval="1d", max_retrains_30d=5)
    assert policy.pace == Pace(2, 86_400, 5)
