"""Context functions, the clock, random numbers."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from sqlglot import exp

from cortex_resources.emulator.queries.casts import ZONE, floating, integer, numeric
from cortex_resources.emulator.queries.compiler import Compiler
from cortex_resources.emulator.queries.expression import Expr, call, derive
from cortex_resources.emulator.queries.faults import wrong_arguments
from cortex_resources.emulator.queries.literals import moment, value_of
from cortex_resources.emulator.queries.registry import NODES, node, scalar, special
from cortex_resources.emulator.queries.types import (
    DATE,
    FLOAT,
    NUMBER,
    TEXT,
    TIME,
    TIMESTAMP_NTZ,
    Kind,
)

ASKED = (
    "CURRENT_ROLE",
    "CURRENT_USER",
    "CURRENT_ACCOUNT",
    "CURRENT_ACCOUNT_NAME",
    "CURRENT_ORGANIZATION_NAME",
    "CURRENT_REGION",
    "CURRENT_WAREHOUSE",
    "CURRENT_DATABASE",
    "CURRENT_SCHEMA",
    "CURRENT_SCHEMAS",
    "CURRENT_SESSION",
    "CURRENT_VERSION",
    "CURRENT_CLIENT",
    "CURRENT_AVAILABLE_ROLES",
    "CURRENT_SECONDARY_ROLES",
    "CURRENT_ROLE_TYPE",
    "CURRENT_STATEMENT",
    "CURRENT_TRANSACTION",
    "CURRENT_IP_ADDRESS",
    "INVOKER_ROLE",
    "IS_ROLE_IN_SESSION",
    "IS_DATABASE_ROLE_IN_SESSION",
    "IS_GRANTED_TO_INVOKER_ROLE",
    "GET_DDL",
    "LAST_QUERY_ID",
    "LAST_TRANSACTION",
    "SYSTEM$BOOTSTRAP_DATA_REQUEST",
    "SYSTEM$ABORT_SESSION",
    "SYSTEM$CANCEL_ALL_QUERIES",
    "SYSTEM$CANCEL_QUERY",
    "SYSTEM$SHOW_ACTIVE_BEHAVIOR_CHANGE_BUNDLES",
    "SYSTEM$LAST_CHANGE_COMMIT_TIME",
    "SYSTEM$GET_TAG",
    "SYSTEM$GET_TAG_ALLOWED_VALUES",
)


def ask(compiler: Compiler, name: str, trees: list[exp.Expr]) -> Expr:
    """One value from the account, on arguments that are known."""
    arguments: list[Any] = [compiler.constant(tree, name) for tree in trees]
    return value_of(compiler.statement.context.context_function(name, arguments))


def _register_asked() -> None:
    for name in ASKED:

        def build(compiler: Compiler, trees: list[exp.Expr], name: str = name) -> Expr:
            return ask(compiler, name, trees)

        special(name)(build)


_register_asked()


@special("CURRENT_TIMESTAMP", "GETDATE", "LOCALTIMESTAMP", "SYSTIMESTAMP")
def current_timestamp(compiler: Compiler, _: list[exp.Expr]) -> Expr:
    """The moment of the statement as TIMESTAMP_LTZ."""
    found = moment(compiler.statement.context.now)
    return Expr(found.sql, found.type)


@special("SYSDATE")
def sysdate(compiler: Compiler, _: list[exp.Expr]) -> Expr:
    """The moment of the statement in UTC, as TIMESTAMP_NTZ."""
    now = compiler.statement.context.now.astimezone(UTC).replace(tzinfo=None)
    return Expr(moment(now).sql, TIMESTAMP_NTZ)


@special("CURRENT_DATE")
def current_date(compiler: Compiler, _: list[exp.Expr]) -> Expr:
    """The date of the statement in the session's zone."""
    now = current_timestamp(compiler, [])
    return Expr(f"CAST(sf_to_local({now.sql}, {ZONE}) AS DATE)", DATE)


@special("CURRENT_TIME", "LOCALTIME")
def current_time(compiler: Compiler, _: list[exp.Expr]) -> Expr:
    """The time of the statement in the session's zone."""
    now = current_timestamp(compiler, [])
    return Expr(f"CAST(sf_to_local({now.sql}, {ZONE}) AS TIME)", TIME)


@node(exp.CurrentTimestamp)
def current_timestamp_node(compiler: Compiler, _: exp.Expr) -> Expr:
    """CURRENT_TIMESTAMP without parentheses."""
    return current_timestamp(compiler, [])


@node(exp.CurrentDate)
def current_date_node(compiler: Compiler, _: exp.Expr) -> Expr:
    """CURRENT_DATE without parentheses."""
    return current_date(compiler, [])


@node(exp.Localtime, exp.CurrentTime)
def current_time_node(compiler: Compiler, _: exp.Expr) -> Expr:
    """CURRENT_TIME without parentheses."""
    return current_time(compiler, [])


def _register_bare() -> None:
    for kind, name in ((exp.CurrentUser, "CURRENT_USER"), (exp.CurrentRole, "CURRENT_ROLE")):

        def build(compiler: Compiler, _: exp.Expr, name: str = name) -> Expr:
            return ask(compiler, name, [])

        NODES[kind] = build


_register_bare()


def _site(compiler: Compiler) -> str:
    return f"{compiler.statement.key}, {next(compiler.statement.counter)}"


@special("RANDOM")
def random_call(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """RANDOM([seed])."""
    if len(trees) > 1:
        raise wrong_arguments("RANDOM", len(trees), 0, 1)
    seed = integer(compiler.expr(trees[0])).sql if trees else "CAST(NULL AS BIGINT)"
    return Expr(f"sf_random({_site(compiler)}, {seed})", NUMBER, volatile=True)


@special("UNIFORM")
def uniform(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """UNIFORM(least, most, generator)."""
    if len(trees) != 3:
        raise wrong_arguments("UNIFORM", len(trees), 3, 3)
    low, high, source = (numeric(one) for one in compiler.exprs(trees))
    if Kind.FLOAT in (low.type.kind, high.type.kind) or low.type.scale or high.type.scale:
        share = f"((CAST({source.sql} AS DOUBLE) + 9223372036854775808) / 18446744073709551616)"
        start, end = floating(low).sql, floating(high).sql
        return derive(f"({start} + {share} * ({end} - {start}))", FLOAT, low, high, source)
    span = f"(CAST({high.sql} AS HUGEINT) - {low.sql} + 1)"
    drawn = f"(CAST({source.sql} AS HUGEINT) + 9223372036854775808)"
    return derive(f"CAST({low.sql} + ({drawn} % {span}) AS BIGINT)", NUMBER, low, high, source)


@scalar("NORMAL", least=3)
def normal(values: list[Expr]) -> Expr:
    """NORMAL(mean, deviation, generator)."""
    mean, deviation = (floating(numeric(value)) for value in values[:2])
    return call("sf_normal", FLOAT, mean, deviation, integer(values[2]))


@scalar("ZIPF", least=3)
def zipf(values: list[Expr]) -> Expr:
    """ZIPF(exponent, count, generator)."""
    return call(
        "sf_zipf", NUMBER, floating(numeric(values[0])), *(integer(one) for one in values[1:])
    )


@special("SEQ1", "SEQ2", "SEQ4", "SEQ8")
def sequence(compiler: Compiler, _trees: list[exp.Expr]) -> Expr:
    """SEQ1 … SEQ8."""
    return Expr(f"sf_sequence({_site(compiler)})", NUMBER, volatile=True)


@special("RANDSTR")
def randstr(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """RANDSTR(length, generator)."""
    if len(trees) != 2:
        raise wrong_arguments("RANDSTR", len(trees), 2, 2)
    size, source = (integer(one) for one in compiler.exprs(trees))
    return call("sf_randstr", TEXT, size, source)


@special("UUID_STRING")
def uuid_string(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """UUID_STRING([namespace, name])."""
    if trees:
        if len(trees) != 2:
            raise wrong_arguments("UUID_STRING", len(trees), 0, 2)
        return call("sf_uuid5", TEXT, *compiler.exprs(trees))
    return Expr(f"sf_uuid({compiler.statement.key})", TEXT, volatile=True)
