"""A kind that behaves as badly as code can; for tests of the guard around every method."""

from __future__ import annotations

from typing import Any

from cortex_resources.providers.bag import Bag
from cortex_resources.providers.lifecycle import Failures, Inputs, KindProvider

SECRET = "row-of-mine-4711"


class RudeProvider(KindProvider):
    """Does what `manner` says in every verb."""

    compared = ("manner",)
    replacing = frozenset()

    def canonical(self, _olds: Bag, news: Inputs) -> Inputs:
        return news

    def faults(self, _olds: Bag, news: Bag) -> Failures:
        if news.get("in_check"):
            _behave(news)
        return []

    def made(self, news: Bag) -> tuple[str, Inputs]:
        _behave(news)
        return "id", {}

    def seen(self, props: Bag) -> tuple[Inputs, Inputs] | None:
        _behave(props)
        return {}, {}

    def changed(self, _olds: Bag, news: Bag) -> Inputs:
        _behave(news)
        return {}

    def removed(self, props: Bag) -> None:
        _behave(props)


def _behave(props: Bag) -> None:
    errors: dict[str, type[BaseException]] = {
        "exit": SystemExit,
        "interrupt": KeyboardInterrupt,
        "value": ValueError,
    }
    made: Any = errors[str(props["manner"])]
    try:
        raise KeyError(SECRET)
    except KeyError as first:
        raise made(SECRET) from first
