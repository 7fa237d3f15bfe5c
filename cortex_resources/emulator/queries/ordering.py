"""ORDER BY with Snowflake's place for NULL, LIMIT, OFFSET, FETCH, TOP."""

from __future__ import annotations

from collections.abc import Callable, Sized

from sqlglot import exp

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.compiler import Compiler, refuse_clauses
from cortex_resources.emulator.queries.draws import drawn_once
from cortex_resources.emulator.queries.expression import Expr
from cortex_resources.emulator.queries.faults import compilation
from cortex_resources.emulator.queries.types import Kind

Chooser = Callable[[exp.Expr], "tuple[int, Expr] | None"]


def order_term(compiler: Compiler, term: exp.Expr, choose: Chooser | None = None) -> str:
    """One term; '' when it orders nothing. NULL counts as the largest value unless said."""
    if not isinstance(term, exp.Ordered):
        term = exp.Ordered(this=term)
    if term.args.get("with_fill"):
        raise unsupported("WITH FILL in ORDER BY")
    found = choose(term.this) if choose else None
    value = found[1] if found else compiler.expr(term.this)
    if value.known:
        return ""
    descending = bool(term.args.get("desc"))
    first = descending if term.args.get("nulls_first") is None else bool(term.args["nulls_first"])
    direction = ("DESC" if descending else "ASC") + (" NULLS FIRST" if first else " NULLS LAST")
    if value.type.kind is Kind.VARIANT:
        return f"sf_sort_key({value.sql}) {direction}"
    if value.type.kind is Kind.TIMESTAMP_TZ:
        return f"({value.sql}).utc {direction}"
    return f"{found[0] if found and found[0] else value.sql} {direction}"


def all_columns(terms: list[exp.Expr], items: Sized, compiler: Compiler) -> list[exp.Expr]:
    """ORDER BY ALL means every column by its place; a column of that name wins."""
    term = terms[0].this if len(terms) == 1 and isinstance(terms[0], exp.Ordered) else None
    if not isinstance(term, exp.Column) or term.args.get("table") or not _is_all(term.this):
        return terms
    if any(one.name == "ALL" for one in compiler.names.visible()):
        return terms
    given = {key: terms[0].args.get(key) for key in ("desc", "nulls_first")}
    return [
        exp.Ordered(this=exp.Literal.number(place), **given) for place in range(1, len(items) + 1)
    ]


def _is_all(name: exp.Expr) -> bool:
    return isinstance(name, exp.Identifier) and not name.quoted and name.name.upper() == "ALL"


def order_by(compiler: Compiler, order: exp.Expr | None) -> str:
    """ORDER BY inside OVER and WITHIN GROUP."""
    if order is None:
        return ""
    terms = [order_term(compiler, term, _drawn(compiler)) for term in order.expressions]
    kept = [term for term in terms if term]
    return f"ORDER BY {', '.join(kept)}" if kept else ""


def _drawn(compiler: Compiler) -> Chooser:
    """Inside OVER and WITHIN GROUP a value that changes by the call is drawn beforehand."""

    def choose(term: exp.Expr) -> tuple[int, Expr] | None:
        value = compiler.expr(term)
        return (0, drawn_once(compiler, value)) if value.volatile else None

    return choose


def limits(compiler: Compiler, tree: exp.Expr) -> str:
    """LIMIT, TOP or FETCH, and OFFSET."""
    limit, offset = tree.args.get("limit"), tree.args.get("offset")
    pieces = []
    options = limit.args.get("limit_options") if limit is not None else None
    if options is not None:
        refuse_clauses(options, {"rows"}, "LIMIT, TOP or FETCH")
    if isinstance(limit, exp.Fetch):
        pieces.append(_count(compiler, "LIMIT", limit.args.get("count")))
    elif limit is not None:
        if limit.args.get("expressions"):
            raise unsupported("LIMIT BY")
        pieces.append(_count(compiler, "LIMIT", limit.expression))
    if offset is not None:
        pieces.append(_count(compiler, "OFFSET", offset.expression))
    return " ".join(piece for piece in pieces if piece)


def _count(compiler: Compiler, word: str, tree: exp.Expr | None) -> str:
    if tree is None:
        return f"{word} 1"
    value = compiler.constant(tree, word)
    if value is None or value == "":
        return ""
    if isinstance(value, str) and value.isdigit():
        value = int(value)
    if not isinstance(value, int) or value < 0:
        raise compilation(1007, "22023", f"invalid value for {word}: a number of rows is needed")
    return f"{word} {value}"
