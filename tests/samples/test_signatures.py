"""How calls are shown: no address, no set order, words a reader can use."""

from __future__ import annotations

from enum import Enum
from typing import Any

from samples import signatures


class Colour(Enum):
    RED = 1


def shown(raw: Any) -> str:
    return str(signatures.signature_of(raw, bound=False))


def test_defaults_that_print_differently_in_each_run_are_left_out() -> None:
    def opened(a: int, b: object = object(), c: frozenset[str] = frozenset("ab")) -> None: ...

    assert shown(opened) == "(a, b=..., c=...)"


def test_plain_defaults_classes_and_enums_are_kept() -> None:
    def opened(a: object = (1, "x"), b: type = int, c: Colour = Colour.RED) -> None: ...

    assert shown(opened) == "(a=(1, 'x'), b=int, c=Colour.RED)"


def test_a_method_is_shown_as_its_caller_sees_it() -> None:
    assert str(signatures.signature_of(str.join, bound=True)) == "(iterable, /)"


def test_what_the_interpreter_does_not_know_is_none() -> None:
    assert signatures.signature_of(42, bound=False) is None


def test_a_sentence_tells_needed_optional_and_further_arguments() -> None:
    def copy(src: str, dst: str, *rest: str, deep: bool = False, **options: str) -> None: ...

    known = signatures.signature_of(copy, bound=False)
    assert known is not None
    assert signatures.sentence("copy", known) == (
        "copy needs src and dst; optional is deep (default False); "
        "further positional arguments go to rest; further keyword arguments go to options."
    )
