"""`python -m tests.messages.document` writes docs/messages.md from the code."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from tests.messages.reading import Message, messages

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "messages.md"

_HEAD = """\
# Messages about paid jobs, their models, and what a stack declares around them

Made from the code by `make document`; a test fails when it is stale. What varies stands in braces
or as …; alternatives are divided by /. Each entry: what is said, what says it and why, what to do.
"""


def text(found: list[Message]) -> str:
    """The page."""
    parts = [_HEAD]
    for group, members in groupby(found, key=lambda message: message.group):
        parts.append(f"## {group}\n")
        parts += [_entry(message) for message in members]
    return "\n".join(parts)


def _entry(message: Message) -> str:
    lines = [f"**{_plain(message.what)}**", ""]
    kind = "a note" if message.kind == "note" else f"`{message.kind}`"
    lines.append(f"- {kind} of `{message.where}`: {_plain(message.cause)}")
    lines.append(f"- What to do: {_plain(message.remedy or 'nothing, it is told to be known.')}")
    return "\n".join([*lines, ""])


def _plain(words: str) -> str:
    """Nothing in a message is markup, its code spans aside."""
    return words.replace("<", "&lt;").replace("*", "\\*").replace("__", "\\_\\_")


if __name__ == "__main__":
    DOCUMENT.write_text(text(messages()), encoding="utf-8")
