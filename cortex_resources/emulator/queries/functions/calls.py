"""Calls as they are written: plain, qualified, with DISTINCT, WITHIN GROUP, FILTER and OVER."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sqlglot import exp

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.compiler import Compiler, function_name, refuse_clauses
from cortex_resources.emulator.queries.elsewhere import is_elsewhere
from cortex_resources.emulator.queries.expression import Expr, derive
from cortex_resources.emulator.queries.faults import compilation, unknown_function, wrong_arguments
from cortex_resources.emulator.queries.functions.spans import engine_interval
from cortex_resources.emulator.queries.names import fold
from cortex_resources.emulator.queries.ordering import order_by
from cortex_resources.emulator.queries.registry import SCALARS, SPECIALS, node
from cortex_resources.emulator.queries.types import Type
from cortex_resources.emulator.queries.user_functions import called


@dataclass(slots=True)
class Call:
    """A call of an aggregate or window function with everything written around it."""

    compiler: Compiler
    name: str
    trees: list[exp.Expr]
    distinct: bool = False
    within: exp.Expr | None = None
    filtered: Expr | None = None
    over: str | None = None
    parts: list[Expr] = field(default_factory=list)
    ignore_nulls: bool = False
    framed: bool = False
    ordered: bool = False

    def arguments(self, least: int, most: int | None = None) -> list[Expr]:
        """The compiled arguments; 938 or 939 when there are too few or too many."""
        limit = least if most is None else most
        if not least <= len(self.trees) <= limit:
            raise wrong_arguments(self.name, len(self.trees), least, limit)
        found = self.compiler.exprs(self.trees)
        if any(one.aggregate for one in found) and self.over is None:
            raise compilation(2, "0A000", "an aggregate inside an aggregate")
        return found

    def sql(self, function: str, inner: str, kind: Type, *parts: Expr, order: bool = False) -> Expr:
        """`function(inner …)` with this call's DISTINCT, order, FILTER and OVER."""
        if self.within is not None and not order:
            raise compilation(1003, "42000", f"syntax error: WITHIN GROUP behind {self.name}")
        if self.ignore_nulls and not inner.endswith(" NULLS"):
            raise compilation(1003, "42000", f"syntax error: IGNORE NULLS in {self.name}")
        word = "DISTINCT " if self.distinct else ""
        within = self._within() if order else ""
        text = f"{function}({word}{inner}{' ' + within if within else ''})"
        if self.filtered is not None:
            text += f" FILTER (WHERE {self.filtered.sql})"
        if self.over is not None:
            text += f" OVER ({self.over})"
        everything = [*parts, *self.parts, *([self.filtered] if self.filtered else [])]
        if self.over is not None:
            found = derive(text, kind, *everything, window=True)
            return replace(found, aggregate=any(part.aggregate for part in everything))
        return derive(text, kind, *everything, aggregate=True)

    def _within(self) -> str:
        """WITHIN GROUP; without it the values come in the order of the rows of FROM."""
        rows = self.compiler.names.order
        if self.within is None and rows and not self.distinct and self.over is None:
            return f"ORDER BY {', '.join(rows)}"
        return order_by(self.compiler, self.within)


Aggregate = Callable[[Call], Expr]
AGGREGATES: dict[str, Aggregate] = {}
WINDOWS: dict[str, Aggregate] = {}


def aggregate(*names: str) -> Callable[[Aggregate], Aggregate]:
    """Compile calls of those aggregates, with or without OVER."""

    def register(build: Aggregate) -> Aggregate:
        AGGREGATES.update(dict.fromkeys(names, build))
        return build

    return register


def window(*names: str) -> Callable[[Aggregate], Aggregate]:
    """Compile calls of functions that need OVER."""

    def register(build: Aggregate) -> Aggregate:
        WINDOWS.update(dict.fromkeys(names, build))
        return build

    return register


def is_built_in(name: str) -> bool:
    """Whether Snowflake has a function of that name itself, be it here or not."""
    known = (SCALARS, SPECIALS, AGGREGATES, WINDOWS)
    return any(name in table for table in known) or is_elsewhere(name)


def _call(compiler: Compiler, tree: exp.Expr) -> Call:
    """Unwrap IGNORE NULLS, DISTINCT, WITHIN GROUP and FILTER around a call."""
    within: exp.Expr | None = None
    filtered: Expr | None = None
    ignore = False
    while not isinstance(tree, exp.Anonymous):
        if isinstance(tree, exp.WithinGroup):
            within, tree = tree.expression, tree.this
        elif isinstance(tree, exp.Filter):
            raise unsupported("FILTER behind an aggregate")
        elif isinstance(tree, (exp.IgnoreNulls, exp.RespectNulls)):
            ignore, tree = isinstance(tree, exp.IgnoreNulls), tree.this
        else:
            raise unsupported(f"{type(tree).__name__.upper()} as a window function")
    trees = list(tree.expressions)
    distinct = bool(trees) and isinstance(trees[0], exp.Distinct)
    if distinct:
        trees = list(trees[0].expressions) + trees[1:]
    for place, one in enumerate(trees):
        if isinstance(one, (exp.IgnoreNulls, exp.RespectNulls)):
            ignore, trees[place] = isinstance(one, exp.IgnoreNulls), one.this
    return Call(
        compiler, function_name(tree), trees, distinct, within, filtered, ignore_nulls=ignore
    )


@node(exp.Anonymous, exp.WithinGroup, exp.Filter, exp.IgnoreNulls, exp.RespectNulls)
def call_node(compiler: Compiler, tree: exp.Expr) -> Expr:
    """A call by name."""
    call = _call(compiler, tree)
    build = AGGREGATES.get(call.name)
    if build is not None:
        return build(call)
    if call.name in WINDOWS:
        raise compilation(2303, "42601", f"Window function [{call.name}] requires an OVER clause")
    if call.distinct or call.within is not None or call.ignore_nulls:
        if call.name in SCALARS or call.name in SPECIALS:
            raise compilation(1003, "42000", f"syntax error: {call.name} is no aggregate function")
        raise unknown_function(call.name)
    if call.name not in SCALARS and call.name not in SPECIALS:
        return called(compiler, (call.name,), call.trees)
    return compiler.call(call.name, call.trees)


@node(exp.Window)
def window_node(compiler: Compiler, tree: exp.Expr) -> Expr:
    """A call with OVER."""
    refuse_clauses(tree, {"this", "partition_by", "order", "spec", "over"}, "OVER")
    if (tree.args.get("over") or "").upper() != "OVER":
        raise unsupported("KEEP")
    call = _call(compiler, tree.this)
    build = WINDOWS.get(call.name) or AGGREGATES.get(call.name)
    if build is None:
        raise unknown_function(call.name)
    _over(call, tree)
    return build(call)


def _over(call: Call, tree: exp.Expr) -> None:
    keys = [call.compiler.expr(key) for key in tree.args.get("partition_by") or ()]
    if any(key.window for key in keys):
        raise compilation(2303, "42601", "Window function may not be nested")
    pieces = []
    if kept := [key.sql for key in keys if not key.known]:
        pieces.append(f"PARTITION BY {', '.join(kept)}")
    order = tree.args.get("order")
    if order is not None:
        rows = call.compiler.names.order if call.name == "ROW_NUMBER" else []
        pieces.append(order_by(call.compiler, order) or f"ORDER BY {', '.join(rows) or 'NULL'}")
        call.ordered = True
        terms = [call.compiler.expr(term.this) for term in order.expressions]
        call.parts += [replace(one, volatile=False) for one in terms]  # they are drawn beforehand
    call.parts += keys
    spec = tree.args.get("spec")
    if spec is not None:
        pieces.append(_frame(call.compiler, spec))
        call.framed = True
    call.over = " ".join(pieces)


def _frame(compiler: Compiler, spec: exp.Expr) -> str:
    refuse_clauses(spec, {"kind", "start", "start_side", "end", "end_side"}, "a window frame")
    start = _bound(compiler, spec.args.get("start"), spec.args.get("start_side"))
    end = _bound(compiler, spec.args.get("end") or "CURRENT ROW", spec.args.get("end_side"))
    kind = str(spec.args.get("kind") or "ROWS").upper()
    if kind not in ("ROWS", "RANGE"):
        raise unsupported(f"{kind} in a window frame")
    if kind == "ROWS" and "INTERVAL" in f"{start} {end}":
        raise compilation(1044, "42P13", "an interval needs a frame of RANGE")
    return f"{kind} BETWEEN {start} AND {end}"


def _bound(compiler: Compiler, edge: object, side: object) -> str:
    if isinstance(edge, str):
        return f"{edge} {str(side or '').upper()}".strip().upper()
    if not isinstance(edge, exp.Expr):
        raise unsupported("this window frame")
    if isinstance(edge, exp.Interval):
        return f"{engine_interval(edge)} {str(side).upper()}"
    count = compiler.constant(edge, "a window frame")
    if not isinstance(count, int) or count < 0:
        raise unsupported("a window frame that is not a number of rows")
    return f"{count} {str(side).upper()}"


def qualified(compiler: Compiler, tree: exp.Expr) -> Expr:
    """`SNOWFLAKE.CORTEX.COMPLETE(…)`: a function of another schema."""
    parts, here = [], tree
    while isinstance(here, exp.Dot):
        parts.append(here.expression)
        here = here.this
    if not isinstance(here, (exp.Identifier, exp.Var)):
        raise unsupported("a method call")
    prefix = [fold(here), *(fold(part) for part in reversed(parts[1:]))]
    call = parts[0]
    database = compiler.environment.scope.database
    if len(prefix) == 1 and database is not None:
        prefix.insert(0, database)
    name = ".".join([*prefix, function_name(call)])
    if name not in SCALARS and name not in SPECIALS:
        return called(compiler, (*prefix, function_name(call)), call.expressions)
    return compiler.call(name, call.expressions)
