"""Frozen rows in the account: the same rows to train on again."""

from __future__ import annotations

from collections.abc import Callable

from tests.host.conftest import Ear
from tests.host.place import Place
from tests.host.process import Host


def test_rows_that_change_later_are_not_in_the_snapshot(place: Place) -> None:
    row = place.made(place.snapshot())
    place.sql(f"INSERT INTO {place.db}.ML.PAIRS VALUES ('new', 'row')")
    assert row.outs["rows"] == 2
    assert row.up(place.snapshot()) == "same"
    table = row.outs["table"]
    place.sql(f"CREATE TABLE {place.db}.ML.N AS SELECT COUNT(*) AS N FROM {table}")
    row.refresh()
    assert row.inputs["table"] == table


def test_a_new_as_of_takes_another_and_drops_the_old_where_it_may(place: Place) -> None:
    row = place.made(place.snapshot())
    before = row.outs["table"]
    place.sql(f"INSERT INTO {place.db}.ML.PAIRS VALUES ('new', 'row')")
    assert row.up(place.snapshot(as_of="later")) == "replace"
    assert row.outs["rows"] == 3
    assert f"DROP TABLE {before}" in place.statements("DESTROY")


def test_a_comment_changes_in_place(place: Place) -> None:
    row = place.made(place.snapshot())
    assert row.up(place.snapshot(comment="pairs")) == "update"
    assert row.refresh()
    assert row.inputs["comment"] == "pairs"
    assert row.up(place.snapshot(comment="pairs")) == "same"


def test_a_dropped_snapshot_is_told_and_not_taken_again(
    place: Place, new_host: Callable[..., Host], ear: Ear
) -> None:
    row = place.made(place.snapshot())
    place.sql(f"DROP TABLE {row.outs['table']}")
    row.host = new_host(ear.address)
    assert row.refresh()
    assert row.up(place.snapshot()) == "same"
    assert any("was dropped outside this stack" in line for line in ear.lines)


def test_a_table_that_is_not_ours_stays(place: Place) -> None:
    row = place.made(place.snapshot())
    place.sql(f"COMMENT ON TABLE {row.outs['table']} IS 'mine now'")
    row.delete()
    assert place.statements("DESTROY") == []
