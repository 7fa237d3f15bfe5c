"""Reads are shared, and repetition keeps to its bounds."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from cortex_resources.gateway.reads import ReadCache
from cortex_resources.gateway.repetition import Repeater


def test_four_threads_that_ask_the_same_load_once() -> None:
    cache, started, loads = ReadCache(), threading.Barrier(4), []
    release = threading.Event()

    def load() -> list[dict[str, object]]:
        loads.append(1)
        assert release.wait(5)
        return [{"name": "A"}]

    def ask() -> list[dict[str, object]]:
        started.wait(5)
        return cache.get("k", load)

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(ask) for _ in range(4)]
        release.set()
        assert [a.result(5) for a in asked] == [[{"name": "A"}]] * 4
    assert len(loads) == 1


def test_a_caller_may_change_the_rows_it_got() -> None:
    cache = ReadCache()
    cache.get("k", lambda: [{"name": "A"}])[0]["name"] = "B"
    assert cache.get("k", list) == [{"name": "A"}]


def test_a_failure_is_not_kept() -> None:
    cache = ReadCache()

    def fail() -> list[dict[str, object]]:
        raise ValueError("once")

    with pytest.raises(ValueError, match="once"):
        cache.get("k", fail)
    assert cache.get("k", lambda: [{"name": "A"}]) == [{"name": "A"}]


def test_forgetting_lets_those_who_wait_have_their_rows_and_the_next_one_load() -> None:
    cache, loading, release = ReadCache(), threading.Event(), threading.Event()

    def slow() -> list[dict[str, object]]:
        loading.set()
        assert release.wait(5)
        return [{"name": "old"}]

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(cache.get, "k", slow)
        assert loading.wait(5)
        cache.forget()
        assert cache.get("k", lambda: [{"name": "new"}]) == [{"name": "new"}]
        release.set()
        assert waiting.result(5) == [{"name": "old"}]
    assert cache.get("k", list) == [{"name": "new"}]


class Clock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.pauses.append(seconds)


def lost() -> str:
    raise TimeoutError("lost")


def repeater(clock: Clock, attempts: int = 4) -> Repeater:
    return Repeater(attempts=attempts, sleep=clock.sleep, clock=lambda: clock.now)


def test_an_attempt_is_repeated_a_bounded_number_of_times_with_growing_pauses() -> None:
    clock = Clock()
    with pytest.raises(TimeoutError):
        repeater(clock).run(lost, failure=TimeoutError, may_repeat=lambda _: True, within_s=60)
    assert len(clock.pauses) == 3
    assert clock.pauses == sorted(clock.pauses)


def test_nothing_is_repeated_after_the_time_is_up() -> None:
    clock = Clock()
    with pytest.raises(TimeoutError):
        repeater(clock, 100).run(lost, failure=TimeoutError, may_repeat=lambda _: True, within_s=2)
    assert len(clock.pauses) < 5


def test_what_may_not_be_repeated_is_not() -> None:
    clock = Clock()
    with pytest.raises(TimeoutError):
        repeater(clock).run(lost, failure=TimeoutError, may_repeat=lambda _: False, within_s=60)
    assert clock.pauses == []
