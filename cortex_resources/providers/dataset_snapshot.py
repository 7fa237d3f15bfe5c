"""The provider of `DatasetSnapshot`."""

from __future__ import annotations

from cortex_resources.errors import ObjectExistsError
from cortex_resources.model import sqltext
from cortex_resources.model.cost import costs, identity
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.snapshots import DatasetSnapshot
from cortex_resources.model.views import query_faults
from cortex_resources.plan import snapshots as plan
from cortex_resources.preflight import presence, training_data
from cortex_resources.providers import bag, engine_log
from cortex_resources.providers.bag import Bag
from cortex_resources.providers.lifecycle import Failures, Inputs, KindProvider
from cortex_resources.providers.seat import Owner, Seat
from cortex_resources.sql import snapshots as sql


def _desired(props: Bag) -> DatasetSnapshot:
    return DatasetSnapshot(
        name=QualifiedName.parse(bag.text(props, "name"), depth=3),
        query=bag.text(props, "query"),
        as_of=bag.text(props, "as_of"),
        comment=bag.text(props, "comment"),
    )


def _found(seat: Seat, name: QualifiedName) -> sql.FoundTable | None:
    def look() -> sql.FoundTable | None:
        return sql.parse(seat.read(sql.show(name))).get(name)

    return presence.sought(look, seat.read, name.parent)


class DatasetSnapshotProvider(KindProvider):
    """Property bag to `DatasetSnapshot` and back."""

    named = "table"
    compared = (*costs(DatasetSnapshot), "allow_drop", "connection")
    computed = ("table",)
    replacing = identity(DatasetSnapshot)

    def canonical(self, olds: Bag, news: Inputs) -> Inputs:
        """One spelling and the name that carries the content; looks alone change nothing."""
        desired = _desired(news)
        query = sqltext.kept(bag.text(olds, "query"), desired.query)
        names = {"name": str(desired.name), "table": str(desired.table)}
        return {**news, **names, "query": query}

    def faults(self, _olds: Bag, news: Bag) -> Failures:
        """What makes the query unfit to train on."""
        return [("query", text) for text in query_faults(_desired(news).query)]

    def made(self, news: Bag) -> tuple[str, Inputs]:
        """Take the snapshot; where its name is taken, adopt what is provably the same."""
        desired, seat, marker = _desired(news), Seat.fresh(news), Owner.of(news).text_marker
        training_data.require_columns(desired.query, seat.columns)
        try:
            seat.carry_out(plan.create(desired, None, marker))
        except ObjectExistsError:
            seat.carry_out(plan.create(desired, _found(seat, desired.table), marker))
        return str(desired.table), self._outputs(seat, desired)

    def _outputs(self, seat: Seat, desired: DatasetSnapshot) -> Inputs:
        found = _found(seat, desired.table)
        return {"rows": found.rows if found else None}

    def seen(self, props: Bag) -> tuple[Inputs, Inputs] | None:
        """The live table. A dropped one stays in the state: its rows cannot be taken again."""
        desired = _desired(props)
        found = _found(Seat.of(props), desired.table)
        for notice in plan.notices(desired.table, found, bag.whole(props, "rows")):
            engine_log.warning(notice)
        return ({"comment": found.comment} if found else {}), {}

    def changed(self, olds: Bag, news: Bag) -> Inputs:
        """Write the comment; rows are never touched."""
        desired, seat = _desired(news), Seat.fresh(news)
        if _found(seat, desired.table) is not None and olds.get("comment") != news.get("comment"):
            seat.run(sql.set_comment(desired, Owner.of(news).text_marker))
        return {"rows": bag.whole(olds, "rows")}

    def removed(self, props: Bag) -> None:
        """Drop the table if it is ours and the stack may."""
        desired, marker = _desired(props), Owner.of(props).text_marker
        seat, allow_drop = Seat.fresh(props), bag.flag(props, "allow_drop")
        found = _found(seat, desired.table)
        seat.carry_out(plan.drop(desired.table, found, marker, allow_drop=allow_drop))
