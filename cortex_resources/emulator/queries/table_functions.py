"""Table functions: FLATTEN, GENERATOR, SPLIT_TO_TABLE, TABLE(name), those of the catalog."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from cortex_resources.emulator.errors import SnowflakeError, syntax_error
from cortex_resources.emulator.queries.callbacks.paths import PathError, steps
from cortex_resources.emulator.queries.casts import text, to_variant
from cortex_resources.emulator.queries.compiler import Compiler, Output, function_name
from cortex_resources.emulator.queries.context import RowsRelation
from cortex_resources.emulator.queries.expression import Expr, quote
from cortex_resources.emulator.queries.faults import compilation, unknown_function, wrong_arguments
from cortex_resources.emulator.queries.names import fold
from cortex_resources.emulator.queries.parse import parse_name
from cortex_resources.emulator.queries.rows import literal_rows
from cortex_resources.emulator.queries.sources import add, named_relation
from cortex_resources.emulator.queries.types import NUMBER, TEXT, VARIANT, Type

Arguments = dict[str, exp.Expr]
MAX_GENERATED = 10_000_000


def table_function(compiler: Compiler, holder: exp.Expr, call: exp.Expr) -> str:
    """What stands after LATERAL or FROM with parentheses behind it."""
    name = function_name(call) if isinstance(call, exp.Anonymous) else ""
    if name == "TABLE" and len(call.expressions) == 1:
        call = call.expressions[0]
        if not isinstance(call, (exp.Anonymous, exp.Dot)):
            return _by_name(compiler, holder, call)
        name = function_name(call) if isinstance(call, exp.Anonymous) else ""
    if name == "IDENTIFIER":
        return _by_name(compiler, holder, call.expressions[0])
    build = BUILDERS.get(name)
    return build(compiler, holder, call) if build else _catalog(compiler, holder, call)


def _by_name(compiler: Compiler, holder: exp.Expr, tree: exp.Expr) -> str:
    value = compiler.constant(tree, "IDENTIFIER")
    if not isinstance(value, str):
        raise syntax_error("a name in quotes is needed here.")
    return named_relation(compiler, holder, parse_name(value))


def arguments(name: str, call: exp.Expr, order: tuple[str, ...]) -> Arguments:
    """Arguments by name, the positional ones by their place."""
    found: Arguments = {}
    for place, tree in enumerate(call.expressions):
        if isinstance(tree, (exp.Kwarg, exp.PropertyEQ)):
            key, value = fold(tree.this), tree.expression
        elif place < len(order):
            key, value = order[place], tree
        else:
            raise wrong_arguments(name, len(call.expressions), 1, len(order))
        if key not in order:
            raise compilation(1007, "22023", f"unknown argument {key} of {name}")
        found[key] = value
    return found


def _columns(*columns: tuple[str, Type]) -> list[tuple[str, Expr]]:
    return [(name, Expr("", kind)) for name, kind in columns]


FLATTENED = _columns(
    ("SEQ", NUMBER),
    ("KEY", TEXT),
    ("PATH", TEXT),
    ("INDEX", NUMBER),
    ("VALUE", VARIANT),
    ("THIS", VARIANT),
)
SPLIT = _columns(("SEQ", NUMBER), ("INDEX", NUMBER), ("VALUE", TEXT))


def flatten(compiler: Compiler, holder: exp.Expr, call: exp.Expr) -> str:
    """FLATTEN(INPUT => …, PATH, OUTER, RECURSIVE, MODE)."""
    given = arguments("FLATTEN", call, ("INPUT", "PATH", "OUTER", "RECURSIVE", "MODE"))
    if "INPUT" not in given:
        raise wrong_arguments("FLATTEN", 0, 1, 5)
    source = to_variant(compiler.expr(given["INPUT"]))

    def option(key: str, default: object) -> object:
        return compiler.constant(given[key], key) if key in given else default

    mode = str(option("MODE", "BOTH")).upper()
    if mode not in ("BOTH", "ARRAY", "OBJECT"):
        raise compilation(1007, "22023", "invalid MODE of FLATTEN")
    path = str(option("PATH", "") or "")
    try:
        steps(path)
    except PathError as problem:
        raise SnowflakeError(problem.errno, "22023", str(problem)) from None
    flags = f"{bool(option('OUTER', False))}, {bool(option('RECURSIVE', False))}".upper()
    call_sql = (
        f"sf_flatten({source.sql}, {quote(path)}, {flags}, {quote(mode)}, {compiler.statement.key})"
    )
    fields = ("seq", "key", "path", "idx", "value", "this")
    return _unnested(compiler, holder, call_sql, fields, FLATTENED)


def split_to_table(compiler: Compiler, holder: exp.Expr, call: exp.Expr) -> str:
    """SPLIT_TO_TABLE and STRTOK_SPLIT_TO_TABLE."""
    if len(call.expressions) != 2:
        raise wrong_arguments("SPLIT_TO_TABLE", len(call.expressions), 2, 2)
    value, delimiter = (text(one).sql for one in compiler.exprs(call.expressions))
    tokens = str(function_name(call) == "STRTOK_SPLIT_TO_TABLE").upper()
    call_sql = f"sf_split_rows({value}, {delimiter}, {tokens}, {compiler.statement.key})"
    return _unnested(compiler, holder, call_sql, ("seq", "idx", "value"), SPLIT)


def _unnested(
    compiler: Compiler,
    holder: exp.Expr,
    call_sql: str,
    fields: tuple[str, ...],
    columns: list[tuple[str, Expr]],
) -> str:
    inner = compiler.statement.fresh()
    listed = ", ".join(f"{inner}.s.{name} AS c{place}" for place, name in enumerate(fields, 1))
    listed += f", {inner}.s.o AS o"
    sql = f"(SELECT {listed} FROM (SELECT UNNEST({call_sql}) AS s) AS {inner})"
    return "LATERAL " + add(compiler, holder, Output(sql, columns), (), key="o")


def generator(compiler: Compiler, holder: exp.Expr, call: exp.Expr) -> str:
    """GENERATOR(ROWCOUNT => n): rows without columns."""
    given = arguments("GENERATOR", call, ("ROWCOUNT", "TIMELIMIT"))
    if "TIMELIMIT" in given or "ROWCOUNT" not in given:
        raise compilation(
            2, "0A000", "Unsupported feature in the local account: GENERATOR without ROWCOUNT"
        )
    count = compiler.constant(given["ROWCOUNT"], "ROWCOUNT")
    if not isinstance(count, int) or not 0 <= count <= MAX_GENERATED:
        raise compilation(1007, "22023", f"ROWCOUNT must be from 0 to {MAX_GENERATED}")
    return add(
        compiler, holder, Output(f"(SELECT range AS o FROM range({count}))", []), (), key="o"
    )


def _catalog(compiler: Compiler, holder: exp.Expr, call: exp.Expr) -> str:
    """RESULT_SCAN, INFORMATION_SCHEMA functions: asked of the account."""
    parts = []
    while isinstance(call, exp.Dot):
        parts += [fold(part) for part in _flat(call.this)]
        call = call.expression
    if not isinstance(call, exp.Anonymous):
        raise unknown_function("TABLE")
    name = ".".join([*parts, function_name(call)])
    values = [
        (fold(tree.this), compiler.constant(tree.expression, name))
        if isinstance(tree, (exp.Kwarg, exp.PropertyEQ))
        else compiler.constant(tree, name)
        for tree in call.expressions
    ]
    found: RowsRelation = compiler.statement.context.table_function(
        name, values, compiler.environment.scope
    )
    columns = [(column.name, Expr("", column.type)) for column in found.columns]
    return add(compiler, holder, Output(literal_rows(compiler, found), columns), ())


def _flat(tree: exp.Expr) -> list[exp.Expr]:
    if isinstance(tree, exp.Dot):
        return [*_flat(tree.this), tree.expression]
    return [tree]


Builder = Callable[[Compiler, exp.Expr, exp.Expr], str]
BUILDERS: dict[str, Builder] = {
    "FLATTEN": flatten,
    "GENERATOR": generator,
    "SPLIT_TO_TABLE": split_to_table,
    "STRTOK_SPLIT_TO_TABLE": split_to_table,
}
