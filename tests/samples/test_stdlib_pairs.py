"""What the sample rows promise, whichever supported interpreter makes them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from samples import stdlib_pairs
from samples.stdlib_objects import documented
from samples.stdlib_pairs import Pair

ROOT = Path(__file__).parents[2]
_PRINT_PAIRS = """
import json, dataclasses
from samples.stdlib_pairs import pairs
print(json.dumps([dataclasses.astuple(pair) for pair in pairs()]))
"""


@pytest.fixture(scope="module")
def pairs() -> tuple[Pair, ...]:
    return stdlib_pairs.pairs()


def made_elsewhere(hash_seed: str) -> list[list[str]]:
    """The pairs of a fresh process; it must print nothing else, on either stream."""
    finished = subprocess.run(
        [sys.executable, "-c", _PRINT_PAIRS],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert finished.stderr == ""
    rows: list[list[str]] = json.loads(finished.stdout)
    return rows


def test_there_are_at_least_five_thousand_pairs(pairs: tuple[Pair, ...]) -> None:
    assert len(pairs) >= 5000


def test_no_question_is_asked_twice(pairs: tuple[Pair, ...]) -> None:
    assert [q for q, n in Counter(pair.question for pair in pairs).items() if n > 1] == []


def test_every_run_makes_the_same_pairs_and_no_import_prints() -> None:
    assert made_elsewhere("1") == made_elsewhere("2")


def test_the_splits_are_about_eight_one_one(pairs: tuple[Pair, ...]) -> None:
    counts = Counter(pair.split for pair in pairs)
    shares = {split: count / len(pairs) for split, count in counts.items()}
    assert shares == {
        "train": pytest.approx(0.8, abs=0.03),
        "valid": pytest.approx(0.1, abs=0.03),
        "test": pytest.approx(0.1, abs=0.03),
    }


def test_no_object_is_in_two_splits(pairs: tuple[Pair, ...]) -> None:
    split_of = {found.name: stdlib_pairs.split_of(found) for found in documented()}
    about = re.compile(r"(?:module|class|exception|attribute|of|does|is|can|offers) ([\w.]+)")
    strays = [
        pair
        for pair in pairs
        for name in about.findall(pair.question)
        if name in split_of and split_of[name] != pair.split and not _names_another(pair, name)
    ]
    assert strays == []


def _names_another(pair: Pair, name: str) -> bool:
    """Whether the name is part of the question for another reason than being its subject."""
    return pair.question.startswith(("What is the argument", "Which module offers")) and (
        f"of {name} " not in pair.question
    )


def test_no_object_has_two_names() -> None:
    identities = Counter(id(getattr(f.raw, "__func__", f.raw)) for f in documented())
    assert max(identities.values()) == 1


def test_no_answer_is_in_two_splits(pairs: tuple[Pair, ...]) -> None:
    splits: dict[str, set[str]] = {}
    for pair in pairs:
        splits.setdefault(pair.answer, set()).add(pair.split)
    assert [answer for answer, found in splits.items() if len(found) > 1] == []


def test_answers_are_trimmed_single_lines_of_20_to_1200_characters(pairs: tuple[Pair, ...]) -> None:
    odd = [
        pair
        for pair in pairs
        for text in (pair.question, pair.answer)
        if text != " ".join(text.split()) or "\0" in text
    ]
    assert odd == []
    assert all(20 <= len(pair.answer) <= 1200 for pair in pairs)


def test_no_row_tells_an_address_or_a_path_of_this_machine(pairs: tuple[Pair, ...]) -> None:
    telling = re.compile(
        r"0x[0-9a-f]{6}| object at 0x|<function |"
        + "|".join(re.escape(place) for place in (sys.prefix, sys.base_prefix, str(ROOT)))
    )
    assert [p for p in pairs if telling.search(f"{p.question} {p.answer}")] == []


def test_every_row_names_a_module_of_the_standard_library(pairs: tuple[Pair, ...]) -> None:
    roots = {pair.module.partition(".")[0] for pair in pairs}
    assert roots <= sys.stdlib_module_names


def test_what_everybody_asks_is_there(pairs: tuple[Pair, ...]) -> None:
    answers = {pair.question: pair.answer for pair in pairs}
    assert answers["What does os.path.join do?"].startswith("Join two or more pathname components")
    assert answers["What does str.join do?"].startswith("Concatenate any number of strings")
    assert "KeyError" in answers["Which exception can dict.popitem raise, and when?"]


def test_the_fingerprint_follows_the_interpreter_alone() -> None:
    assert stdlib_pairs.fingerprint() == stdlib_pairs.fingerprint()
    assert re.fullmatch(r"[0-9a-f]{16}", stdlib_pairs.fingerprint())
