"""Docstrings as text for people: paragraphs, sentences, the calls and arguments they describe."""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST_SUMMARY = 450
"""Characters after which a summary takes no further paragraph."""

_ROLE = re.compile(r":[a-z]+:`~?([^`]+)`")
_CALL = re.compile(
    r"(?:[\w, ]+ = |async )?(?P<call>[\w.]+\s?\(.*?\)+\]*)\s*"
    r"(?:(?P<arrow>->|--|=>|:)\s*(?P<rest>.*))?"
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`'\"(*])")
_RAISES = re.compile(
    r"\b(?:[Rr]ais(?:es?|ing)|RAISES?)\b.*?\b[A-Z]\w*(?:Error|Exception|Warning|Exit|Interrupt|"
    r"Iteration|Empty|Full)\b"
)
_CLINIC = re.compile(r"^  (\w+)\n((?: {4,}\S.*(?:\n|\Z))+)", re.MULTILINE)
_LISTED = re.compile(r"^[ ]+(\w+)[ ]*(?::|--?)[ ]+(\S.*(?:\n[ ]{6,}\S.*)*)", re.MULTILINE)
_TITLE = re.compile(r"\A.+\n[~=-]{3,}\n+")
_CODE = re.compile(r"\A[\w, ()\[\]]+ ?=[^=>](?:.|\n(?!\n))*(?:\n\n|\Z)")
_ABOUT_AUTHORS = re.compile(r"[Cc]opyright|\b[Bb]y [A-Z]\w+ [A-Z]|\bX{3}\b|\w@\w|automatically gen")
_NOT_PROSE = re.compile(r"^(?:\s|>>>|\.\.\.|[-*+|#=]|\.\. |\w+:$)")


def without_call(doc: str, short: str) -> tuple[str, str]:
    """Take the call that opens the docstrings of many C functions off.

    Returns:
        The call as the docstring shows it, or the empty string, and the text that remains.
    """
    first, _, rest = doc.partition("\n")
    match = _CALL.fullmatch(first.strip())
    if match is None or not re.search(rf"\b{re.escape(short)}\s?\(", match["call"]):
        return "", doc
    after = _described(match["arrow"] or "", match["rest"] or "")
    _, remaining = without_call(rest.lstrip("\n"), short) if rest and not after else ("", rest)
    glue = "" if after.endswith(".") or not remaining.strip() else "\n"
    return match["call"], f"{after}{glue}{remaining}".strip()


def without_heading(doc: str, name: str) -> str:
    """Take titles, code and the object's own name off the front: what is left is a sentence."""
    text = _CODE.sub("", _TITLE.sub("", doc)).strip()
    label = rf"{re.escape(name)}(?:\.py)?(?: module)?"
    text = re.sub(rf"\A{label}\s*(?:--?|:|\n\n)\s*", "", text)
    return capitalised(text) if re.match(r"[a-z]+\s", text) else text


def _described(arrow: str, rest: str) -> str:
    """The sentence beside a call, as in `pop() -> v, remove and return an item`."""
    if arrow in ("->", "=>"):
        found = re.match(r"[^,.]+[,.]\s+(\w+\s+\w+\s+.*)", rest)
        rest = found[1] if found else ""
    return capitalised(rest)


def capitalised(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def joined(text: str) -> str:
    """One line of the text's words, without markup."""
    return " ".join(_ROLE.sub(r"\1", text).replace("``", "`").split())


def summary(text: str) -> str:
    """The opening paragraph and what prose follows it, one line, ended like a sentence."""
    kept: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        if ">>>" in paragraph:
            break
        line = joined(paragraph)
        follows = bool(kept)
        if follows and (_shown(paragraph) or len(" ".join(kept)) + len(line) > LONGEST_SUMMARY):
            break
        if not (follows and line.endswith(":")):
            kept.append(_ended(line))
    return _shortened(" ".join(kept))


def _shown(paragraph: str) -> bool:
    """Whether a paragraph is a list, a table, an example or a heading."""
    lines = paragraph.splitlines()
    return any(_NOT_PROSE.match(line) for line in lines) or len(joined(paragraph)) < 15


def _shortened(text: str) -> str:
    kept = ""
    for sentence in sentences(text):
        if _ABOUT_AUTHORS.search(sentence):
            continue
        if kept and len(kept) + len(sentence) > 2 * LONGEST_SUMMARY:
            break
        kept = f"{kept} {sentence}".strip()
    return kept


def _ended(text: str) -> str:
    text = text.rstrip(" :;,-")
    return text if text.endswith((".", "!", "?", ")", '"')) or not text else f"{text}."


def sentences(text: str) -> list[str]:
    """The sentences of one line of text."""
    return [part for part in _SENTENCE_END.split(text) if part]


def raising(text: str) -> list[str]:
    """The sentences that name an exception and say that it is raised."""
    return [
        sentence
        for paragraph in re.split(r"\n\s*\n", text)
        if ">>>" not in paragraph
        for sentence in sentences(joined(paragraph))
        if _RAISES.search(sentence) and len(sentence) < 400
    ]


def arguments(text: str) -> Iterator[tuple[str, str]]:
    """The arguments that the text describes one by one, with their descriptions."""
    for pattern in (_CLINIC, _LISTED):
        for match in pattern.finditer(text):
            yield match[1], _ended(capitalised(joined(match[2])))
