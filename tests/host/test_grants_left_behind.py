"""A grant whose alias or model leaves the stack is told by the preview, which would be calm."""

from __future__ import annotations

from typing import Any

from tests.host.place import Place, Row
from tests.host.process import Bag


def _on_function(place: Place, on: str = "", **more: Any) -> Bag:
    on = on or f"FUNCTION {place.db}.ML.COMPLETE(VARCHAR)"
    return place.privileges(f"USAGE to ROLE {place.db}_APP", on=on, **more)


def _refused(place: Place, row: Row, declared: Bag) -> str:
    _, failures = place.host.check(declared, row.inputs)
    return "\n".join(reason for _, reason in failures)


def test_a_grant_on_an_alias_that_leaves_is_refused_where_the_function_is_dropped(
    place: Place,
) -> None:
    job, _ = place.trained()
    place.made(place.alias(job))
    row = place.made(_on_function(place))
    told = _refused(place, row, _on_function(place, __foreign=True))
    assert told.startswith(f"FUNCTION {place.db}.ML.COMPLETE(VARCHAR) is an alias that leaves")
    assert "take this grant out with it, or keep the alias" in told
    assert row.up(_on_function(place, __foreign=True, __withheld="allow_drop")) == "same"
    assert "__foreign" not in row.inputs


def test_a_grant_on_a_function_or_an_alias_of_others_stays_calm(place: Place) -> None:
    job, _ = place.trained()
    place.made({**place.alias(job), "__owner": "proj/another/docs"})
    row = place.made(_on_function(place, __foreign=True))
    assert row.up(_on_function(place, __foreign=True)) == "same"
    place.sql("CREATE FUNCTION {db}.ML.PLAIN(N NUMBER) RETURNS NUMBER AS 'N'")
    plain = f"FUNCTION {place.db}.ML.PLAIN(NUMBER)"
    other = place.made(_on_function(place, on=plain, __foreign=True))
    assert other.up(_on_function(place, on=plain, __foreign=True)) == "same"


def test_a_grant_on_a_model_that_leaves_is_refused_unless_its_name_is_there(place: Place) -> None:
    job, _ = place.trained()
    version = f"MODEL {job.inputs['model_name']}"
    row = place.made(_on_function(place, on=version))
    wish = version.rpartition("__")[0]
    left = _on_function(place, on=wish, __foreign=True)
    told = _refused(place, row, left)
    assert told.startswith(f"{wish} leaves the stack, and nothing has that name")
    assert version in told
    place.sql(f"CREATE MODEL {wish.removeprefix('MODEL ')} FROM {version}")
    assert _refused(place, row, left) == ""
