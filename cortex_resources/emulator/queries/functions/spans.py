"""What an INTERVAL literal is made of."""

from __future__ import annotations

import re

from sqlglot import exp

from cortex_resources.emulator.queries.faults import compilation
from cortex_resources.emulator.queries.functions.units import UNITS

PIECE = re.compile(r"\s*([+-]?\d+)\s*([A-Za-z_]*)\s*")


def pieces(tree: exp.Expr) -> list[tuple[int, str]]:
    """The counts and units an interval is made of; a bare count means seconds."""
    spelled = tree.this.name if tree.this is not None else ""
    unit = tree.args.get("unit")
    if unit is not None:
        spelled = f"{spelled} {unit.name}"
    found = []
    for piece in spelled.split(","):
        match = PIECE.fullmatch(piece)
        word = UNITS.get(match[2].lower() or "second") if match else None
        if match is None or word is None or "_" in word:
            raise compilation(1007, "22023", "invalid interval")
        found.append((int(match[1]), word))
    return found


def engine_interval(tree: exp.Expr) -> str:
    """The interval as the engine spells it in a window frame."""
    spelled = []
    for count, unit in pieces(tree):
        months = {"year": 12, "quarter": 3}.get(unit, 1)
        word = "month" if unit in ("year", "quarter") else unit
        if unit == "nanosecond":
            raise compilation(1007, "22023", "invalid interval")
        spelled.append(f"INTERVAL {count * months} {word}")
    return "(" + " + ".join(spelled) + ")"
