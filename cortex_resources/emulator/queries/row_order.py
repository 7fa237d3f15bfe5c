"""The order in which a product of relations gives its rows where no ORDER BY says it.

The engine joins as it likes. Rows come as they are written: those of the left relation in their
order, and for each of them those of the right one. Relations that are joined over equal values
are left to the engine: there no order is the natural one, and a sort would have to be paid for.
"""

from __future__ import annotations

from sqlglot import exp

from cortex_resources.emulator.queries.compiler import Compiler


def multiplies(tree: exp.Expr, first: exp.Expr) -> bool:
    """Whether FROM makes many rows of one: FLATTEN and its like beside others, a cross join."""
    where, listed = tree.args.get("where"), _calls(first) or _lists(first)
    for join in tree.args.get("joins") or ():
        if listed or _calls(join.this):
            return True
        tied = any(join.args.get(key) for key in ("on", "using", "method"))
        if not tied and not (where is not None and _equates(where)):
            return True
    return bool(tree.args.get("laterals"))


def _calls(item: exp.Expr) -> bool:
    return isinstance(item, exp.Lateral) or (
        isinstance(item, exp.Table) and isinstance(item.this, exp.Anonymous)
    )


def _lists(item: exp.Expr) -> bool:
    return isinstance(item.this if isinstance(item, exp.Subquery) else item, exp.Values)


def _equates(where: exp.Expr) -> bool:
    """Whether WHERE ties two columns together, as in the joins of old."""
    return any(
        isinstance(one.this, exp.Column) and isinstance(one.expression, exp.Column)
        for one in where.find_all(exp.EQ)
    )


def numbered(compiler: Compiler, sql: str, alias: str, key: str) -> str:
    """The relation with a key of its rows: its column of that name, else their number."""
    if not compiler.names.numbered:
        return sql
    compiler.names.order.append(f"{alias}.{key or 'o'}")
    if key:
        return sql
    inner = compiler.statement.fresh()
    return f"(SELECT *, row_number() OVER () AS o FROM {sql} AS {inner})"


def natural_order(compiler: Compiler, tree: exp.Expr) -> str:
    """ORDER BY for rows as they are written; '' where the engine keeps them so by itself."""
    names = compiler.names
    if not names.order or names.drawn or _streams(tree):
        return ""
    return f"ORDER BY {', '.join(names.order)}"


def _streams(tree: exp.Expr) -> bool:
    """The first rows of an unbounded product: a sort would have to make all of them."""
    if tree.args.get("limit") is None or tree.args.get("where") is not None:
        return False
    items = [one.this for one in tree.args.get("joins") or ()] + (tree.args.get("laterals") or [])
    bounded = [one for one in items if _calls(one) or _lists(one)]
    return len(bounded) < len(items) or all(one.find(exp.Column) for one in bounded)
