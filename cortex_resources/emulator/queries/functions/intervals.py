"""INTERVAL literals beside + and -."""

from __future__ import annotations

from sqlglot import exp

from cortex_resources.emulator.queries.compiler import Compiler
from cortex_resources.emulator.queries.expression import Expr, integer_constant
from cortex_resources.emulator.queries.faults import compilation
from cortex_resources.emulator.queries.functions.dates import add, temporal
from cortex_resources.emulator.queries.functions.spans import pieces


def add_interval(_compiler: Compiler, value: Expr, tree: exp.Expr, operator: str) -> Expr:
    """`value + INTERVAL '…'`, piece by piece."""
    if operator not in "+-":
        raise compilation(1044, "42P13", f"Invalid argument types for function '{operator}'")
    found = temporal(value)
    for count, unit in pieces(tree):
        found = add(unit, integer_constant(count if operator == "+" else -count), found)
    return found
