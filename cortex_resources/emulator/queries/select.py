"""Queries: SELECT with all its clauses, WITH, set operations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlglot import exp

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.casts import boolean
from cortex_resources.emulator.queries.compiler import Compiler, Output, refuse_clauses
from cortex_resources.emulator.queries.ctes import declare
from cortex_resources.emulator.queries.draws import drawn_once, with_draws
from cortex_resources.emulator.queries.expression import Expr
from cortex_resources.emulator.queries.faults import compilation
from cortex_resources.emulator.queries.names import Names, fold
from cortex_resources.emulator.queries.ordering import all_columns, limits, order_term
from cortex_resources.emulator.queries.projection import Item, expand
from cortex_resources.emulator.queries.registry import query
from cortex_resources.emulator.queries.relations import compile_from
from cortex_resources.emulator.queries.row_order import natural_order
from cortex_resources.emulator.queries.setops import compile_set, subquery

CLAUSES = {
    "expressions",
    "from_",
    "joins",
    "laterals",
    "where",
    "group",
    "having",
    "qualify",
    "windows",
    "order",
    "limit",
    "offset",
    "distinct",
    "with_",
    "kind",
    "hint",
    "operation_modifiers",
}


@query
def compile_query(compiler: Compiler, tree: exp.Expr) -> Output:
    """A query seen from `compiler`'s names; its columns are c1, c2, …"""
    compiler = with_tables(compiler, tree)
    if isinstance(tree, exp.Subquery):
        return subquery(compiler, tree)
    if isinstance(tree, exp.SetOperation):
        return compile_set(compiler, tree)
    if isinstance(tree, exp.Values):
        tree = exp.Select(expressions=[exp.Star()], from_=exp.From(this=tree))
    if not isinstance(tree, exp.Select):
        raise unsupported(f"{type(tree).__name__.upper()} as a query")
    refuse_clauses(tree, CLAUSES, "SELECT")
    return Select(compiler, tree).compile()


def with_tables(compiler: Compiler, tree: exp.Expr) -> Compiler:
    """The compiler that also sees the common table expressions of this query."""
    with_clause = tree.args.get("with_")
    if with_clause is None:
        return compiler
    seen = Compiler(compiler.statement, compiler.environment.inner(), compiler.names)
    declare(seen, with_clause)
    return seen


@dataclass(slots=True)
class Select:
    """One SELECT on its way to SQL."""

    outer: Compiler
    tree: exp.Select
    compiler: Compiler = field(init=False)
    items: list[Item] = field(init=False)

    def __post_init__(self) -> None:
        self.compiler = self.outer.inside(Names(parent=self.outer.names))

    def compile(self) -> Output:
        """All clauses, in the order in which they see names."""
        source = compile_from(self.compiler, self.tree)
        if self.tree.args.get("windows"):
            raise unsupported("the WINDOW clause")
        self.items = expand(self.compiler, self.tree.expressions)
        self._declare_aliases()
        where = self._condition("where")
        for item in self.items:
            item.compiled(self.compiler)
        if not self.items:
            raise compilation(2079, "42601", "SELECT with no columns")
        group = self._group()
        having, qualify = self._condition("having"), self._condition("qualify")
        order = self._order()
        compiled = [item.compiled(self.compiler) for item in self.items]
        one_row = not group and any(one.aggregate for one in compiled)
        order = "" if one_row else order or self._natural_order(compiled)
        source = self._drawn(source, compiled, bool(group))
        listed = ", ".join(f"{one.sql} AS c{place}" for place, one in enumerate(compiled, 1))
        distinct = "DISTINCT " if self._distinct() else ""
        clauses = [f"SELECT {distinct}{listed}", source, where, group, having, qualify]
        clauses += [order, limits(self.compiler, self.tree)]
        columns = [(item.name, one) for item, one in zip(self.items, compiled, strict=True)]
        return Output(" ".join(clause for clause in clauses if clause), columns)

    def _drawn(self, source: str, compiled: list[Expr], grouped: bool) -> str:
        names = self.compiler.names
        if names.drawn and (grouped or any(one.aggregate for one in compiled)):
            raise unsupported("a value that changes by the call beside a group")
        return with_draws(self.compiler, source)

    def _distinct(self) -> bool:
        distinct = self.tree.args.get("distinct")
        if distinct is not None and distinct.args.get("on"):
            raise unsupported("DISTINCT ON")
        return distinct is not None

    def _declare_aliases(self) -> None:
        """An alias may be used beside and in the clauses; a column of that name wins."""
        seen: dict[str, Callable[[], Expr]] = {}
        for item in self.items:
            if item.explicit and item.name not in seen:
                seen[item.name] = self._alias(item)
        self.compiler.names.aliases.update(seen)

    def _alias(self, item: Item) -> Callable[[], Expr]:
        def use() -> Expr:
            found = item.compiled(self.compiler)
            if found.volatile:
                item.ready = found = drawn_once(self.compiler, found)
            return found

        return use

    def _condition(self, clause: str) -> str:
        tree = self.tree.args.get(clause)
        if tree is None:
            return ""
        found = boolean(self.compiler.expr(tree.this))
        if clause == "where" and (found.aggregate or found.window):
            what = "aggregate" if found.aggregate else "window"
            raise compilation(2035, "42601", f"Invalid {what} function in where clause")
        return f"{clause.upper()} {found.sql}"

    def _group(self) -> str:
        group = self.tree.args.get("group")
        if group is None:
            return ""
        refuse_clauses(group, {"expressions", "all", "rollup", "cube", "grouping_sets"}, "GROUP BY")
        if group.args.get("all"):
            keys = [item.compiled(self.compiler) for item in self.items]
            kept = [key.sql for key in keys if not key.aggregate and not key.known]
            return f"GROUP BY {', '.join(kept)}" if kept else "GROUP BY ()"
        terms = [self._grouping(term) for term in group.expressions]
        for key, word in (("rollup", "ROLLUP"), ("cube", "CUBE"), ("grouping_sets", "")):
            terms += [
                self._grouping(term)
                for term in group.args.get(key) or ()
                if isinstance(term, exp.Expr) and word is not None
            ]
        return "GROUP BY " + ", ".join(terms)

    def _grouping(self, term: exp.Expr) -> str:
        """One GROUP BY term: expression, position, alias, or a set of them."""
        for kind, word in (
            (exp.Rollup, "ROLLUP"),
            (exp.Cube, "CUBE"),
            (exp.GroupingSets, "GROUPING SETS"),
        ):
            if isinstance(term, kind):
                return f"{word} ({', '.join(self._grouping(one) for one in term.expressions)})"
        if isinstance(term, exp.Tuple):
            return f"({', '.join(self._grouping(one) for one in term.expressions)})"
        found = self._selected(term) or self.compiler.expr(term)
        if found.aggregate or found.window:
            raise compilation(2036, "42601", "an aggregate is not a valid group by expression")
        return f"({found.sql})" if found.known else found.sql

    def _selected(self, term: exp.Expr) -> Expr | None:
        if isinstance(term, exp.Literal) and not term.is_string and term.this.isdigit():
            place = int(term.this)
            if not 1 <= place <= len(self.items):
                raise compilation(2039, "42601", f"position {place} is not in the select list")
            return self.items[place - 1].compiled(self.compiler)
        return None

    def _order(self) -> str:
        order = self.tree.args.get("order")
        if order is None:
            return ""
        terms = [
            order_term(self.compiler, term, self._ordered)
            for term in all_columns(order.expressions, self.items, self.compiler)
        ]
        kept = [term for term in terms if term]
        return f"ORDER BY {', '.join(kept)}" if kept else ""

    def _natural_order(self, compiled: list[Expr]) -> str:
        folded = any(self.tree.args.get(key) for key in ("group", "having", "distinct", "order"))
        if folded or any(one.aggregate or one.volatile for one in compiled):
            return ""
        return natural_order(self.compiler, self.tree)

    def _ordered(self, term: exp.Expr) -> tuple[int, Expr] | None:
        """The output column a term of ORDER BY names."""
        found = self._selected(term)
        if found is not None:
            return int(term.this), found
        if isinstance(term, exp.Column) and not term.args.get("table"):
            name = fold(term.this)
            for place, item in enumerate(self.items, 1):
                if item.name == name:
                    return place, item.compiled(self.compiler)
        return None
