"""Every message about a paid job is documented, with its cause and its remedy."""

from __future__ import annotations

import re

import pytest

from tests.messages.document import DOCUMENT, text
from tests.messages.reading import PACKAGE, ROOMS, Message, files, messages, said_in

FOUND = messages()


def test_the_page_is_that_of_the_code() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == text(FOUND), "run `make document`"


@pytest.mark.parametrize("message", FOUND, ids=lambda m: f"{m.where}: {m.what[:40]}")
def test_every_error_and_every_fault_says_what_to_do(message: Message) -> None:
    assert message.cause
    if message.kind != "note" or message.where.endswith("faults"):
        assert message.remedy


@pytest.mark.parametrize("message", FOUND, ids=lambda m: f"{m.where}: {m.what[:40]}")
def test_what_a_constant_says_is_written_out(message: Message) -> None:
    assert not re.search(r"\{[A-Z]", f"{message.what} {message.remedy}")


@pytest.mark.parametrize("room", ["backends", "plan", "preflight", "providers", "resources"])
def test_no_module_that_speaks_is_left_out(room: str) -> None:
    unread = {*PACKAGE.glob(f"{room}/*.py")} - {*files()}
    assert [m.what for file in sorted(unread) for m in said_in(file)] == [], "name it in ROOMS"


def test_every_room_speaks() -> None:
    assert {message.group for message in FOUND} == set(ROOMS)
    for patterns in ROOMS.values():
        assert all(list(PACKAGE.glob(pattern)) for pattern in patterns)
