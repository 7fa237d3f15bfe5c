"""Arithmetic operators as they are written, INTERVAL literals among them."""

from __future__ import annotations

from sqlglot import exp

from cortex_resources.emulator.queries.casts import numeric
from cortex_resources.emulator.queries.compiler import Compiler
from cortex_resources.emulator.queries.expression import Expr, derive, integer_constant
from cortex_resources.emulator.queries.functions.intervals import add_interval
from cortex_resources.emulator.queries.operators import arithmetic, decimal
from cortex_resources.emulator.queries.registry import node
from cortex_resources.emulator.queries.types import FLOAT, Kind

ARITHMETIC: dict[type[exp.Expr], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
}


@node(*ARITHMETIC)
def arithmetic_node(compiler: Compiler, tree: exp.Expr) -> Expr:
    """A chain of arithmetic, read without recursion on its left side."""
    links: list[tuple[str, exp.Expr]] = []
    while type(tree) in ARITHMETIC:
        links.append((ARITHMETIC[type(tree)], tree.expression))
        tree = tree.this
    if isinstance(tree, exp.Interval) and links and links[-1][0] == "+":
        tree, links[-1] = links[-1][1], ("+", tree)  # INTERVAL '1 day' + d is d + INTERVAL '1 day'
    value = compiler.expr(tree)
    for name, right in reversed(links):
        if isinstance(right, exp.Interval):
            value = add_interval(compiler, value, right, name)
        else:
            value = arithmetic(name, value, compiler.expr(right))
    return value


@node(exp.Neg)
def negative(compiler: Compiler, tree: exp.Expr) -> Expr:
    """Unary minus."""
    value = numeric(compiler.expr(tree.this))
    if isinstance(value.constant, int):
        return integer_constant(-value.constant)
    if value.type.kind is Kind.FLOAT:
        return derive(f"(-{value.sql})", FLOAT, value)
    found = derive(f"(-{decimal(value)})", value.type, value)
    if value.known and value.constant is not None:
        return Expr(found.sql, found.type, -value.constant)
    return found
