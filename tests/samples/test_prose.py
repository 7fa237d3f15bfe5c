"""How docstrings become sentences."""

from __future__ import annotations

import pytest

from samples import prose


@pytest.mark.parametrize(
    ("doc", "short", "call", "text"),
    [
        ("vars([object]) -> dictionary\n\nWithout arguments, …", "vars", "vars([object])",
         "Without arguments, …"),
        ("S.reverse() -- reverse *IN PLACE*", "reverse", "S.reverse()", "Reverse *IN PLACE*"),
        ("od.pop(key[,default]) -> v, remove specified key and return.", "pop",
         "od.pop(key[,default])", "Remove specified key and return."),
        ("Return f(x).", "f", "", "Return f(x)."),
        ("throw(value)\nthrow(type[,value])\n\nRaise it.", "throw", "throw(value)", "Raise it."),
    ],
)  # fmt: skip
def test_the_call_that_opens_a_docstring_is_taken_off(
    doc: str, short: str, call: str, text: str
) -> None:
    assert prose.without_call(doc, short) == (call, text)


def test_a_summary_is_the_prose_before_lists_and_examples() -> None:
    doc = "Split it\n\nBoth parts may be\nempty.\n\n  sep\n    The separator.\n\n>>> split()"
    assert prose.summary(doc) == "Split it. Both parts may be empty."


def test_a_summary_ends_before_a_list_is_announced() -> None:
    assert prose.summary("Start it.\n\nThe options are as follows:\n\n- a") == "Start it."


def test_raising_gives_the_sentences_that_name_an_exception() -> None:
    doc = "Remove it.\n\nRaises ValueError if the value\nis not present. Then stop."
    assert prose.raising(doc) == ["Raises ValueError if the value is not present."]


def test_arguments_are_read_in_both_usual_forms() -> None:
    doc = "Seek.\n\n  whence\n    where it counts\n    from\n\nArgs:\n    fd: a file descriptor"
    assert list(prose.arguments(doc)) == [
        ("whence", "Where it counts from."),
        ("fd", "A file descriptor."),
    ]


@pytest.mark.parametrize(
    ("doc", "text"),
    [
        ("bdb: Debugger basics", "Debugger basics"),
        ("bdb.py - Debugger", "Debugger"),
        ("bdb\n~~~\n\nIt debugs.", "It debugs."),
        ("bdb\n\nIt debugs.", "It debugs."),
        ("r = bdb(x)\nfor y in r:\n\nIt debugs.", "It debugs."),
        ("allow to debug", "Allow to debug"),
        ("dump_all() is first", "dump_all() is first"),
        ("The bdb: it debugs a == b.", "The bdb: it debugs a == b."),
    ],
)
def test_titles_code_and_the_own_name_are_not_part_of_an_answer(doc: str, text: str) -> None:
    assert prose.without_heading(doc, "bdb") == text
