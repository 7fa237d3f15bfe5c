"""What a job would train on is looked at before it is paid: its columns, the text of its view."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cortex_resources.errors import ObjectMissingError, OwnershipError, StatementRefusedError
from cortex_resources.model.jobs import TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.preflight import training_data, view_texts
from tests.unit.test_preflight import JOB, Account, Answer, Rows


def asked(columns: list[str]) -> Callable[[str], list[str]]:
    return lambda _query: columns


def test_columns_are_asked_for_only_where_the_text_is_silent() -> None:
    training_data.require_columns("SELECT prompt, completion FROM t", asked([]))
    training_data.require_columns("SELECT * FROM t", asked(["PROMPT", "COMPLETION", "X"]))
    with pytest.raises(StatementRefusedError, match="no PROMPT and no COMPLETION") as caught:
        training_data.require_columns("SELECT * FROM t", asked(["prompt", "C"]))
    assert "Nothing was submitted" in caught.value.hint
    with pytest.raises(StatementRefusedError, match="gives no COMPLETION column"):
        training_data.require_columns("SELECT f(x), prompt FROM t", asked(["F(X)", "PROMPT"]))


DECLARED = TrainingJob(
    QualifiedName.parse("DB.ML.M"),
    "llama3.1-8b",
    "SELECT prompt, completion FROM DB.ML.V",
    definitions=("SELECT q AS prompt, a AS completion FROM DB.RAW.T",),
)


def _view(text: str) -> Rows:
    named: dict[str, object] = {"database_name": "DB", "schema_name": "ML", "name": "V"}
    return [{**named, "text": text, "comment": "", "is_secure": "false"}]


def test_a_view_with_another_text_than_declared_is_not_trained_on() -> None:
    other = Account({"SHOW VIEWS IN SCHEMA DB.ML": _view("CREATE VIEW V AS SELECT 1 AS prompt")})
    with pytest.raises(OwnershipError, match=r"view DB\.ML\.V reads something else") as caught:
        view_texts.require_declared(DECLARED, other)
    assert "Nothing was submitted" in caught.value.hint


@pytest.mark.parametrize(
    "rows",
    [
        _view("CREATE VIEW V AS /* ours */ select Q as PROMPT, a AS completion FROM DB.RAW.T"),
        _view(""),
        [],
        ObjectMissingError("schema DB.ML is not there"),
    ],
    ids=["as declared", "not readable", "not seen", "schema not seen"],
)
def test_a_view_as_declared_or_not_to_be_seen_is_no_reason_to_refuse(rows: Answer) -> None:
    account = Account({"SHOW VIEWS": rows})
    view_texts.require_declared(DECLARED, account)
    assert len(account.sent) == 1


def test_a_query_of_its_own_is_asked_nothing() -> None:
    view_texts.require_declared(JOB, Account({}))
