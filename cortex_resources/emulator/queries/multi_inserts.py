"""INSERT; INSERT ALL and INSERT FIRST send the rows of one query into several tables."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from cortex_resources.emulator.queries.casts import boolean
from cortex_resources.emulator.queries.changes import change, stage
from cortex_resources.emulator.queries.compiler import Compiler, Output, refuse_clauses
from cortex_resources.emulator.queries.context import DmlResult
from cortex_resources.emulator.queries.expression import Expr
from cortex_resources.emulator.queries.inserts import emptied, insert_one, match, target, write
from cortex_resources.emulator.queries.names import Field, Names, Source
from cortex_resources.emulator.queries.select import compile_query, with_tables
from cortex_resources.emulator.queries.targets import default_of, is_default


@change((exp.Insert, exp.MultitableInserts), "INSERT INTO")
def insert(compiler: Compiler, tree: exp.Expr) -> DmlResult:
    """INSERT in all its forms."""
    run = insert_many if isinstance(tree, exp.MultitableInserts) else insert_one
    return run(compiler, tree)


@dataclass(slots=True)
class Branch:
    """The tables that rows of one condition go to; None is no condition."""

    condition: exp.Expr | None
    otherwise: bool
    inserts: list[exp.Expr] = field(default_factory=list)


def branches(tree: exp.Expr) -> list[Branch]:
    """INTO without WHEN belongs to the WHEN before it."""
    found: list[Branch] = []
    for one in tree.expressions:
        condition, otherwise = one.args.get("expression"), bool(one.args.get("else_"))
        if not found or condition is not None or otherwise:
            found.append(Branch(condition, otherwise))
        found[-1].inserts.append(one.this)
    return found


def insert_many(compiler: Compiler, tree: exp.Expr) -> DmlResult:
    """INSERT ALL | FIRST [WHEN … THEN] INTO … [ELSE INTO …] query."""
    refuse_clauses(tree, {"kind", "expressions", "source", "overwrite"}, "INSERT")
    source = tree.args["source"]
    output = compile_query(with_tables(compiler, source), source)
    targets = [(branch, insert) for branch in branches(tree) for insert in branch.inserts]
    for _, insert in targets:
        target(compiler, insert)
    if compiler.statement.describe_only:
        return DmlResult(inserted=0)
    rows = Rows(compiler, output, str(tree.args.get("kind") or "ALL").upper() == "FIRST")
    if tree.args.get("overwrite"):
        for _, insert in targets:
            emptied(compiler, insert)
    counts: dict[str, int] = {}
    for branch in branches(tree):
        where = rows.condition(branch)
        for insert in branch.inserts:
            name = insert.find(exp.Table).name.upper()  # type: ignore[union-attr]
            counts[name] = counts.get(name, 0) + rows.into(insert, where)
    return DmlResult(inserted=sum(counts.values()), targets=counts)


class Rows:
    """The rows of the query, kept so that every table gets the same ones."""

    def __init__(self, compiler: Compiler, output: Output, first: bool) -> None:
        self.compiler, self.first = compiler, first
        self.staged = stage(compiler, output.sql)
        fields = [
            Field(name, Expr(f"{self.staged}.c{place}", one.type))
            for place, (name, one) in enumerate(output.columns, 1)
        ]
        self.output = [(one.name, one.expr) for one in fields]
        self.seen = compiler.inside(Names(None, [Source((), fields)]))
        self.taken: list[str] = []

    def condition(self, branch: Branch) -> str:
        """Which rows go there: with FIRST those that no condition before took."""
        before = " OR ".join(self.taken)
        if branch.otherwise:
            return f"NOT COALESCE({before}, FALSE)" if before else "TRUE"
        if branch.condition is None:
            return "TRUE"
        own = f"COALESCE({boolean(self.seen.expr(branch.condition)).sql}, FALSE)"
        wanted = f"{own} AND NOT ({before})" if self.first and before else own
        self.taken.append(own)
        return wanted

    def into(self, insert: exp.Expr, where: str) -> int:
        """Write the rows of a branch into one table."""
        table, places = target(self.compiler, insert)
        values = insert.args.get("expression")
        columns = [one for _, one in self.output]
        if values is not None:
            (row,) = values.expressions
            trees = row.expressions if isinstance(row, exp.Tuple) else [row]
            match(len(trees), len(places))
            columns = [
                default_of(self.compiler, table.columns[place])
                if is_default(tree)
                else self.seen.expr(tree)
                for tree, place in zip(trees, places, strict=True)
            ]
        match(len(columns), len(places))
        listed = ", ".join(f"{one.sql} AS c{place}" for place, one in enumerate(columns, 1))
        sql = f"SELECT {listed} FROM {self.staged} WHERE {where} ORDER BY sf_order"
        return write(self.compiler, table, places, sql, columns)
