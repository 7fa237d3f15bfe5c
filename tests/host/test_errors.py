"""What leaves the host: one line, no traceback, no secret, no row; and always an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.host.place import Place, Row
from tests.host.process import Bag, Host, RefusedError, provider_string
from tests.host.rude_provider import SECRET, RudeProvider

ROW = "row-of-training-5150"
PASSWORD = "password-of-mine-8086"


def _one_line(refused: pytest.ExceptionInfo[RefusedError]) -> str:
    text = str(refused.value).strip()
    assert "\n" not in text
    assert "Traceback" not in text
    assert "During handling" not in text
    assert "cortex_resources." not in text
    assert text.startswith("UNKNOWN: cortex-resources: ")
    return text


def _rude(manner: str, **more: Any) -> Bag:
    return {"__provider": provider_string(RudeProvider), "manner": manner, **more}


def _calls(host: Host, props: Bag) -> dict[str, Callable[[], object]]:
    return {
        "create": lambda: host.create(props),
        "read": lambda: host.read("id", props),
        "update": lambda: host.update("id", props, props),
        "delete": lambda: host.delete("id", props),
        "check": lambda: host.check({**props, "in_check": True}),
    }


@pytest.mark.parametrize("manner", ["exit", "interrupt", "value"])
@pytest.mark.parametrize("verb", ["create", "read", "update", "delete", "check"])
def test_whatever_a_kind_raises_the_call_ends_with_one_clean_line(
    place: Place, manner: str, verb: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        _calls(place.host, _rude(manner))[verb]()
    assert SECRET not in _one_line(refused)


def test_rude_kinds_use_up_no_thread_of_the_host(place: Place) -> None:
    for _ in range(6):
        with pytest.raises(RefusedError):
            place.host.create(_rude("exit"))
    assert Row(place).up(place.view()) == "create"


def test_a_wrong_password_is_one_line_without_it_and_asked_once(
    place: Place, new_host: Callable[..., Host]
) -> None:
    host = new_host(SNOWFLAKE_PASSWORD=PASSWORD)
    logins = place.admin.call("state")["logins"]
    for declared in (place.view(), place.job(), place.privileges(f"USAGE to ROLE {place.db}_APP")):
        with pytest.raises(RefusedError) as refused:
            host.create(declared)
        assert "password is wrong" in _one_line(refused)
    assert place.admin.call("state")["logins"] == logins
    assert PASSWORD not in host.said


@pytest.mark.parametrize(
    ("errno", "sqlstate"), [(100038, "22018"), (1003, "42000"), (2003, "42S02"), (604, "57014")]
)
def test_a_failing_statement_that_quotes_a_row_is_reported_without_it(
    place: Place, new_host: Callable[..., Host], errno: int, sqlstate: str
) -> None:
    host = new_host()
    job, artifact = place.trained()
    message = f"Numeric value '{ROW}' is not recognized"
    place.fault(match=".", action="error", errno=errno, sqlstate=sqlstate, message=message, times=0)
    trials: list[Callable[[], object]] = [
        lambda: host.create(place.view()),
        lambda: host.create(place.job(max_epochs=4)),
        lambda: host.create(place.privileges(f"USAGE to ROLE {place.db}_APP")),
        lambda: host.create(place.roles(f"ROLE {place.db}_TRAINER")),
        lambda: host.create(place.artifact(job)),
        lambda: host.read(artifact.id, artifact.outs),
        lambda: host.delete(artifact.id, artifact.outs),
    ]
    for trial in trials:
        with pytest.raises(RefusedError) as refused:
            trial()
        _one_line(refused)
    assert ROW not in host.said


def test_rows_of_the_training_data_are_in_no_reply(
    place: Place, new_host: Callable[..., Host]
) -> None:
    place.sql(f"INSERT INTO {{db}}.ML.PAIRS VALUES ('{ROW}', '{ROW}')")
    host = new_host()
    mine = Place(place.account, host, place.db, place.start)
    view = mine.made(mine.view())
    job, row = mine.trained(max_trained_tokens=1_000_000)
    for item in (view, job, row):
        assert item.refresh()
    with pytest.raises(RefusedError, match="would cost about") as refused:
        host.create(mine.job(max_epochs=5, max_trained_tokens=1))
    _one_line(refused)
    row.delete()
    job.delete()
    view.delete()
    assert ROW not in host.said


def test_an_account_that_is_not_there_is_said_with_the_command_that_starts_it(
    place: Place, new_host: Callable[..., Host]
) -> None:
    host = new_host(CORTEX_RESOURCES_LOCAL_PORT="1")
    with pytest.raises(RefusedError) as refused:
        host.create(place.view())
    assert "cortex-resources account start" in _one_line(refused)


def test_errors_can_be_traced_when_asked(place: Place, new_host: Callable[..., Host]) -> None:
    host = new_host(CORTEX_RESOURCES_TRACEBACK="1")
    with pytest.raises(RefusedError, match="Traceback"):
        host.create(_rude("value"))


def test_a_host_writes_nothing_but_its_port(place: Place, new_host: Callable[..., Host]) -> None:
    host = new_host()
    mine = Place(place.account, host, place.db, place.start)
    mine.made(mine.view())
    with pytest.raises(RefusedError):
        host.create(_rude("exit"))
    host.process.terminate()
    rest, _ = host.process.communicate(timeout=10)
    assert rest == ""
    assert host.stderr == ""
