"""UNION, INTERSECT, EXCEPT (MINUS), and queries in parentheses."""

from __future__ import annotations

from sqlglot import exp

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.casts import cast, common
from cortex_resources.emulator.queries.compiler import Compiler, Output, refuse_clauses
from cortex_resources.emulator.queries.expression import NULL_EXPR, Expr
from cortex_resources.emulator.queries.faults import compilation
from cortex_resources.emulator.queries.names import Field, Names, Source, fold
from cortex_resources.emulator.queries.ordering import all_columns, limits, order_term
from cortex_resources.emulator.queries.types import TEXT, Kind, Type

WORDS = {exp.Union: "UNION", exp.Except: "EXCEPT", exp.Intersect: "INTERSECT"}


def compile_set(compiler: Compiler, tree: exp.SetOperation) -> Output:
    """A set operation; a left-deep chain is read without recursion."""
    refuse_clauses(
        tree,
        {"this", "expression", "distinct", "order", "limit", "offset", "with_", "by_name"},
        "a set operation",
    )
    chain = _chain(tree)
    queries = [_compile(compiler, query) for _, query in chain]
    if tree.args.get("by_name"):
        queries = _by_name(compiler, queries)
    sizes = [len(query.columns) for query in queries]
    width = sizes[0]
    if any(size != width for size in sizes):
        raise compilation(
            1789,
            "42601",
            f"invalid number of result columns for set operator input branches, "
            f"expected {width}, got {next(size for size in sizes if size != width)}",
        )
    types = [_shared([query.columns[place][1].type for query in queries]) for place in range(width)]
    sql = _branch(compiler, queries[0], types)
    for (word, _), query in zip(chain[1:], queries[1:], strict=True):
        sql = f"({sql}) {word} ({_branch(compiler, query, types)})"
    columns = [
        (name, Expr(f"c{place}", kind))
        for place, ((name, _), kind) in enumerate(zip(queries[0].columns, types, strict=True), 1)
    ]
    return finish(compiler, tree, Output(sql, columns))


def _by_name(compiler: Compiler, queries: list[Output]) -> list[Output]:
    """Every query with all columns: those it has by their names, NULL for the others."""
    names = list(dict.fromkeys(name for query in queries for name, _ in query.columns))
    found = []
    for query in queries:
        relation = compiler.statement.fresh()
        known = {
            name: Expr(f"{relation}.c{place}", one.type)
            for place, (name, one) in enumerate(query.columns, 1)
        }
        if len(known) != len(query.columns):
            raise compilation(2025, "42S21", "duplicate column name in a set operation BY NAME")
        columns = [(name, known.get(name, NULL_EXPR)) for name in names]
        listed = ", ".join(f"{one.sql} AS c{place}" for place, (_, one) in enumerate(columns, 1))
        found.append(Output(f"SELECT {listed} FROM ({query.sql}) AS {relation}", columns))
    return found


def _chain(tree: exp.Expr) -> list[tuple[str, exp.Expr]]:
    links: list[tuple[str, exp.Expr]] = []
    top = tree
    named = bool(top.args.get("by_name"))
    while isinstance(tree, exp.SetOperation) and (tree is top or not _closed(tree)):
        if bool(tree.args.get("by_name")) is not named:
            break
        word = WORDS[type(tree)]
        if word != "UNION" and not tree.args.get("distinct"):
            raise unsupported(f"{word} ALL")
        links.append((word if tree.args.get("distinct") else f"{word} ALL", tree.expression))
        tree = tree.this
    return [("", tree), *reversed(links)]


def _closed(tree: exp.Expr) -> bool:
    return any(tree.args.get(key) for key in ("order", "limit", "offset", "with_"))


def _compile(compiler: Compiler, tree: exp.Expr) -> Output:
    return compiler.query(tree)


def _shared(types: list[Type]) -> Type:
    shared = types[0]
    for kind in types[1:]:
        shared = common(shared, kind)
    return TEXT if shared.kind is Kind.NULL else shared


def _branch(compiler: Compiler, query: Output, types: list[Type]) -> str:
    relation = compiler.statement.fresh()
    listed = ", ".join(
        f"{cast(Expr(f'{relation}.c{place}', one.type), kind).sql} AS c{place}"
        for place, ((_, one), kind) in enumerate(zip(query.columns, types, strict=True), 1)
    )
    return f"SELECT {listed} FROM ({query.sql}) AS {relation}"


def finish(compiler: Compiler, tree: exp.Expr, output: Output) -> Output:
    """ORDER BY, LIMIT and OFFSET around a finished query."""
    order = tree.args.get("order")
    tail = limits(compiler, tree)
    if order is None and not tail:
        return output
    relation = compiler.statement.fresh()
    fields = [
        Field(name, Expr(f"{relation}.c{place}", one.type))
        for place, (name, one) in enumerate(output.columns, 1)
    ]
    seen = compiler.inside(Names(compiler.names, [Source((), fields)]))

    def choose(term: exp.Expr) -> tuple[int, Expr] | None:
        if isinstance(term, exp.Literal) and not term.is_string and term.this.isdigit():
            if not 1 <= int(term.this) <= len(fields):
                raise compilation(2039, "42601", f"position {term.this} is not in the select list")
            return int(term.this), fields[int(term.this) - 1].expr
        return None

    given = all_columns(order.expressions, fields, seen) if order else []
    terms = [order_term(seen, term, choose) for term in given]
    kept = ", ".join(term for term in terms if term)
    ordered = f"ORDER BY {kept}" if kept else ""
    listed = ", ".join(f"{one.expr.sql} AS c{place}" for place, one in enumerate(fields, 1))
    sql = f"SELECT {listed} FROM ({output.sql}) AS {relation} {ordered} {tail}"
    columns = [(one.name, Expr(f"c{place}", one.expr.type)) for place, one in enumerate(fields, 1)]
    return Output(sql, columns)


def subquery(compiler: Compiler, tree: exp.Expr) -> Output:
    """A query in parentheses, perhaps with ORDER BY and LIMIT behind them."""
    known = {"this", "order", "limit", "offset", "with_", "alias", "pivots", "sample"}
    refuse_clauses(tree, known, "a subquery")
    return finish(compiler, tree, _compile(compiler, tree.this))


def rename(columns: list[tuple[str, Expr]], names: list[exp.Expr]) -> list[str]:
    """Column names, the first ones replaced by an alias list."""
    if len(names) > len(columns):
        raise compilation(2026, "42601", f"{len(names)} names for {len(columns)} columns")
    given = [fold(name) for name in names]
    return given + [name for name, _ in columns[len(given) :]]
