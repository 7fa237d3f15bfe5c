"""Loading a sample: complete, repeatable, and never at the expense of what somebody else made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from cortex_resources.emulator.server import LocalAccount
from cortex_resources.errors import OwnershipError
from cortex_resources.gateway.recording import Sent
from cortex_resources.gateway.session import Account
from cortex_resources.gateway.settings import resolve
from cortex_resources.model.effects import Effect, Statement
from samples import stdlib_pairs
from samples.layout import LAYOUTS
from samples.load import Loader

SEED = LAYOUTS["seed"]
TABLE = "DOCS_DEV.RAW.DOC_PAIRS"
TRAINING = "CORTEX_SEED.ML.TRAINING_TABLE"


class Bench:
    """One account and the loader of one sample, with everything that is sent."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.sent: list[Sent] = []
        self.said: list[str] = []
        account.recorder.observe(self.sent.append)

    def load(self, stack: str = "dev") -> int:
        self.sent.clear()
        return Loader(self.account, LAYOUTS[stack], self.said.append).load()

    def do(self, *texts: str) -> None:
        for text in texts:
            self.account.run(Statement(text, Effect.CHANGE))

    def value(self, query: str) -> object:
        (row,) = self.account.run(Statement(query, Effect.READ))
        return next(iter(row.values()))

    def names(self, show: str) -> set[str]:
        return {str(row["name"]) for row in self.account.run(Statement(show, Effect.READ))}

    @property
    def changes(self) -> list[str]:
        return [s.statement.text for s in self.sent if s.statement.effect is not Effect.READ]


@pytest.fixture
def bench() -> Iterator[Bench]:
    with LocalAccount() as local:
        settings = replace(resolve("local", environ={}), host=local.host, port=local.port)
        account = Account(settings)
        yield Bench(account)
        account.close()


def test_every_pair_arrives_to_the_letter_and_the_next_load_only_looks(bench: Bench) -> None:
    made = stdlib_pairs.pairs()
    assert bench.load() == len(made)
    rows = bench.account.run(
        Statement(f"SELECT question, answer, module, split FROM {TABLE}", Effect.READ)
    )
    arrived = {tuple(row.values()) for row in rows}
    assert arrived == {(p.question, p.answer, p.module, p.split) for p in made}
    assert len(rows) == len(made)

    assert bench.load() == 0
    assert [sent.statement.effect for sent in bench.sent] == [Effect.READ] * 2
    assert {sent.tag for sent in bench.sent} == {"cortex-resources sample/DOCS_DEV"}


def test_a_load_that_was_cut_off_is_done_again_from_the_start(bench: Bench) -> None:
    loaded = bench.load("seed")
    bench.do(
        f"DELETE FROM {TRAINING} WHERE question LIKE 'What does%'",
        f"COMMENT ON TABLE {TRAINING} IS 'Sample of cortex-resources: loading'",
    )
    again = bench.load("seed")
    assert 0 < again < loaded
    assert bench.value(f"SELECT COUNT(*) FROM {TRAINING}") == again
    assert not any("VALIDATION_TABLE" in text for text in bench.changes)


def test_rows_taken_away_behind_our_back_are_noticed_by_their_number(bench: Bench) -> None:
    bench.load("seed")
    before = bench.value(f"SELECT COUNT(*) FROM {TRAINING}")
    bench.do(f"DELETE FROM {TRAINING} WHERE question LIKE 'What does%'")
    assert bench.load("seed") == before
    assert bench.value(f"SELECT COUNT(*) FROM {TRAINING}") == before


def test_a_dropped_role_comes_back_without_loading_rows(bench: Bench) -> None:
    bench.load("seed")
    bench.do("DROP ROLE CORTEX_SEED_TRAINER")
    assert bench.load("seed") == 0
    assert bench.names("SHOW ROLES LIKE 'CORTEX%'") == {"CORTEX_SEED_TRAINER"}
    assert not any(text.startswith(("INSERT", "TRUNCATE")) for text in bench.changes)


def test_the_small_example_has_its_two_tables_and_its_role(bench: Bench) -> None:
    loaded = bench.load("seed")
    assert bench.names("SHOW TABLES IN SCHEMA CORTEX_SEED.ML") == {t.name for t in SEED.tables}
    columns = "SELECT COUNT(question) + COUNT(answer) FROM CORTEX_SEED.ML.TRAINING_TABLE"
    validation = "SELECT COUNT(prompt) + COUNT(response) FROM CORTEX_SEED.ML.VALIDATION_TABLE"
    counted = [int(str(bench.value(query))) for query in (columns, validation)]
    assert counted[0] > counted[1] > 100
    assert sum(counted) == 2 * loaded
    assert bench.names("SHOW ROLES LIKE 'CORTEX_SEED%'") == set(SEED.roles)
    assert bench.load("seed") == 0


def test_the_administrators_of_objects_may_use_the_roles(bench: Bench) -> None:
    bench.load("seed")
    granted = bench.account.run(Statement("SHOW GRANTS OF ROLE CORTEX_SEED_TRAINER", Effect.READ))
    assert "SYSADMIN" in {str(row["grantee_name"]) for row in granted}


@pytest.mark.parametrize(
    "foreign",
    [
        ["CREATE DATABASE DOCS_DEV"],
        [
            "CREATE DATABASE DOCS_DEV COMMENT = 'Sample of cortex-resources'",
            "CREATE SCHEMA DOCS_DEV.RAW",
            f"CREATE TABLE {TABLE} (a INT)",
        ],
    ],
    ids=["database", "table"],
)
def test_somebody_elses_object_stops_the_load_before_it_changes_anything(
    bench: Bench, foreign: list[str]
) -> None:
    bench.do(*foreign)
    with pytest.raises(OwnershipError, match="is not a sample of this project"):
        bench.load()
    assert bench.changes == []


def test_somebody_elses_role_and_warehouse_stay_as_they_are(bench: Bench) -> None:
    bench.do(
        "CREATE ROLE CORTEX_SEED_TRAINER COMMENT = 'mine'",
        "CREATE WAREHOUSE TRAIN_WH COMMENT = 'mine'",
    )
    bench.load("seed")
    assert not any("CORTEX_SEED_TRAINER" in text for text in bench.changes)
    shown = bench.account.run(Statement("SHOW WAREHOUSES LIKE 'TRAIN_WH'", Effect.READ))
    assert shown[0]["comment"] == "mine"


def test_a_sample_touches_nothing_but_its_own_database(bench: Bench) -> None:
    bench.load("seed")
    named = [text for text in bench.changes if " DATABASE " in text or " TABLE " in text]
    assert named
    assert all("CORTEX_SEED" in text for text in named)
    assert not any(
        text.startswith(("DROP", "CREATE OR REPLACE", "ALTER")) for text in bench.changes
    )


def test_progress_names_the_table_and_how_far_it_is(bench: Bench) -> None:
    bench.load("seed")
    assert bench.said[0].startswith("CORTEX_SEED.ML: made ")
    assert bench.said[-1].startswith("CORTEX_SEED.ML.VALIDATION_TABLE: ")
    bench.said.clear()
    bench.load("seed")
    assert bench.said == ["CORTEX_SEED.ML: the sample rows are there"]
