"""The select list: names of columns, `*` with EXCLUDE, RENAME, REPLACE and ILIKE."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.names import quoted
from cortex_resources.emulator.queries.compiler import Compiler, refuse_clauses
from cortex_resources.emulator.queries.expression import Expr
from cortex_resources.emulator.queries.faults import compilation, invalid_identifier
from cortex_resources.emulator.queries.names import Field, fold
from cortex_resources.emulator.wildcards import pattern


@dataclass(slots=True)
class Item:
    """One output column: its name and how it is computed; compiled once, on demand."""

    name: str
    tree: exp.Expr | None = None
    ready: Expr | None = None
    explicit: bool = False
    busy: bool = field(default=False)

    def compiled(self, compiler: Compiler) -> Expr:
        """The expression of this column."""
        if self.ready is None:
            if self.busy or self.tree is None:
                raise invalid_identifier(quoted(self.name))
            self.busy = True
            self.ready = compiler.expr(self.tree)
            self.busy = False
        return self.ready


def expand(compiler: Compiler, trees: list[exp.Expr]) -> list[Item]:
    """The columns a select list stands for."""
    items: list[Item] = []
    for tree in trees:
        if isinstance(tree, exp.Star):
            items += _star(compiler, tree, list(compiler.names.visible()))
        elif isinstance(tree, exp.Column) and isinstance(tree.this, exp.Star):
            parts = [part for key in ("catalog", "db", "table") if (part := tree.args.get(key))]
            source = compiler.names.named(tuple(fold(part) for part in parts))
            items += _star(compiler, tree.this, source.fields)
        elif isinstance(tree, exp.Alias):
            items.append(Item(fold(tree.args["alias"]), tree.this, explicit=True))
        elif isinstance(tree, exp.Aliases):
            raise unsupported("several aliases of one expression")
        else:
            items.append(Item(output_name(tree), tree))
    return items


def _star(_compiler: Compiler, star: exp.Expr, fields: list[Field]) -> list[Item]:
    refuse_clauses(star, {"except_", "rename", "replace", "ilike"}, "SELECT *")
    if not fields:
        raise compilation(2079, "42601", "SELECT with no columns")
    excluded = {fold(_column(tree)) for tree in _listed(star, "except_")}
    renamed = {
        fold(_column(tree.this)): fold(tree.args["alias"]) for tree in _listed(star, "rename")
    }
    replaced = {fold(tree.args["alias"]): tree.this for tree in _listed(star, "replace")}
    known = {one.name for one in fields}
    for name in (*excluded, *renamed, *replaced):
        if name not in known:
            raise invalid_identifier(quoted(name))
    wanted = pattern(star.args["ilike"].this) if star.args.get("ilike") else None
    return [
        Item(
            renamed.get(one.name, one.name),
            replaced.get(one.name),
            None if one.name in replaced else one.expr,
        )
        for one in fields
        if one.name not in excluded and (wanted is None or wanted.matches(one.name))
    ]


def star_fields(compiler: Compiler, tree: exp.Expr) -> list[Field] | None:
    """The columns that `*` or `t.*` means as an argument, or None when it is neither."""
    qualified = isinstance(tree, exp.Column) and isinstance(tree.this, exp.Star)
    star = tree.this if qualified else tree
    if not isinstance(star, exp.Star):
        return None
    if star.args.get("rename") or star.args.get("replace"):
        raise unsupported("RENAME or REPLACE of * as an argument")
    if qualified:
        parts = [part for key in ("catalog", "db", "table") if (part := tree.args.get(key))]
        fields = compiler.names.named(tuple(fold(part) for part in parts)).fields
    else:
        fields = list(compiler.names.visible())
    kept = {item.name for item in _star(compiler, star, fields)}
    return [one for one in fields if one.name in kept]


def _listed(star: exp.Expr, key: str) -> list[exp.Expr]:
    return star.args.get(key) or []


def _column(tree: exp.Expr) -> exp.Expr:
    return tree.this if isinstance(tree, exp.Column) else tree


def output_name(tree: exp.Expr) -> str:
    """The name Snowflake gives a column without an alias: its text, in upper case."""
    if isinstance(tree, exp.Column):
        return fold(tree.this) if not isinstance(tree.this, exp.Parameter) else _spelled(tree)
    if isinstance(tree, exp.Identifier):
        return fold(tree)
    return _spelled(tree)


def _spelled(tree: exp.Expr) -> str:
    source = tree.meta.get("text")
    return source if isinstance(source, str) else tree.sql(dialect="snowflake").upper()
