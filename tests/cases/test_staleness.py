"""Golden cases of changed rows: what is kept, what retrains, what is only told."""

from __future__ import annotations

import pytest

from cortex_resources.model.effects import Effect
from cortex_resources.model.fingerprints import FingerprintBy, OnDataChange, volatile
from cortex_resources.model.names import QualifiedName
from cortex_resources.plan import staleness
from cortex_resources.plan.staleness import Kept
from cortex_resources.sql import fingerprints
from tests.cases.reading import Case, cases

CASES = cases("staleness")


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_what_is_kept(case: Case) -> None:
    before = Kept(*case["before"]) if "before" in case else None
    by, on_change = FingerprintBy(case["by"]), OnDataChange(case.get("on_change", "report"))
    assert staleness.kept(before, case["live"], by, on_change) == Kept(*case["kept"])
    seen = before.seen if before else ""
    assert staleness.is_stale(seen, case["live"]) == case.get("stale", False)


def test_a_report_tells_how_to_train_again_and_a_retrain_that_it_will() -> None:
    assert "set a new retrain_token" in staleness.notice("DB.ML.M", OnDataChange.REPORT)
    assert "will be trained again" in staleness.notice("DB.ML.M", OnDataChange.RETRAIN)


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("SELECT p, c FROM t", ""),
        ("SELECT p, c FROM t WHERE d < CURRENT_DATE", "CURRENT_DATE"),
        ("SELECT p, c FROM t ORDER BY random() LIMIT 5", "RANDOM"),
        ("SELECT p, c FROM t SAMPLE (10)", "SAMPLE without SEED"),
        ("SELECT p, c FROM t TABLESAMPLE BERNOULLI (10) SEED (7)", ""),
        ("SELECT p, c FROM t SAMPLE SYSTEM (3) REPEATABLE (99)", ""),
        ("SELECT t.seq4, x AS random FROM t", ""),
        ("SELECT 'random()' AS p, \"UUID_STRING\" AS c FROM t -- sysdate()", ""),
    ],
)
def test_a_query_that_gives_other_rows_each_time_is_known(query: str, word: str) -> None:
    assert volatile(query) == word


def test_fingerprints_are_asked_for_without_reading_a_row() -> None:
    tables = [QualifiedName.parse("DB.RAW.T"), QualifiedName.parse('DB.RAW."a\'b"')]
    times = fingerprints.commit_times(tables)
    assert times.effect is Effect.READ
    assert times.text == (
        "SELECT SYSTEM$LAST_CHANGE_COMMIT_TIME('DB.RAW.T') AS T0,"
        " SYSTEM$LAST_CHANGE_COMMIT_TIME('DB.RAW.\"a''b\"') AS T1"
    )
    scan = fingerprints.hashes([" SELECT 1 "])
    assert scan.text == (
        "SELECT (SELECT HASH_AGG(PROMPT, COMPLETION) || ':' || COUNT(*) FROM (SELECT 1)) AS Q0"
    )


def test_several_answers_become_one_short_text() -> None:
    assert fingerprints.parse([{"Q0": "5:2"}]) == "5:2"
    both = fingerprints.parse([{"T0": 1, "T1": 2}])
    assert both == fingerprints.parse([{"T0": 1, "T1": 2}])
    assert both != fingerprints.parse([{"T0": 2, "T1": 1}])
    assert len(both) == 20
