"""INTERVAL literals beside + and -."""

from __future__ import annotations

import re

from sqlglot import exp

from cortex_resources.emulator.queries.compiler import Compiler
from cortex_resources.emulator.queries.expression import Expr, integer_constant
from cortex_resources.emulator.queries.faults import compilation
from cortex_resources.emulator.queries.functions.dates import add, temporal
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


def add_interval(_compiler: Compiler, value: Expr, tree: exp.Expr, operator: str) -> Expr:
    """`value + INTERVAL '…'`, piece by piece."""
    if operator not in "+-":
        raise compilation(1044, "42P13", f"Invalid argument types for function '{operator}'")
    found = temporal(value)
    for count, unit in pieces(tree):
        found = add(unit, integer_constant(count if operator == "+" else -count), found)
    return found
