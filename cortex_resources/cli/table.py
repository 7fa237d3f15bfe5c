"""Rows as an aligned text table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_WIDEST: Final = 80


def render(columns: Sequence[str], rows: Sequence[Sequence[str | None]]) -> str:
    """A table with a header; long cells are cut, NULL is shown as NULL."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max([len(name), *(len(row[at]) for row in cells)]) for at, name in enumerate(columns)]
    lines = [_line(columns, widths), "-+-".join("-" * width for width in widths)]
    lines += [_line(row, widths) for row in cells]
    lines.append(f"({len(rows)} row{'' if len(rows) == 1 else 's'})")
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return " | ".join(padded).rstrip()


def _cell(value: str | None) -> str:
    if value is None:
        return "NULL"
    text = value.replace("\n", "\\n")
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"
