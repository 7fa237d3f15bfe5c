"""What may go on to the next step: a version that is ready, and that passed its gate.

The program tells in `__cleared` which version that is: unknown in a preview that will train,
harvest or evaluate it first, empty where none is ready or passed. `check` makes `__held` of it,
which is there only while what is declared may not go on: it is never compared, because nothing
changes while something only waits. What waits for no version is told nothing and never held.
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
        is_cleared: whether what is declared may go on with that version.
    """
    if CLEARED not in news or bag.has_unknown(cleared := news[CLEARED]) or is_cleared(cleared):
        return {}
    return {HELD: True}


def is_held(news: Bag) -> bool:
    """Whether the declared version may not go on yet."""
    return bool(news.get(HELD))
