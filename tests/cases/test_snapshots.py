"""Golden cases of frozen rows: taken once, adopted, dropped or kept, never taken again silently."""

from __future__ import annotations

from typing import Any

import pytest

from cortex_resources.errors import OwnershipError
from cortex_resources.model.effects import Effect
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.snapshots import DatasetSnapshot
from cortex_resources.plan import snapshots as plan
from cortex_resources.plan.verdict import Plan
from cortex_resources.sql import snapshots as sql
from tests.cases.reading import Case, cases, require

NAME = QualifiedName.parse("DB.ML.FROZEN")
QUERY = "SELECT prompt, completion FROM DB.RAW.T"
MARKER = "cortex-resources p/s/k"
CASES = cases("dataset_snapshot")


def _filled(value: Any, words: dict[str, str]) -> Any:
    if isinstance(value, str):
        return value.format(**words)
    if isinstance(value, dict):
        return {key: _filled(item, words) for key, item in value.items()}
    return [_filled(item, words) for item in value] if isinstance(value, list) else value


def _found(table: QualifiedName, observed: Case | None) -> sql.FoundTable | None:
    if observed is None:
        return None
    database, schema, name = table.parts
    row = {"database_name": database, "schema_name": schema, "name": name, **observed}
    return sql.parse([row])[table]


def _plan(case: Case, desired: DatasetSnapshot, found: sql.FoundTable | None) -> Plan:
    if case["do"] == "create":
        return plan.create(desired, found, MARKER)
    return plan.drop(desired.table, found, MARKER, allow_drop=case.get("allow_drop", False))


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_snapshots(case: Case) -> None:
    desired = DatasetSnapshot(NAME, QUERY, **case.get("desired", {}))
    words = {
        "table": str(desired.table),
        "marker": MARKER,
        "sibling": "cortex-resources p/s/other",
        "foreign": "cortex-resources p/other/k",
    }
    case = _filled(case, words)
    found = _found(desired.table, case.get("observed"))
    if case["do"] == "look":
        assert plan.notices(desired.table, found, case["taken"]) == case.get("notes", [])
        return
    if "error" in case:
        with pytest.raises(OwnershipError) as caught:
            _plan(case, desired, found)
        assert caught.value.what == case["error"]
        assert caught.value.hint
        return
    require(_plan(case, desired, found), case)


def test_equal_content_is_one_table_and_looks_do_not_count() -> None:
    taken = DatasetSnapshot(NAME, QUERY)
    assert str(taken.table) == "DB.ML.FROZEN__FDBE0922BE"
    assert DatasetSnapshot(NAME, QUERY.lower() + " -- all", comment="x").table == taken.table
    assert DatasetSnapshot(NAME, QUERY, as_of="2026-11").table != taken.table
    assert taken.training_query == f"SELECT PROMPT, COMPLETION FROM {taken.table}"


def test_tables_are_read_by_name() -> None:
    assert sql.show(NAME).text == "SHOW TABLES LIKE 'FROZEN' IN SCHEMA DB.ML"
    assert sql.show(NAME).effect is Effect.READ
    found = _found(NAME, {"comment": "mine\n[cortex-resources p/s/k]"})
    assert found == sql.FoundTable(NAME, "mine", MARKER, None)
