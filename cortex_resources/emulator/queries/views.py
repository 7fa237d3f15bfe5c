"""Views: read with the rights of their owner, in their own schema, with frozen columns."""

from __future__ import annotations

from cortex_resources.emulator.errors import SnowflakeError, unsupported
from cortex_resources.emulator.queries.casts import cast
from cortex_resources.emulator.queries.compiler import (
    MAX_VIEWS,
    Compiler,
    Environment,
    Output,
)
from cortex_resources.emulator.queries.context import Column, ViewRelation
from cortex_resources.emulator.queries.expression import Expr
from cortex_resources.emulator.queries.faults import compilation
from cortex_resources.emulator.queries.names import Names
from cortex_resources.emulator.queries.parse import parse_query
from cortex_resources.emulator.queries.types import TEXT, Kind

COMPILATION = "SQL compilation error:"
EXPANSION = 2037  # observed in public clients
# Told as they are: what the local account has not, views nested too deeply, other columns.
PLAIN = frozenset({2, 1998, 2057})


def inline(compiler: Compiler, view: ViewRelation, parts: tuple[str, ...]) -> str:
    """The query of a view, its columns brought to the frozen types."""
    name = view.name or ".".join((view.database, view.schema, parts[-1]))
    chain = compiler.environment.views
    if name in chain:
        raise broken(name, f"View '{name}' is part of a cycle of views")
    if len(chain) >= MAX_VIEWS:
        raise compilation(1998, "42601", f"views are nested more than {MAX_VIEWS} levels deep")
    scope = compiler.statement.context.scope_for_view(view)
    seen = Compiler(compiler.statement, Environment(scope, (*chain, name)), Names())
    output = _expanded(seen, view.text, name)
    if len(output.columns) != len(view.columns):
        raise compilation(
            2057,
            "42601",
            f"View definition for '{name}' declared {len(view.columns)} column(s), "
            f"but view query produces {len(output.columns)} column(s).",
        )
    return _frozen(compiler, output.sql, [one for _, one in output.columns], view, name)


def _expanded(seen: Compiler, text: str, name: str) -> Output:
    """The query of the view; what no longer compiles in it is an error of the view."""
    try:
        return seen.query(parse_query(text))
    except SnowflakeError as error:
        if error.errno in PLAIN or not error.message.startswith(COMPILATION):
            raise
        inner = error.message if error.errno != EXPANSION else error.message[len(COMPILATION) :]
        raise broken(name, inner.strip()) from None


def broken(name: str, why: str) -> SnowflakeError:
    """A view whose query no longer compiles."""
    return compilation(EXPANSION, "42601", f"Failure during expansion of view '{name}': {why}")


def _frozen(compiler: Compiler, sql: str, found: list[Expr], view: ViewRelation, name: str) -> str:
    relation = compiler.statement.fresh()
    pieces = []
    for place, (one, column) in enumerate(zip(found, view.columns, strict=True), 1):
        if not _same_family(one, column):
            raise broken(
                name,
                f"type mismatch for column '{column.name}': declared {column.type}, "
                f"query produces {one.type}",
            )
        pieces.append(
            f"{cast(Expr(f'{relation}.c{place}', one.type), column.type).sql} AS c{place}"
        )
    return f"SELECT {', '.join(pieces)} FROM ({sql}) AS {relation}"


def _same_family(one: Expr, column: Column) -> bool:
    return Kind.NULL in (one.type.kind, column.type.kind) or one.type.kind is column.type.kind


def frozen(output: list[tuple[str, Expr]], names: list[str] | None = None) -> list[Column]:
    """The columns a new view or table takes from its query; 2025 when two share a name."""
    titles = names if names is not None else [name for name, _ in output]
    if len(titles) != len(output):
        raise compilation(
            2026,
            "42601",
            f"Invalid column definition list: {len(titles)} names, {len(output)} columns",
        )
    for place, title in enumerate(titles):
        if title in titles[:place]:
            raise compilation(2025, "42S21", f"duplicate column name '{title}'")
    if len(output) > 4000:
        raise unsupported("more than 4000 columns")
    return [
        Column(title, TEXT if one.type.kind is Kind.NULL else one.type)
        for title, (_, one) in zip(titles, output, strict=True)
    ]
