"""Values that change by the call, drawn once for each row of FROM and then used by name.

The engine neither orders a window by such a value nor gives one name to two uses of it. So the
sources of a SELECT are read as rows (one struct for each source, under the source's own alias)
beside the drawn values.
"""

from __future__ import annotations

from dataclasses import replace

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.compiler import Compiler
from cortex_resources.emulator.queries.expression import Expr


def drawn_once(compiler: Compiler, value: Expr) -> Expr:
    """A value that changes by the call, under a name that always means the same draw."""
    if value.aggregate or value.window:
        raise unsupported("a changing value of an aggregate in this place")
    for name, sql in compiler.names.drawn.items():
        if sql == value.sql:
            return replace(value, sql=name, volatile=False)
    name = compiler.statement.fresh()
    compiler.names.drawn[name] = value.sql
    return replace(value, sql=name, volatile=False)


def with_draws(compiler: Compiler, source: str) -> str:
    """The FROM clause with the drawn values beside its rows."""
    drawn = compiler.names.drawn
    if not drawn:
        return source
    listed = [one.alias for one in compiler.names.sources]
    listed += [f"{sql} AS {name}" for name, sql in drawn.items()]
    return f"FROM (SELECT {', '.join(listed)} {source}) AS {compiler.statement.fresh()}"
