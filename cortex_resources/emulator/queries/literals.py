"""Literals, bindings, session variables, columns, paths into VARIANT values, type names."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlglot import exp

from cortex_resources.emulator.errors import bind_missing, syntax_error, unsupported
from cortex_resources.emulator.queries import casts
from cortex_resources.emulator.queries.callbacks.values import NUMERAL
from cortex_resources.emulator.queries.casts import cast
from cortex_resources.emulator.queries.compiler import Compiler
from cortex_resources.emulator.queries.expression import (
    NULL_EXPR,
    Expr,
    boolean_constant,
    call,
    derive,
    integer_constant,
    quote,
    text_constant,
)
from cortex_resources.emulator.queries.faults import compilation, wrong_arguments, wrong_type
from cortex_resources.emulator.queries.functions.calls import qualified
from cortex_resources.emulator.queries.names import fold
from cortex_resources.emulator.queries.parse import parse_name
from cortex_resources.emulator.queries.registry import node, special
from cortex_resources.emulator.queries.spelling import from_tree
from cortex_resources.emulator.queries.types import (
    BINARY,
    BOOLEAN,
    DATE,
    DIGITS,
    FLOAT,
    SEMI,
    TEXT,
    TIME,
    TIMESTAMP_LTZ,
    TIMESTAMP_NTZ,
    TIMESTAMP_TZ,
    VARIANT,
    Kind,
    number,
)


@node(exp.Literal)
def literal(_: Compiler, tree: exp.Expr) -> Expr:
    """A quoted text or a numeral."""
    return text_constant(tree.this) if tree.args["is_string"] else numeral(str(tree.this))


def numeral(spelled: str) -> Expr:
    """A numeral: NUMBER with the digits it shows, FLOAT where they are too many for it."""
    if not NUMERAL.fullmatch(spelled):
        raise syntax_error(f"unexpected '{spelled[:40]}'.")
    if "e" in spelled.lower():
        value = Decimal(spelled)
        if not -DIGITS < value.adjusted() < DIGITS or len(format(value, "f")) > DIGITS:
            return Expr(f"CAST({quote(spelled)} AS DOUBLE)", FLOAT, float(spelled))
        spelled = format(value, "f")
    whole, _, fraction = spelled.partition(".")
    digits = len(whole.lstrip("0"))
    if "." not in spelled:
        if digits > DIGITS:
            raise compilation(
                100039, "22003", f"Integer literal is out of representable range: {spelled}"
            )
        return integer_constant(int(spelled))
    if digits > DIGITS:
        return Expr(f"CAST({quote(spelled)} AS DOUBLE)", FLOAT, float(spelled))
    scale = min(len(fraction), DIGITS - 1, DIGITS - digits)
    kind = number(min(38, max(len(whole.lstrip("0")) + scale, 1)), scale)
    return Expr(f"CAST({quote(spelled)} AS {kind.duck})", kind, Decimal(spelled))


@node(exp.RawString, exp.National)
def raw_string(_: Compiler, tree: exp.Expr) -> Expr:
    """Text between double dollars."""
    return text_constant(tree.this)


@node(exp.HexString)
def hex_string(_: Compiler, tree: exp.Expr) -> Expr:
    """x'…'."""
    return Expr(f"unhex({quote(tree.this)})", BINARY)


@node(exp.Null)
def null(_: Compiler, _tree: exp.Expr) -> Expr:
    """NULL."""
    return NULL_EXPR


@node(exp.Boolean)
def boolean(_: Compiler, tree: exp.Expr) -> Expr:
    """TRUE and FALSE."""
    return boolean_constant(bool(tree.this))


@node(exp.Paren)
def paren(compiler: Compiler, tree: exp.Expr) -> Expr:
    """Parentheses."""
    return compiler.expr(tree.this)


@node(exp.Alias)
def alias(compiler: Compiler, tree: exp.Expr) -> Expr:
    """A named expression, for who asks only for its value."""
    return compiler.expr(tree.this)


def value_of(value: Any) -> Expr:
    """A Python value as a literal: session variables, context functions."""
    if value is None:
        return NULL_EXPR
    for python, spell in SPELLERS:
        if isinstance(value, python):
            return spell(value)
    return text_constant(str(value))


def moment(value: datetime) -> Expr:
    """A datetime as TIMESTAMP_LTZ when it is aware, else as TIMESTAMP_NTZ."""
    shift = value.utcoffset()
    plain = value.replace(tzinfo=None) - (shift or timedelta())
    kind = TIMESTAMP_NTZ if shift is None else TIMESTAMP_LTZ
    return Expr(f"TIMESTAMP '{plain.isoformat(' ')}'", kind, value)


def _json(value: Any) -> Expr:
    return Expr(quote(json.dumps(value, sort_keys=True, separators=(",", ":"))), VARIANT)


SPELLERS: tuple[tuple[type | tuple[type, ...], Callable[[Any], Expr]], ...] = (
    (bool, boolean_constant),
    (int, integer_constant),
    (Decimal, lambda value: numeral(format(value, "f"))),
    (float, lambda value: Expr(f"CAST('{value!r}' AS DOUBLE)", FLOAT, value)),
    (datetime, moment),
    (date, lambda value: Expr(f"DATE '{value.isoformat()}'", DATE, value)),
    ((dict, list), _json),
)
EPOCH = datetime(1970, 1, 1)


def bound(kind: str, value: Any) -> Expr:
    """A binding as the wire carries it: a type name and text."""
    if value is None:
        return NULL_EXPR
    read = BOUND.get(kind.upper())
    return read(str(value)) if read else text_constant(str(value))


def _nanoseconds(value: str) -> datetime:
    return EPOCH + timedelta(microseconds=int(value) // 1000)


def _bound_date(value: str) -> Expr:
    day = EPOCH + timedelta(milliseconds=int(value))
    return Expr(f"DATE '{day.date().isoformat()}'", DATE, day.date())


def _bound_time(value: str) -> Expr:
    spelled: time = _nanoseconds(value).time()
    return Expr(f"TIME '{spelled.isoformat()}'", TIME, spelled)


def _bound_ltz(value: str) -> Expr:
    plain = _nanoseconds(value.split(None, 1)[0])
    return Expr(f"TIMESTAMP '{plain.isoformat(' ')}'", TIMESTAMP_LTZ)


def _bound_tz(value: str) -> Expr:
    """Nanoseconds and the minutes from UTC, 1440 being none; older clients send both."""
    instant = _bound_ltz(value)
    _, _, minutes = value.partition(" ")
    if not minutes:
        return cast(instant, TIMESTAMP_TZ)
    sql = f"struct_pack(utc := {instant.sql}, minutes := {int(minutes) - 1440})"
    return Expr(sql, TIMESTAMP_TZ)


BOUND: dict[str, Callable[[str], Expr]] = {
    "FIXED": numeral,
    "REAL": lambda value: Expr(f"CAST({quote(value)} AS DOUBLE)", FLOAT, float(value)),
    "BOOLEAN": lambda value: boolean_constant(value.lower() in ("true", "1")),
    "DATE": _bound_date,
    "TIME": _bound_time,
    "TIMESTAMP_NTZ": lambda value: moment(_nanoseconds(value)),
    "TIMESTAMP_LTZ": _bound_ltz,
    "TIMESTAMP_TZ": _bound_tz,
    "BINARY": lambda value: Expr(f"unhex({quote(value)})", BINARY),
    "VARIANT": lambda value: casts.cast(text_constant(value), VARIANT),
}


@node(exp.Placeholder)
def placeholder(compiler: Compiler, tree: exp.Expr) -> Expr:
    """`?` and `:1`: a binding sent beside the statement."""
    key = str(tree.this or "")
    found = compiler.statement.context.bindings.get(key)
    if found is None:
        raise bind_missing(key)
    kind, value = found
    if isinstance(value, list):
        if len(value) != 1:
            raise unsupported("array binding outside of INSERT")
        value = value[0]
    return bound(kind, value)


@node(exp.Parameter)
def parameter(compiler: Compiler, tree: exp.Expr) -> Expr:
    """`$name`, a session variable, or `$1`, a column by position."""
    spelled = tree.this.name
    if spelled.isdigit():
        return compiler.names.position((), int(spelled))
    variables = compiler.statement.context.variables
    if spelled.upper() not in variables:
        raise compilation(2211, "42S22", f"Session variable '${spelled.upper()}' does not exist")
    return value_of(variables[spelled.upper()])


@node(exp.Column)
def column(compiler: Compiler, tree: exp.Expr) -> Expr:
    """A column by name; a few names without parentheses are context functions."""
    if isinstance(tree.this, exp.Star):
        raise unsupported("* in this place")
    if tree.args.get("join_mark"):
        raise unsupported("the outer join operator (+)")
    parts = [part for key in ("catalog", "db", "table") if (part := tree.args.get(key))]
    qualifier = tuple(fold(part) for part in parts)
    if isinstance(tree.this, exp.Parameter):
        return compiler.names.position(qualifier, int(tree.this.name))
    return compiler.names.column(qualifier, fold(tree.this), _place([*parts, tree.this][0]))


def _place(tree: exp.Expr) -> tuple[int, int]:
    """The line, from 1, and the position in it, from 0, of the first character of a name."""
    meta = tree.meta
    if "col" not in meta:
        return 1, 0
    return meta["line"], max(0, meta["col"] - (meta["end"] - meta["start"] + 1))


@special("IDENTIFIER")
def by_name(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """IDENTIFIER('name'): a column whose name is a text."""
    if len(trees) != 1:
        raise wrong_arguments("IDENTIFIER", len(trees), 1, 1)
    parts = parse_name(str(compiler.constant(trees[0], "IDENTIFIER")))
    return compiler.names.column(parts[:-1], parts[-1])


@node(exp.Identifier)
def identifier(compiler: Compiler, tree: exp.Expr) -> Expr:
    """A bare name where the parser did not say column."""
    return compiler.names.column((), fold(tree), _place(tree))


def _swallows(tree: exp.Expr) -> bool:
    """Behind INTERVAL and `+` the parser takes a text for an interval, and `::` for both."""
    return (
        isinstance(tree, exp.Add)
        and isinstance(tree.this, exp.Interval)
        and isinstance(tree.expression, exp.Interval)
    )


@node(exp.Cast, exp.TryCast)
def cast_node(compiler: Compiler, tree: exp.Expr) -> Expr:
    """CAST, `::` and TRY_CAST."""
    if _swallows(tree.this):  # INTERVAL '1 day' + '2024-01-01'::DATE
        kept = exp.Cast(this=tree.this.expression.this, to=tree.args["to"])
        return compiler.expr(exp.Add(this=tree.this.this, expression=kept))
    value = compiler.expr(tree.this)
    target = from_tree(tree.args["to"])
    attempt = isinstance(tree, exp.TryCast)
    if attempt and value.type.kind not in (Kind.TEXT, Kind.NULL):
        raise compilation(
            1065,
            "22023",
            f"Function TRY_CAST cannot be used with arguments of types {value.type} and {target}",
        )
    return cast(value, target, attempt)


@node(exp.ToBoolean)
def try_boolean(compiler: Compiler, tree: exp.Expr) -> Expr:
    """What the parser makes of TRY_CAST(… AS BOOLEAN)."""
    to = exp.DataType(this=exp.DType.BOOLEAN)
    return cast_node(compiler, exp.TryCast(this=tree.this, to=to))


def get_path(value: Expr, keys: Sequence[str | int]) -> Expr:
    """The value at a constant path."""
    if value.type.kind not in (*SEMI, Kind.NULL):
        raise wrong_type("GET", value.type)
    path = json.dumps(keys, separators=(",", ":"), ensure_ascii=False)
    return derive(f"sf_get({value.sql}, {quote(path)})", VARIANT, value)


@node(exp.JSONExtract)
def path(compiler: Compiler, tree: exp.Expr) -> Expr:
    """`v:a.b[0]`."""
    spelled = tree.args["expression"]
    if not isinstance(spelled, exp.JSONPath):
        raise unsupported("this kind of path")
    keys: list[str | int] = []
    for part in spelled.expressions[1:]:
        if not isinstance(part, (exp.JSONPathKey, exp.JSONPathSubscript)) or not isinstance(
            part.this, (str, int)
        ):
            raise unsupported("wildcards in a path")
        keys.append(part.this)
    return get_path(compiler.expr(tree.this), keys)


@node(exp.Bracket)
def bracket(compiler: Compiler, tree: exp.Expr) -> Expr:
    """`v['key']`, `v[0]`, and both with computed keys."""
    if len(tree.expressions) != 1 or isinstance(tree.expressions[0], exp.Slice):
        raise unsupported("slices in brackets")
    return element(compiler.expr(tree.this), compiler.expr(tree.expressions[0]))


def element(value: Expr, key: Expr) -> Expr:
    """One member of a semi-structured value (GET, brackets)."""
    if value.type.kind not in (*SEMI, Kind.NULL):
        raise wrong_type("GET", f"{value.type}, {key.type}")
    if isinstance(key.constant, (str, int)) and not isinstance(key.constant, bool):
        return get_path(value, [key.constant])
    if key.type.kind is Kind.NUMBER:
        return call("sf_item", VARIANT, value, casts.integer(key))
    if key.type.kind is Kind.VARIANT:
        return call("sf_dynamic", VARIANT, value, key)
    return call("sf_field", VARIANT, value, casts.text(key))


@node(exp.Dot)
def dot(compiler: Compiler, tree: exp.Expr) -> Expr:
    """`v[0].name`, or a function of another schema."""
    member = tree.expression
    if isinstance(member, exp.Anonymous):
        return qualified(compiler, tree)
    return get_path(compiler.expr(tree.this), [member.name])


__all__ = ["BOOLEAN", "TEXT", "bound", "element", "get_path", "value_of"]
