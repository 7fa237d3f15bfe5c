"""Picking single matches out of texts in which the engine has marked all of them."""

from __future__ import annotations

from cortex_resources.emulator.queries.callbacks.table import callback

BEGIN, END = "\ue0f0", "\ue0f1"


def _pieces(marked: str) -> list[str]:
    """Text before, first match, text between, second match, …"""
    return marked.replace(END, BEGIN).split(BEGIN)


@callback("nth_replaced", "VARCHAR VARCHAR BIGINT", "VARCHAR")
def nth_replaced(marked: str, replaced: str, occurrence: int) -> str:
    """The text with only that match replaced."""
    pieces, others = _pieces(marked), _pieces(replaced)
    place = 2 * occurrence - 1
    if place < len(pieces) and place < len(others):
        pieces[place] = others[place]
    return "".join(pieces)


@callback("nth_place", "VARCHAR BIGINT BIGINT BIGINT", "BIGINT")
def nth_place(marked: str, start: int, occurrence: int, after: int) -> int:
    """Where that match begins, or with `after` ends; 0 when there is none."""
    pieces = _pieces(marked)
    place = 2 * occurrence - 1
    if occurrence < 1 or place >= len(pieces):
        return 0
    before = sum(len(piece) for piece in pieces[:place]) + start
    return before + len(pieces[place]) if after else before
