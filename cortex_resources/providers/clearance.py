"""What may go on to the next step: a version that is ready, and that passed its gate.

A hidden property tells the spec hash of the version that may be used now: unknown in a preview
that will train, harvest or evaluate it first, empty where it is not ready or did not pass.
"""

from __future__ import annotations

from cortex_resources.providers import bag
from cortex_resources.providers.bag import Bag

CLEARED = "__cleared"


def may_clear(news: Bag, spec_hash: str) -> bool:
    """Whether the version may be used, or may turn out so before this resource's turn comes."""
    cleared = news.get(CLEARED)
    return bag.has_unknown(cleared) or bag.has_unknown(spec_hash) or cleared == spec_hash


def is_cleared(news: Bag, spec_hash: str) -> bool:
    """Whether the version may be used now."""
    return bool(spec_hash) and news.get(CLEARED) == spec_hash
