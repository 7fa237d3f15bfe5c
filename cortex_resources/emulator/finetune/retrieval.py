"""Finds the training prompt that is nearest to a question.

Nearness is the overlap of words, rare words counting more (tf-idf with cosine); ties go to the
earlier pair. The same question always gets the same answer.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

_WORD: Final = re.compile(r"\w+")
# A word in more than this share of the prompts tells little and costs much.
_COMMON_SHARE: Final = 0.2
_COMMON_FROM: Final = 200
_READ: Final = 4_000  # characters


def words(text: str) -> list[str]:
    """The words of a text, in lower case; of a long one those at its beginning."""
    return _WORD.findall(text[:_READ].lower())


class Index:
    """An inverted index over prompts."""

    def __init__(self, prompts: Sequence[str]) -> None:
        self._exact: dict[str, int] = {}
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        counts: list[Counter[str]] = []
        frequency: Counter[str] = Counter()
        for position, prompt in enumerate(prompts):
            self._exact.setdefault(prompt.strip(), position)
            counted = Counter(words(prompt))
            counts.append(counted)
            frequency.update(counted.keys())
        total = len(prompts)
        self._weight = {
            word: math.log(1 + total / occurrences) for word, occurrences in frequency.items()
        }
        for position, counted in enumerate(counts):
            vector = {word: n * self._weight[word] for word, n in counted.items()}
            length = math.sqrt(sum(value * value for value in vector.values())) or 1.0
            for word, value in vector.items():
                self._postings[word].append((position, value / length))
        self._limit = max(_COMMON_FROM, int(total * _COMMON_SHARE))

    def exact(self, question: str) -> int | None:
        """The position of the first prompt that is the question, outer blanks aside."""
        return self._exact.get(question.strip())

    def nearest(self, question: str, *, without: int | None = None) -> int | None:
        """The position of the nearest prompt; None when no word is shared, `without` left out."""
        exact = self.exact(question)
        if exact is not None and exact != without:
            return exact
        counted = Counter(words(question))
        rare = [word for word in counted if 0 < len(self._postings.get(word, ())) <= self._limit]
        for chosen in (rare, list(counted)):
            scores = self._scores(counted, chosen)
            scores.pop(-1 if without is None else without, None)
            if scores:
                return min(scores, key=lambda position: (-scores[position], position))
        return None

    def _scores(self, counted: Counter[str], chosen: Sequence[str]) -> dict[int, float]:
        scores: dict[int, float] = defaultdict(float)
        for word in chosen:
            weight = counted[word] * self._weight.get(word, 0.0)
            for position, value in self._postings.get(word, ()):
                scores[position] += weight * value
        return scores
