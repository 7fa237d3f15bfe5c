"""A bounded sample of `make fuzz`."""

from __future__ import annotations

from cortex_resources.emulator.server import LocalAccount
from tests.fuzz import statements
from tests.fuzz.mutations import Mutator, corpus
from tests.fuzz.watch import Where


def test_no_mutated_statement_breaks_the_account_or_shows_its_inside() -> None:
    with LocalAccount() as local:
        where = Where(local.host, local.port, local.user, local.password)
        fuzzer = statements.Fuzzer(where, seed=11)
        tally = fuzzer.run(300)
        assert tally.broken == []
        assert fuzzer.alive()
        fuzzer.close()
    assert tally.codes["ok"] > 30
    assert tally.slowest[0] < statements.SLOWEST_S


def test_the_same_seed_makes_the_same_statements() -> None:
    first, second = (Mutator(corpus(), seed=3) for _ in range(2))
    assert [first.statement() for _ in range(50)] == [second.statement() for _ in range(50)]
