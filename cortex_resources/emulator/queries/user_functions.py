"""Functions that users made: which one a call means, and its body in place of the call.

A body is an expression or a query of one value. Its names are the arguments and what lies in the
function's own schema, read with the rights of the function's owner ("Introduction to SQL UDFs").
Lengths, precision and scale of arguments and results are ignored ("SQL UDF limitations").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import duckdb
from sqlglot import exp

from cortex_resources.emulator import lexer
from cortex_resources.emulator.errors import SnowflakeError, unsupported
from cortex_resources.emulator.names import qualified
from cortex_resources.emulator.queries.casts import cast
from cortex_resources.emulator.queries.compiler import MAX_VIEWS, Compiler, Environment
from cortex_resources.emulator.queries.context import QueryContext, UserFunction
from cortex_resources.emulator.queries.engine import execute, lent, statement
from cortex_resources.emulator.queries.expression import UNKNOWN, Expr
from cortex_resources.emulator.queries.faults import (
    compilation,
    function_cycle,
    other_result,
    unknown_function,
    wrong_arguments,
    wrong_type,
)
from cortex_resources.emulator.queries.names import Field, Names, Source, fold
from cortex_resources.emulator.queries.overloads import Given, chosen, taken
from cortex_resources.emulator.queries.parse import parse_query
from cortex_resources.emulator.queries.targets import default_of
from cortex_resources.emulator.queries.types import Kind, Type

_FAILED = "Compilation of SQL UDF failed: "


def called(compiler: Compiler, parts: tuple[str, ...], trees: Sequence[exp.Expr]) -> Expr:
    """A call of a function that is not Snowflake's own."""
    found = compiler.statement.context.functions(parts, compiler.environment.scope)
    if not found:
        around = compiler.environment.views[-1:]
        if len(parts) == 1 and any(f".{parts[0]}(" in name for name in around):
            raise function_cycle(parts[0])  # it calls itself with other types
        raise unknown_function(qualified(parts))
    given = _given(compiler, trees)
    name = qualified(parts)
    least, most = found[0].least, len(found[0].arguments)
    if len(found) == 1 and not least <= given.count <= most:
        raise wrong_arguments(name, given.count, least, most)
    choice = chosen(found, given)
    if choice is None:
        raise wrong_type(name, ", ".join(str(one.type) for one in given.values))
    function, values = choice
    return _inlined(compiler, function, values)


def _given(compiler: Compiler, trees: Sequence[exp.Expr]) -> Given:
    given = Given([], {}, partial(default_of, compiler))
    for tree in trees:
        if isinstance(tree, (exp.Kwarg, exp.PropertyEQ)):
            given.named[fold(tree.this)] = compiler.expr(tree.expression)
        elif isinstance(tree, exp.Star):
            raise unsupported("* as the arguments of a function of a user")
        else:
            given.placed.append(compiler.expr(tree))
    if given.placed and given.named:
        raise compilation(1003, "42000", "syntax error: arguments both by name and by place")
    return given


def _inlined(compiler: Compiler, function: UserFunction, values: list[Expr]) -> Expr:
    """The body with these values for its arguments, as a value of the declared type."""
    chain = compiler.environment.views
    if function.name in chain:
        raise function_cycle(function.path[-1])
    if len(chain) >= MAX_VIEWS:
        raise compilation(1998, "42601", f"functions are nested more than {MAX_VIEWS} levels deep")
    key = (function, *((value.sql, value.type) for value in values))
    known = compiler.statement.inlined.get(key)
    if known is not None:  # the same call is the same text: GROUP BY finds it among the columns
        return known
    found = _result(function, _body(compiler, function, values))
    if not found.volatile:
        compiler.statement.inlined[key] = found
    return found


def _result(function: UserFunction, found: Expr) -> Expr:
    """What a body gives, as the declared type."""
    if found.type.kind is not function.returns.kind:  # it was made when a name meant another type
        found = cast(found, function.returns)
    elif function.returns.kind is Kind.TEXT:
        length = max(found.type.length, function.returns.length)
        found = found.retyped(Type(Kind.TEXT, length=length))
    return replace(found, constant=UNKNOWN)


def _body(compiler: Compiler, function: UserFunction, values: list[Expr]) -> Expr:
    tree = _parsed(function.body)
    _check_values(tree, function, values)
    fields = [
        Field(argument.name, replace(value, constant=UNKNOWN))
        for argument, value in zip(function.arguments, values, strict=True)
    ]
    context, running = compiler.statement.context, compiler.statement
    names = Names(sources=[Source((function.path[-1],), fields)])
    inside = Environment(
        context.scope_for_function(function),
        (*compiler.environment.views, function.name),
        asker=lent(running, context.for_function(function)),
        arguments=names,
    )
    found = Compiler(running, inside, names).expr(tree)
    passed = any(value.aggregate or value.window for value in values)
    if (found.aggregate or found.window) and not passed:
        raise unsupported("an aggregate or a window outside a query in a function's body")
    return replace(found, volatile=found.volatile or any(value.volatile for value in values))


def _parsed(body: str) -> exp.Expr:
    """The body as an expression; a query in parentheses is one too."""
    try:
        query = parse_query(f"SELECT ({_unended(body)}\n)")
    except SnowflakeError as error:
        raise SnowflakeError(error.errno, error.sqlstate, _FAILED + error.message) from None
    tree: exp.Expr = query.expressions[0]
    whole = {name for name, value in query.args.items() if value} == {"expressions"}
    if not whole or len(query.expressions) != 1 or not isinstance(tree, (exp.Paren, exp.Subquery)):
        raise compilation(1003, "42000", "syntax error: a function's body is one expression")
    return tree


def _unended(body: str) -> str:
    """The body without a semicolon at its end."""
    tokens = lexer.tokenize(body)
    return body[: tokens[-1].start] if tokens and tokens[-1].value == ";" else body


def _check_values(tree: exp.Expr, function: UserFunction, values: list[Expr]) -> None:
    """A value stands wherever the body names its argument, so it must be the same everywhere."""
    queries = tree.find(exp.Query, exp.Subquery) is not None
    for argument, value in zip(function.arguments, values, strict=True):
        uses = sum(fold(one.this) == argument.name for one in tree.find_all(exp.Column))
        if value.volatile and (uses > 1 or (uses and queries)):
            raise unsupported("a value that changes by the call for an argument used repeatedly")
        if (value.aggregate or value.window) and queries and uses:
            raise unsupported("an aggregate for an argument of a function whose body is a query")


def check(
    function: UserFunction, context: QueryContext, connection: duckdb.DuckDBPyConnection
) -> None:
    """Fail unless the body compiles to the declared type, as CREATE FUNCTION asks."""
    values = [
        Expr(f"CAST(NULL AS {argument.type.duck})", argument.type)
        for argument in function.arguments
    ]
    with statement(context, connection, describe_only=True) as compiler:
        for argument in function.arguments:
            taken(default_of(compiler, argument), argument.type)
        found = _body(compiler, function, values)
        if found.type.kind not in (function.returns.kind, Kind.NULL):
            raise other_result(function.returns, found.type)
        execute(compiler, f"EXPLAIN SELECT {found.sql}")
