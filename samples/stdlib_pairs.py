"""Questions and answers about Python, made from the documentation of the running interpreter.

The same interpreter gives the same pairs in every run. All pairs of one object, and of objects
that share a text, are in one split, so that a test question is never answered by the training rows.
"""

from __future__ import annotations

import os
import re
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from samples.questions import Asked, asked_of, draw
from samples.stdlib_objects import Documented, documented

SHORTEST_ANSWER, LONGEST_ANSWER = 20, 1200
"""Characters an answer has at least and at most."""

_SOURCES = ("stdlib_pairs", "stdlib_objects", "questions", "prose", "signatures", "layout")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}|<[\w.]+ object\b|<function ")


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of sample data."""

    question: str
    answer: str
    module: str
    split: str


@cache
def pairs(only: str = "") -> tuple[Pair, ...]:
    """Every pair, in an order that is the same in every run; or quickly those of one module."""
    objects = list(documented(only))
    counts = Counter(found.short for found in objects)
    unique = {name for name, count in counts.items() if count == 1}
    private = _machine_paths()
    made: dict[str, Pair] = {}
    split_with: dict[str, str] = {}
    for found in objects:
        split = split_of(found)
        for asked in asked_of(found, unique):
            # Two objects may be described in the same words: those words stay in one split.
            if _is_fit(asked, private) and split_with.setdefault(asked.answer, split) == split:
                pair = Pair(asked.question, asked.answer, found.module, split)
                made.setdefault(asked.question, pair)
    return tuple(made.values())


def split_of(found: Documented) -> str:
    """`train` for eight of ten objects, `valid` and `test` for one each."""
    side = draw(found.name, "split", 10)
    return {0: "valid", 1: "test"}.get(side, "train")


def fingerprint() -> str:
    """What decides the pairs, as a short hash: known without making them."""
    digest = sha256(f"{sys.version} {sys.platform}".encode())
    for name in _SOURCES:
        digest.update(Path(__file__).with_name(f"{name}.py").read_bytes())
    return digest.hexdigest()[:16]


def _machine_paths() -> tuple[str, ...]:
    """Places of this machine that no row may tell."""
    known = [sys.prefix, sys.base_prefix, sysconfig.get_path("stdlib"), str(Path.home())]
    known += [os.getcwd(), str(Path(__file__).resolve().parent)]
    return tuple(path for path in known if len(path) > 4)


def _is_fit(asked: Asked, private: tuple[str, ...]) -> bool:
    if not SHORTEST_ANSWER <= len(asked.answer) <= LONGEST_ANSWER:
        return False
    text = f"{asked.question} {asked.answer}"
    return not _ADDRESS.search(text) and not any(path in text for path in private)


def _counts(made: Sequence[Pair]) -> Iterator[str]:
    splits = Counter(pair.split for pair in made)
    yield f"{len(made)} pairs of {len({pair.module for pair in made})} modules"
    yield ", ".join(f"{splits[name]} {name}" for name in ("train", "valid", "test"))


if __name__ == "__main__":
    print("; ".join(_counts(pairs())))
