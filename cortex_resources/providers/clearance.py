"""What may go on to the next step: a version that is ready, and that passed its gate.

The program tells in `__cleared` the hash of that version: unknown in a preview that will train,
harvest or evaluate it first, empty where it is not ready or did not pass. `check` makes `__held` of
it, which is there only while the declared version may not go on: it is never compared, because
nothing changes while something only waits.
"""

from __future__ import annotations

from collections.abc import Callable

from cortex_resources.providers import bag
from cortex_resources.providers.bag import Bag
from cortex_resources.providers.lifecycle import Inputs

CLEARED = "__cleared"
HELD = "__held"


def held(news: Bag, is_cleared: Callable[[str], bool]) -> Inputs:
    """The property that holds a resource back; none where its version may go on.

    A preview that does not know it yet holds nothing back: it shows what will happen then.

    Arguments:
        news: what the program declares.
        is_cleared: whether the version with that hash is the one that is declared.
    """
    cleared = news.get(CLEARED)
    if bag.has_unknown(cleared) or is_cleared(str(cleared or "")):
        return {}
    return {HELD: True}


def is_held(news: Bag) -> bool:
    """Whether the declared version may not go on yet."""
    return bool(news.get(HELD))
