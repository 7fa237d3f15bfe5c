"""A bounded sample of `make fuzz`."""

from __future__ import annotations

from cortex_resources.emulator.server import LocalAccount
from tests.fuzz import requests
from tests.fuzz.watch import Where


def test_no_mutated_request_breaks_the_account_or_is_answered_with_5xx() -> None:
    with LocalAccount() as local:
        where = Where(local.host, local.port, local.user, local.password)
        fuzzer = requests.Fuzzer(where, seed=7)
        tally = fuzzer.run(500)
        assert tally.broken == []
        assert fuzzer.alive()
    assert tally.statuses["200"] > 200
    assert tally.slowest < requests.SLOWEST_S


def test_the_same_seed_makes_the_same_requests() -> None:
    where = Where("127.0.0.1", 1, "u", "p")
    first, second = (requests.Fuzzer(where, seed=3) for _ in range(2))
    assert [first.request() for _ in range(50)] == [second.request() for _ in range(50)]
