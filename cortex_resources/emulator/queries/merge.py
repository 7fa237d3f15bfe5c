"""MERGE: every row of the join gets the first clause that fits, then the changes are applied."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from cortex_resources.emulator.errors import SnowflakeError, syntax_error, unsupported
from cortex_resources.emulator.queries.casts import boolean
from cortex_resources.emulator.queries.changes import change, stage
from cortex_resources.emulator.queries.compiler import Compiler, refuse_clauses
from cortex_resources.emulator.queries.context import DmlResult, TableRelation
from cortex_resources.emulator.queries.dml import assignments, exposed
from cortex_resources.emulator.queries.engine import changed_rows
from cortex_resources.emulator.queries.names import Names, fold
from cortex_resources.emulator.queries.relations import relation
from cortex_resources.emulator.queries.targets import (
    default_of,
    physical,
    positions,
    required,
    stored,
    target_of,
)


@dataclass(slots=True)
class Merge:
    """A MERGE on its way through the engine."""

    compiler: Compiler
    tree: exp.Expr
    table: TableRelation
    tests: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    actions: list[tuple[str, list[int]]] = field(default_factory=list)

    def stage(self) -> str:
        """The joined rows with the clause each of them gets and the values it brings."""
        alias = self.compiler.statement.fresh()
        target = exposed(self.compiler, self.tree.this, self.table, alias)
        self.compiler.names.sources.append(target)
        using = relation(self.compiler, self.tree.args["using"])
        on = boolean(self.compiler.expr(self.tree.args["on"])).sql
        only = Compiler(
            self.compiler.statement,
            self.compiler.environment,
            Names(None, self.compiler.names.sources[1:]),
        )
        for number, when in enumerate(self.tree.args["whens"].expressions):
            self._clause(number, when, only, alias)
        cells = "".join(f", {cell}" for cell in self.cells)
        chosen = f"CASE {' '.join(self.tests)} END AS clause"
        return stage(
            self.compiler,
            f"SELECT {alias}.rowid AS rid, {chosen}{cells} FROM {using} "
            f'LEFT JOIN "{self.table.duck_name}" AS {alias} ON {on}',
        )

    def _clause(self, number: int, when: exp.Expr, only: Compiler, alias: str) -> None:
        refuse_clauses(when, {"matched", "condition", "then"}, "MERGE")
        matched, then = bool(when.args.get("matched")), when.args["then"]
        seen = self.compiler if matched else only
        test = f"{alias}.rowid IS {'NOT ' if matched else ''}NULL"
        if when.args.get("condition") is not None:
            test += f" AND {boolean(seen.expr(when.args['condition'])).sql}"
        self.tests.append(f"WHEN {test} THEN {number}")
        if isinstance(then, exp.Var) and then.name.upper() == "DELETE" and matched:
            self.actions.append(("DELETE", []))
        elif isinstance(then, exp.Update) and matched:
            self._update(number, then, only)
        elif isinstance(then, exp.Insert) and not matched:
            self._insert(number, then, seen)
        else:
            raise unsupported("this action of MERGE")

    def _update(self, number: int, then: exp.Expr, only: Compiler) -> None:
        if isinstance(then.expressions[0], exp.Star):
            pairs = self._by_name(only)
        else:
            pairs = assignments(self.compiler, self.table, then.expressions)
        self._keep(number, "UPDATE", pairs)

    def _by_name(self, only: Compiler) -> list[tuple[int, str]]:
        """ALL BY NAME: both sides have the same columns, in whatever order ("MERGE")."""
        given = {one.name: one.expr for one in only.names.visible()}
        if set(given) != {column.name for column in self.table.columns}:
            raise syntax_error("ALL BY NAME needs the same columns on both sides.")
        return [
            (place, required(stored(given[column.name], column), self.table, column))
            for place, column in enumerate(self.table.columns)
        ]

    def _keep(self, number: int, action: str, pairs: list[tuple[int, str]]) -> None:
        """Values are computed only for the rows of their clause."""
        so_far = " ".join(self.tests)
        self.cells += [
            f"CASE WHEN (CASE {so_far} END) = {number} THEN {value} END AS n{number}_{place}"
            for place, value in pairs
        ]
        self.actions.append((action, [place for place, _ in pairs]))

    def _insert(self, number: int, then: exp.Expr, seen: Compiler) -> None:
        if isinstance(then.this, exp.Star):
            return self._keep(number, "INSERT", self._by_name(seen))
        columns = then.this.expressions if then.this is not None else []
        names = [fold(one.this if isinstance(one, exp.Column) else one) for one in columns]
        places = positions(self.table, names) if names else range(len(self.table.columns))
        values = then.expression.expressions if then.expression is not None else []
        if len(values) == 1 and isinstance(values[0], exp.Tuple):
            values = values[0].expressions
        if len(values) != len(places):
            raise syntax_error("INSERT of MERGE needs one value for each column.")
        given = dict(zip(places, values, strict=True))
        pairs = []
        for place, column in enumerate(self.table.columns):
            value = seen.expr(given[place]) if place in given else default_of(seen, column)
            pairs.append((place, required(stored(value, column), self.table, column)))
        return self._keep(number, "INSERT", pairs)

    def apply(self, staged: str) -> DmlResult:
        """All changes, updates and deletions before insertions."""
        self._check(staged)
        counts: dict[str, int] = {}
        order = {"UPDATE": 0, "DELETE": 1, "INSERT": 2}
        numbered = sorted(enumerate(self.actions), key=lambda one: order[one[1][0]])
        for number, (action, places) in numbered:
            done = changed_rows(self.compiler, self._change(staged, number, action, places))
            counts[action] = counts.get(action, 0) + done
        return DmlResult(
            inserted=counts.get("INSERT"),
            updated=counts.get("UPDATE"),
            deleted=counts.get("DELETE"),
        )

    def _change(self, staged: str, number: int, action: str, places: list[int]) -> str:
        own, name = physical(self.table), self.table.duck_name
        chosen = f"FROM {staged} WHERE clause = {number}"
        if action == "DELETE":
            return f'DELETE FROM "{name}" WHERE rowid IN (SELECT rid {chosen})'
        if action == "UPDATE":
            sets = ", ".join(f"{own[place]} = s.n{number}_{place}" for place in places)
            return (
                f'UPDATE "{name}" SET {sets} FROM {staged} AS s '
                f'WHERE s.clause = {number} AND "{name}".rowid = s.rid'
            )
        listed = ", ".join(own[place] for place in places)
        cells = ", ".join(f"n{number}_{place}" for place in places)
        return f'INSERT INTO "{name}" ({listed}) SELECT {cells} {chosen}'

    def _check(self, staged: str) -> None:
        row = self.compiler.statement.connection.execute(
            f"SELECT count(*) FROM (SELECT rid FROM {staged} WHERE rid IS NOT NULL AND "
            "clause IS NOT NULL GROUP BY rid HAVING count(*) > 1)"
        ).fetchone()
        if row and row[0]:
            raise SnowflakeError(100090, "42P18", "Duplicate row detected during DML action")


@change(exp.Merge, "MERGE")
def merge(compiler: Compiler, tree: exp.Expr) -> DmlResult:
    """MERGE INTO t USING s ON … WHEN [NOT] MATCHED …"""
    refuse_clauses(tree, {"this", "using", "on", "whens"}, "MERGE")
    whens = tree.args["whens"].expressions
    table = target_of(compiler, tree.this, _privilege(whens[0]))
    for when in whens[1:]:
        target_of(compiler, tree.this, _privilege(when))
    running = Merge(compiler, tree, table)
    if compiler.statement.describe_only:
        return _none_changed({_privilege(when) for when in whens})
    return running.apply(running.stage())


def _none_changed(actions: set[str]) -> DmlResult:
    """A count for each action that a MERGE names."""
    return DmlResult(
        inserted=0 if "INSERT" in actions else None,
        updated=0 if "UPDATE" in actions else None,
        deleted=0 if "DELETE" in actions else None,
    )


def _privilege(when: exp.Expr) -> str:
    then = when.args["then"]
    if isinstance(then, exp.Insert):
        return "INSERT"
    return "UPDATE" if isinstance(then, exp.Update) else "DELETE"
