"""Golden cases of training views."""

from __future__ import annotations

import pytest

from cortex_resources.errors import OwnershipError
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.views import TrainingView
from cortex_resources.plan import views as plan
from cortex_resources.plan.verdict import Plan
from cortex_resources.sql import views as sql
from tests.cases.reading import Case, cases, require

NAME = QualifiedName.parse("DB.ML.V")
MARKER = "cortex-resources p/s/v"
VIEWS = cases("training_view")


def _found(observed: Case | None) -> sql.FoundView | None:
    if observed is None:
        return None
    row = {
        "database_name": "DB",
        "schema_name": "ML",
        "name": "V",
        "text": observed["text"].replace("{marker}", MARKER),
        "comment": observed.get("comment", ""),
        "is_secure": str(observed.get("secure", False)).lower(),
    }
    return sql.parse([row])[NAME]


def _plan(case: Case, desired: TrainingView, found: sql.FoundView | None) -> Plan:
    is_owned = case.get("is_owned", True)
    if case["do"] == "create":
        step = plan.create(desired, found, MARKER)
        assert step.is_owned is is_owned
        return step.plan
    if case["do"] == "drop":
        may = case.get("allow_drop", False)
        return plan.drop(desired, found, MARKER, is_owned=is_owned, allow_drop=may)
    assert found is not None
    return plan.update(desired, plan.observed(desired, found), MARKER, is_owned=is_owned)


@pytest.mark.parametrize("case", VIEWS.values(), ids=list(VIEWS))
def test_views(case: Case) -> None:
    desired = TrainingView(NAME, **case["desired"])
    found = _found(case.get("observed"))
    if "error" in case:
        with pytest.raises(OwnershipError) as caught:
            _plan(case, desired, found)
        assert caught.value.what == case["error"]
        assert caught.value.hint
        return
    require(_plan(case, desired, found), case)
