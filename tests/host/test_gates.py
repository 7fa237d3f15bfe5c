"""A model is asked once for its scores: when it is ready, and never again for the same answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from cortex_resources.emulator.server import LocalAccount
from tests.host.conftest import Ear
from tests.host.place import Place, Row, until
from tests.host.process import UNKNOWN, Host, RefusedError

ASKED = "AI_COMPLETE"


@pytest.fixture(scope="module")
def shared_host(account: LocalAccount, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A host of these tests alone: one that is yet to change a view refuses no query."""
    with Host(account.port, tmp_path_factory.mktemp("host") / "stderr.txt") as host:
        yield host


def _asked(place: Place) -> int:
    return len(place.statements(word=f"{ASKED}('"))


def test_a_model_is_asked_by_its_name_and_the_losses_of_its_job_are_scores(place: Place) -> None:
    job, artifact = place.trained()
    gate = place.made(place.gate(job))
    (asked,) = place.statements(word=f"{ASKED}('")
    assert f"{ASKED}('{artifact.outs['saved_as']}', q)" in asked
    assert gate.outs["scores"]["length"] >= 1
    assert gate.outs["scores"]["training_loss"] == artifact.outs["metrics"]["training_loss"]


def test_a_refresh_and_a_second_run_send_nothing(place: Place) -> None:
    job, _ = place.trained()
    gate = place.made(place.gate(job))
    before, inputs = place.admin.last, dict(gate.inputs)
    assert gate.refresh()
    assert {k: v for k, v in inputs.items() if not k.startswith("__")} == {
        k: v for k, v in gate.inputs.items() if not k.startswith("__")
    }
    assert gate.up(place.gate(job)) == "same"
    gate.delete()
    assert place.admin.statements(before) == []


def test_a_model_that_is_not_ready_is_asked_by_a_later_run(place: Place) -> None:
    job = place.made(place.job())
    gate = place.made(place.gate(job, is_ready=False))
    assert (_asked(place), gate.outs["evaluated"]) == (0, "")
    assert gate.up(place.gate(job, is_ready=False)) == "same"
    place.advance()
    place.made(place.artifact(job))
    assert gate.up(place.gate(job)) == "update"
    assert (_asked(place), gate.up(place.gate(job))) == (1, "same")


def test_while_it_is_not_known_whether_a_version_is_ready_a_preview_shows_an_update(
    place: Place,
) -> None:
    job, _ = place.trained()
    gate = place.made(place.gate(job))
    news = gate.checked(place.gate(job, spec_hash="b" * 64, __cleared=UNKNOWN))
    assert place.host.diff(gate.id, gate.outs, news)[0] == "unknown"
    same = gate.checked(place.gate(job, __cleared=UNKNOWN))
    assert place.host.diff(gate.id, gate.outs, same)[0] == "none"


def test_a_version_that_was_evaluated_before_is_not_asked_again(place: Place) -> None:
    job, artifact = place.trained()
    gate = place.made(place.gate(job))
    first = gate.outs["scores"]
    job.up(place.job(max_epochs=3))
    place.advance()
    artifact.up(place.artifact(job))
    assert gate.up(place.gate(job)) == "update"
    job.up(place.job())
    artifact.up(place.artifact(job))
    assert gate.up(place.gate(job)) == "update"
    assert gate.outs["scores"] == first
    assert (_asked(place), place.spent) == (2, 2)


def test_a_model_that_was_trained_again_from_the_same_spec_is_asked_again(place: Place) -> None:
    job, artifact = place.trained()
    gate = place.made(place.gate(job))
    for row in (gate, artifact, job):
        row.delete()
        row.lost()
    assert place.models() == []
    job.up(place.job())
    place.advance()
    artifact.up(place.artifact(job))
    assert gate.up(place.gate(job)) == "create"
    assert (_asked(place), place.spent) == (2, 2)


def test_another_query_asks_again_and_one_that_looks_otherwise_does_not(place: Place) -> None:
    job, _ = place.trained()
    declared = place.gate(job)
    gate = place.made(declared)
    looks = declared["query"].replace("SELECT", "select  /* scores */")
    assert gate.up({**declared, "query": looks}) == "same"
    assert gate.up({**declared, "query": declared["query"].replace("MIN", "MAX")}) == "update"
    assert _asked(place) == 2


def test_a_change_of_who_asks_asks_nothing(place: Place) -> None:
    job, _ = place.trained()
    gate = place.made(place.gate(job))
    assert gate.up(place.gate(job, role=f"{place.db}_TRAINER")) == "same"
    assert _asked(place) == 1


def test_an_answer_that_was_lost_is_read_from_history(place: Place) -> None:
    job, _ = place.trained()
    place.fault(match=rf"{ASKED}\('", when="after", action="drop")
    gate = place.made(place.gate(job))
    assert gate.outs["scores"]["length"] >= 1
    assert _asked(place) == 1


def test_a_host_that_died_before_it_read_the_answer_leaves_it_to_the_next_run(
    place: Place, new_host: Callable[..., Host]
) -> None:
    job, _ = place.trained()
    # What follows the answer holds the host until it is dead.
    place.fault(match="'DESCRIBE'", when="before", latency_ms=3000)
    host = new_host()

    def create() -> None:
        with pytest.raises(RefusedError):
            Row(place, host=host).up(place.gate(job))

    thread = threading.Thread(target=create)
    thread.start()
    until(lambda: _asked(place) == 1)
    host.kill()
    thread.join(timeout=30)
    place.admin.call("faults", method="DELETE")
    gate = place.made(place.gate(job))
    assert gate.outs["scores"]["length"] >= 1
    assert _asked(place) == 1


def test_a_query_without_name_and_value_is_refused_before_the_model_is_asked(
    place: Place,
) -> None:
    job, _ = place.trained()
    query = f"SELECT * FROM (SELECT {ASKED}($model, q) AS x FROM {place.db}.ML.PAIRS)"
    _, failures = place.host.check(place.gate(job, query=query))
    assert failures[0][0] == "query"
    with pytest.raises(RefusedError, match="two columns, NAME and VALUE"):
        place.host.create(place.gate(job, query=query))
    assert _asked(place) == 0


TYPO = "SELECT 'length' AS name, MIN(LENGTH(AI_COMPLETE($model, qq))) AS value FROM {db}.ML.PAIRS"


def test_a_query_that_cannot_be_right_is_refused_before_its_model_is_trained(place: Place) -> None:
    query = TYPO.format(db=place.db)
    _, failures = place.host.check(place.job(__gate=query))
    assert failures[0][0] == "model"
    assert f"gate.query of {place.db}.ML.LLAMA cannot be run" in failures[0][1]
    assert "invalid identifier 'QQ'" in failures[0][1]
    _, failures = place.host.check(place.job(__gate=f"SELECT q, a FROM {place.db}.ML.PAIRS"))
    assert "two columns, NAME and VALUE" in failures[0][1]
    fine = place.gate(place.made(place.job()))["query"]
    news, failures = place.host.check(place.job(max_epochs=3, __gate=fine))
    assert failures == []
    assert "__gate" not in news
    assert (_asked(place), place.spent) == (0, 1)


def test_another_query_of_a_model_that_is_there_is_tried_by_the_preview(place: Place) -> None:
    job, _ = place.trained()
    gate = place.made(place.gate(job))
    _, failures = place.host.check(place.gate(job, query=TYPO.format(db=place.db)), gate.inputs)
    assert failures[0][0] == "query"
    assert "invalid identifier 'QQ'" in failures[0][1]


@pytest.mark.parametrize("what", ["a table that is yet to be made", "a view that changes"])
def test_a_query_that_this_run_may_make_right_is_told_and_not_refused(
    place: Place, ear: Ear, new_host: Callable[..., Host], what: str
) -> None:
    host = new_host(ear.address)
    query = TYPO.format(db=place.db).replace("PAIRS", "TRAIN")
    if what == "a view that changes":
        view = Row(place, host=host)
        view.up(place.view())
        more = f"SELECT Q AS prompt, A AS completion, Q AS qq FROM {place.db}.ML.PAIRS"
        host.diff(view.id, view.outs, view.checked(place.view(query=more)))
    assert host.check(place.job(__gate=query))[1] == []
    assert any("does not compile yet" in line for line in ear.lines)
    if what == "a view that changes":
        view.up(place.view(comment="only this"))
        assert "invalid identifier 'QQ'" in host.check(place.job(__gate=query))[1][0][1]


def test_a_role_that_sees_nothing_yet_leaves_the_query_to_the_connections(place: Place) -> None:
    role = f"{place.db}_TRAINER"
    declared = "".join(
        f"{on}\t{privilege} to ROLE {role}\n"
        for on, privilege in (
            (f"DATABASE {place.db}", "USAGE"),
            (f"SCHEMA {place.db}.ML", "USAGE"),
            (f"SCHEMA {place.db}.ML", "CREATE MODEL"),
        )
    )
    job = place.job(role=role, __declared=declared, __gate=TYPO.format(db=place.db))
    assert "invalid identifier 'QQ'" in place.host.check(job)[1][0][1]


def test_rows_that_are_no_scores_are_refused_unquoted_and_not_asked_for_again(
    place: Place,
) -> None:
    job, _ = place.trained()
    query = f"SELECT 'one' AS name, a || {ASKED}($model, q) AS value FROM {place.db}.ML.PAIRS"
    for _ in range(2):
        with pytest.raises(RefusedError, match="2 rows with 1 different names") as caught:
            place.made(place.gate(job, query=query))
        assert "a sequence" not in str(caught.value)
    assert _asked(place) == 1


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("q AS name, 1 AS value", {}),
        ("'x' AS name, 'NaN'::FLOAT AS value", {"x": "nan, no finite number"}),
    ],
)
def test_neither_rows_nor_what_is_no_number_reach_the_state(
    place: Place, rows: str, told: dict[str, str]
) -> None:
    job, _ = place.trained()
    asked = f"SELECT {rows} FROM {place.db}.ML.PAIRS WHERE {ASKED}($model, q) <> '' LIMIT 1"
    if told:
        scores = place.made(place.gate(job, query=asked)).outs["scores"]
        assert {**scores, **told} == scores
        return
    with pytest.raises(RefusedError, match="NAME that cannot be a score's") as caught:
        place.made(place.gate(job, query=asked))
    assert "what is a" not in str(caught.value)


def test_where_the_name_was_taken_the_model_is_asked_under_its_real_name(place: Place) -> None:
    job, name = place.suffixed()
    real = place.made(place.artifact(job)).outs["saved_as"]
    place.made(place.gate(job))
    (asked,) = place.statements(word=f"{ASKED}('")
    assert real == f"{name}_2"
    assert f"{ASKED}('{real}', q)" in asked


def test_a_model_that_is_gone_is_told_by_its_name(place: Place) -> None:
    job, _ = place.trained()
    place.sql(f"DROP MODEL {job.inputs['model_name']}")
    with pytest.raises(RefusedError, match="is not there, or this role does not see it"):
        place.made(place.gate(job))


def test_what_will_be_asked_is_told_before(
    place: Place, ear: Ear, new_host: Callable[..., Host]
) -> None:
    job, _ = place.trained()
    gate = place.made(place.gate(job))
    host = new_host(ear.address)
    host.check(place.gate(job))
    assert len([line for line in ear.lines if "will be evaluated" in line]) == 1
    ear.lines.clear()
    # One host says a sentence once.
    host = new_host(ear.address)
    news, _ = host.check(
        place.gate(job, query=place.gate(job)["query"].replace("MIN", "MAX")), gate.inputs
    )
    assert host.diff(gate.id, gate.outs, news)[0] == "unknown"
    assert any("will be evaluated by the gate" in line for line in ear.lines)
