"""What models answer: a tuned one from its pairs, a base model with a labelled stand-in."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

import _duckdb as duckdb

from cortex_resources.emulator.finetune import pairs
from cortex_resources.emulator.finetune.pairs import Pair
from cortex_resources.emulator.finetune.retrieval import Index

_KEPT: Final = 8
INDEXED: Final = 20_000  # pairs of a model that take part in the search for the nearest


class Answers:
    """Indexes of the models asked lately."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._loaded: OrderedDict[str, tuple[Index, list[Pair]]] = OrderedDict()

    def _load(self, job: str) -> tuple[Index, list[Pair]]:
        if job not in self._loaded:
            # A cursor of its own: this may run inside a query on the connection.
            with self._connection.cursor() as cursor:
                train = pairs.sample(cursor, job, pairs.TRAIN, INDEXED)
            self._loaded[job] = Index([prompt for prompt, _ in train]), train
            while len(self._loaded) > _KEPT:
                self._loaded.popitem(last=False)
        self._loaded.move_to_end(job)
        return self._loaded[job]

    def forget(self, job: str) -> None:
        """Let go of a job's index."""
        self._loaded.pop(job, None)

    def tuned(self, job: str, prompt: str) -> str:
        """The completion of that training prompt, or of the nearest one.

        Where none shares a word with it the answer is a stand-in: a model never answers nothing.
        """
        index, train = self._load(job)
        nearest = index.exact(prompt)
        if nearest is None and len(train) > INDEXED // 2:
            with self._connection.cursor() as cursor:
                known = pairs.exact(cursor, job, prompt)
            if known is not None:
                return known
        nearest = index.nearest(prompt) if nearest is None else nearest
        return _strange(prompt) if nearest is None else train[nearest][1]


def stand_in(base_model: str, prompt: str) -> str:
    """What a base model says here: clearly no answer of a real model."""
    return f"[stand-in for base model {base_model}: no model runs here] {prompt[:200]}"


def _strange(prompt: str) -> str:
    return f"[stand-in: no training prompt shares a word, no model runs here] {prompt[:200]}"


def last_question(prompt: Any) -> str:
    """The text to answer: the prompt itself, or the last user message of a history."""
    if isinstance(prompt, str):
        return prompt
    messages = prompt if isinstance(prompt, list) else []
    asked = [m for m in messages if isinstance(m, dict) and m.get("role") == "user"]
    last = (asked or [m for m in messages if isinstance(m, dict)] or [{}])[-1]
    return str(last.get("content", ""))
