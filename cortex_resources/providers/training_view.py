"""The provider of `TrainingView`."""

from __future__ import annotations

from cortex_resources.errors import ObjectExistsError
from cortex_resources.model import sqltext
from cortex_resources.model.cost import costs, identity
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.views import TrainingView, query_faults
from cortex_resources.plan import views as plan
from cortex_resources.preflight import presence, training_data
from cortex_resources.providers import bag
from cortex_resources.providers.bag import Bag
from cortex_resources.providers.lifecycle import Failures, Inputs, KindProvider
from cortex_resources.providers.seat import Owner, Seat
from cortex_resources.sql import views as sql


def _desired(props: Bag) -> TrainingView:
    return TrainingView(
        name=QualifiedName.parse(bag.text(props, "name"), depth=3),
        query=bag.text(props, "query"),
        comment=bag.text(props, "comment"),
        secure=bag.flag(props, "secure"),
    )


def _found(seat: Seat, name: QualifiedName) -> sql.FoundView | None:
    def look() -> sql.FoundView | None:
        return sql.parse(seat.read(sql.show_in(name.parent))).get(name)

    return presence.sought(look, seat.read, name.parent)


class TrainingViewProvider(KindProvider):
    """Property bag to `TrainingView` and back."""

    named = "name"
    compared = (*costs(TrainingView), "allow_drop", "connection")
    replacing = identity(TrainingView)

    def canonical(self, olds: Bag, news: Inputs) -> Inputs:
        """One spelling; a query that only looks different keeps its old text."""
        desired = _desired(news)
        query = sqltext.kept(bag.text(olds, "query"), desired.query)
        return {**news, "name": str(desired.name), "query": query}

    def faults(self, _olds: Bag, news: Bag) -> Failures:
        """What makes the query unfit to train on."""
        return [("query", text) for text in query_faults(_desired(news).query)]

    def made(self, news: Bag) -> tuple[str, Inputs]:
        """Create the view; where the name is taken, adopt what is provably the same."""
        desired, seat, marker = _desired(news), Seat.of(news), Owner.of(news).text_marker
        training_data.require_columns(desired.query, seat.columns)
        step = plan.create(desired, None, marker)
        try:
            seat.carry_out(step.plan)
        except ObjectExistsError:
            step = plan.create(desired, _found(seat, desired.name), marker)
            seat.carry_out(step.plan)
        return str(desired.name), {"is_owned": step.is_owned}

    def seen(self, props: Bag) -> tuple[Inputs, Inputs] | None:
        """The live view; None when it was dropped."""
        desired, seat = _desired(props), Seat.of(props)
        found = _found(seat, desired.name)
        if found is None:
            return None
        live = plan.observed(desired, found)
        return {"query": live.query, "comment": live.comment, "secure": live.secure}, {}

    def changed(self, olds: Bag, news: Bag) -> Inputs:
        """Replace the query keeping grants, or alter comment and secure."""
        desired, seat = _desired(news), Seat.of(news)
        marker, is_owned = Owner.of(news).text_marker, bag.flag(olds, "is_owned", default=True)
        step = plan.update(desired, _desired(olds), marker, is_owned=is_owned)
        seat.carry_out(step)
        return {"is_owned": is_owned}

    def removed(self, props: Bag) -> None:
        """Drop the view if it is ours and the stack may."""
        desired, seat = _desired(props), Seat.of(props)
        found = _found(seat, desired.name)
        is_owned = bag.flag(props, "is_owned", default=True)
        allow_drop, marker = bag.flag(props, "allow_drop"), Owner.of(props).text_marker
        step = plan.drop(desired, found, marker, is_owned=is_owned, allow_drop=allow_drop)
        seat.carry_out(step)
