"""Losses computed from the data: how far the nearest pair's completion is from the true one.

For each sampled pair the completion of the nearest *other* training prompt is compared with the
true completion by the overlap of their words (F1). The loss is the mean of `-ln(overlap)`, the
overlap held above e^-4: 0 when the data answers itself, 4 when it never does. The training loss
is divided by the square root of the epochs, since repetition fits what was seen. Large data sets
are represented by pairs evenly spaced. These figures rank data sets; they are not those that
Snowflake would report.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Final

from cortex_resources.emulator.finetune.pairs import Pair
from cortex_resources.emulator.finetune.retrieval import Index, words

READ: Final = 500  # pairs of a job that are looked at
_SAMPLE: Final = 50
_FLOOR: Final = math.exp(-4)
_SPLIT_EVERY: Final = 10


def split(pairs: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Every tenth pair for validation, the rest for training; none from fewer than ten."""
    valid = list(pairs[_SPLIT_EVERY - 1 :: _SPLIT_EVERY])
    train = [pair for position, pair in enumerate(pairs) if (position + 1) % _SPLIT_EVERY]
    return train, valid


def overlap(one: str, other: str) -> float:
    """The F1 of the words that two texts share."""
    left, right = Counter(words(one)), Counter(words(other))
    shared = sum((left & right).values())
    total = sum(left.values()) + sum(right.values())
    return 2 * shared / total if total else 1.0


def training(index: Index, pairs: Sequence[Pair], epochs: int) -> float:
    """The loss on the training pairs, each answered by the others."""
    step = max(1, len(pairs) // _SAMPLE)
    chosen = range(0, len(pairs), step)
    losses = [_loss(pairs, index.nearest(pairs[at][0], without=at), pairs[at][1]) for at in chosen]
    return round(sum(losses) / max(1, len(losses)) / math.sqrt(epochs), 6)


def validation(index: Index, pairs: Sequence[Pair], held_out: Sequence[Pair]) -> float | None:
    """The loss on pairs that were not trained on; None without any."""
    step = max(1, len(held_out) // _SAMPLE)
    chosen = list(held_out[::step])
    if not chosen:
        return None
    losses = [_loss(pairs, index.nearest(prompt), completion) for prompt, completion in chosen]
    return round(sum(losses) / len(losses), 6)


def _loss(pairs: Sequence[Pair], nearest: int | None, truth: str) -> float:
    answer = "" if nearest is None else pairs[nearest][1]
    return -math.log(max(overlap(answer, truth), _FLOOR))
