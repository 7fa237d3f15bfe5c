"""Conversions between types, explicit and implicit, strict and TRY_."""

from __future__ import annotations

from collections.abc import Callable

from cortex_resources.emulator.queries import text_formats
from cortex_resources.emulator.queries.expression import UNKNOWN, Expr, derive
from cortex_resources.emulator.queries.faults import not_castable
from cortex_resources.emulator.queries.marks import MARKS, unmarked_sql
from cortex_resources.emulator.queries.types import (
    ARRAY,
    BINARY,
    BOOLEAN,
    DATE,
    DIGITS,
    FLOAT,
    NUMBER,
    OBJECT,
    SEMI,
    TEXT,
    TIME,
    TIMESTAMP_LTZ,
    TIMESTAMP_NTZ,
    TIMESTAMP_TZ,
    TIMESTAMPS,
    VARIANT,
    Kind,
    Type,
    number,
)

Rule = Callable[[Expr, Type, bool], str]
RULES: dict[tuple[Kind, Kind], Rule] = {}

ZONE = "getvariable('sf_zone')"  # set before a statement that uses it runs


def rule(sources: tuple[Kind, ...], target: Kind) -> Callable[[Rule], Rule]:
    """Register how values of those kinds become `target`."""

    def register(build: Rule) -> Rule:
        RULES.update({(source, target): build for source in sources})
        return build

    return register


def cast(value: Expr, target: Type, attempt: bool = False) -> Expr:
    """`value` as `target`; with `attempt` what does not fit is NULL."""
    if value.type.kind is Kind.NULL:
        return Expr(f"CAST(NULL AS {target.duck})", target, None)
    if value.type == target and target.kind is not Kind.NUMBER:
        return value
    found = RULES.get((value.type.kind, target.kind))
    if found is None:
        raise not_castable(value.type, target)
    result = derive(found(value, target, attempt), target, value)
    whole = target.kind is value.type.kind is Kind.TEXT and target.length >= value.type.length
    if value.known and whole:  # what is cut is another value
        return Expr(result.sql, target, value.constant)
    return result


def _name(function: str, attempt: bool) -> str:
    return f"sf_try_{function}" if attempt else f"sf_{function}"


def _cast(attempt: bool) -> str:
    return "TRY_CAST" if attempt else "CAST"


@rule((Kind.NUMBER, Kind.FLOAT), Kind.NUMBER)
def _number(value: Expr, target: Type, attempt: bool) -> str:
    return f"{_cast(attempt)}({value.sql} AS {target.duck})"


@rule((Kind.TEXT,), Kind.NUMBER)
def _text_number(value: Expr, target: Type, attempt: bool) -> str:
    return f"{_cast(attempt)}({_name('number', attempt)}({value.sql}) AS {target.duck})"


@rule((Kind.BOOLEAN,), Kind.NUMBER)
def _boolean_number(value: Expr, target: Type, _attempt: bool) -> str:
    return f"CAST(CAST({value.sql} AS INTEGER) AS {target.duck})"


@rule((Kind.VARIANT,), Kind.NUMBER)
def _variant_number(value: Expr, target: Type, attempt: bool) -> str:
    return f"{_cast(attempt)}({_name('variant_number', attempt)}({value.sql}) AS {target.duck})"


@rule((Kind.NUMBER, Kind.BOOLEAN), Kind.FLOAT)
def _float(value: Expr, _target: Type, _attempt: bool) -> str:
    return f"CAST({value.sql} AS DOUBLE)"


@rule((Kind.TEXT,), Kind.FLOAT)
def _text_float(value: Expr, _target: Type, attempt: bool) -> str:
    return f"{_cast(attempt)}({_name('float', attempt)}({value.sql}) AS DOUBLE)"


@rule((Kind.VARIANT,), Kind.FLOAT)
def _variant_float(value: Expr, _target: Type, attempt: bool) -> str:
    return f"CAST({_name('variant_real', attempt)}({value.sql}) AS DOUBLE)"


@rule((Kind.NUMBER, Kind.FLOAT), Kind.BOOLEAN)
def _boolean(value: Expr, _target: Type, _attempt: bool) -> str:
    return f"({value.sql} <> 0)"


@rule((Kind.TEXT,), Kind.BOOLEAN)
def _text_boolean(value: Expr, _target: Type, attempt: bool) -> str:
    return f"{_name('boolean', attempt)}({value.sql})"


@rule((Kind.VARIANT,), Kind.BOOLEAN)
def _variant_boolean(value: Expr, _target: Type, attempt: bool) -> str:
    return f"{_name('variant_boolean', attempt)}({value.sql})"


def _fitted(sql: str, target: Type, attempt: bool) -> str:
    """Text cut to nothing: what is longer than the type allows is an error."""
    if target.length >= TEXT.length:
        return sql
    return f"{_name('fit', attempt)}({sql}, {target.length})"


@rule((Kind.TEXT,), Kind.TEXT)
def _text(value: Expr, target: Type, attempt: bool) -> str:
    """A cast to a shorter VARCHAR cuts, TRY_CAST does not; storing checks, see `stored`."""
    if target.length >= value.type.length:
        return value.sql
    if attempt:
        return _fitted(value.sql, target, attempt)
    return f"left({value.sql}, {target.length})"


PLAIN_TEXT = {
    Kind.NUMBER: "CAST({} AS VARCHAR)",
    Kind.BOOLEAN: "CAST({} AS VARCHAR)",
    Kind.FLOAT: "sf_float_text({})",
    Kind.DATE: "strftime({}, '%Y-%m-%d')",
    Kind.TIME: "strftime(DATE '2000-01-01' + {}, '%H:%M:%S')",
    Kind.TIMESTAMP_NTZ: "strftime({}, '%Y-%m-%d %H:%M:%S.%g')",
    Kind.VARIANT: "sf_variant_text({})",
    Kind.OBJECT: unmarked_sql("{}"),
    Kind.ARRAY: unmarked_sql("{}"),
    Kind.BINARY: "hex({})",
    Kind.TIMESTAMP_LTZ: f"sf_zoned_text({{}}, sf_offset({{}}, {ZONE}))",
    Kind.TIMESTAMP_TZ: "sf_zoned_text(({}).utc, ({}).minutes)",
}


@rule(tuple(PLAIN_TEXT), Kind.TEXT)
def _plain_text(value: Expr, target: Type, attempt: bool) -> str:
    if value.type.kind is Kind.NUMBER and value.type.scale == value.type.precision:
        return _fitted(_fraction(value), target, attempt)
    return _fitted(text_formats.spelled(value) or _plain(value), target, attempt)


def _fraction(value: Expr) -> str:
    """A number without digits before the point: the engine leaves out the zero of 0.5."""
    if value.type.scale < DIGITS:
        return f"CAST(CAST({value.sql} AS {number(DIGITS, value.type.scale).duck}) AS VARCHAR)"
    return f"regexp_replace(CAST({value.sql} AS VARCHAR), '^(-?)[.]', '\\10.')"


def _plain(value: Expr) -> str:
    return PLAIN_TEXT[value.type.kind].format(value.sql, value.sql)


@rule((Kind.TEXT, Kind.VARIANT), Kind.BINARY)
def _binary(value: Expr, _target: Type, attempt: bool) -> str:
    return f"{_name('unhex', attempt)}({text(value).sql})"


def to_variant(value: Expr) -> Expr:
    """Any value as VARIANT: its canonical JSON text."""
    if value.type.kind is Kind.NULL:
        return Expr("CAST(NULL AS VARCHAR)", VARIANT, None)
    if value.type.kind in SEMI:
        return value.retyped(VARIANT)
    if value.type.kind is Kind.FLOAT:
        return derive(f"sf_json_float({value.sql})", VARIANT, value)
    spelled = _plain(value) if is_time(value) else text(value).sql
    if value.type.kind is Kind.NUMBER:
        short = f"rtrim(rtrim({spelled}, '0'), '.')" if value.type.scale else spelled
        return derive(short, VARIANT, value)
    if value.type.kind is Kind.BOOLEAN:
        return derive(spelled, VARIANT, value)
    mark = MARKS.get(value.type.kind)
    marked = f"'{mark}' || {spelled}" if mark else spelled
    return derive(f"sf_json_string({marked})", VARIANT, value)


def json_text(value: Expr) -> Expr:
    """Any value as JSON text."""
    found = to_variant(value)
    return derive(unmarked_sql(found.sql), TEXT, found)


@rule(tuple(kind for kind in Kind if kind is not Kind.NULL), Kind.VARIANT)
def _variant(value: Expr, _target: Type, _attempt: bool) -> str:
    return to_variant(value).sql


@rule((Kind.VARIANT, Kind.OBJECT), Kind.OBJECT)
def _object(value: Expr, _target: Type, attempt: bool) -> str:
    return f"{_name('variant_object', attempt)}({value.sql})"


@rule((Kind.VARIANT, Kind.ARRAY), Kind.ARRAY)
def _array(value: Expr, _target: Type, _attempt: bool) -> str:
    return f"sf_to_array({value.sql})"


def text(value: Expr) -> Expr:
    """As VARCHAR of any length."""
    return value if value.type.kind is Kind.TEXT else cast(value, TEXT)


def numeric(value: Expr) -> Expr:
    """As a number: NUMBER and FLOAT stay; text is read as NUMBER with a generous scale."""
    if value.type.kind in (Kind.NUMBER, Kind.FLOAT):
        return value
    if value.type.kind is Kind.TEXT:
        return cast(value, _literal_number(value))
    if value.type.kind is Kind.VARIANT:
        return cast(value, FLOAT)
    return cast(value, NUMBER)


def _literal_number(value: Expr) -> Type:
    if isinstance(value.constant, str):
        _, _, fraction = value.constant.partition(".")
        return number(DIGITS, min(12, len(fraction)) if fraction.isdigit() else 0)
    return number(DIGITS, 5)


def integer(value: Expr) -> Expr:
    """As a whole number that engine functions take."""
    known = isinstance(value.constant, int) and not isinstance(value.constant, bool)
    if known and abs(value.constant) < 10**18:
        return value
    found = cast(numeric(value), NUMBER)
    return derive(f"CAST({found.sql} AS BIGINT)", NUMBER, found)


def boolean(value: Expr) -> Expr:
    """As a truth value."""
    return value if value.type.kind is Kind.BOOLEAN else cast(value, BOOLEAN)


def floating(value: Expr) -> Expr:
    """As FLOAT."""
    return value if value.type.kind is Kind.FLOAT else cast(value, FLOAT)


def common(left: Type, right: Type) -> Type:
    """The type two branches share (CASE, COALESCE, UNION, comparisons)."""
    if left == right:
        return left
    if Kind.NULL in (left.kind, right.kind):
        return right if left.kind is Kind.NULL else left
    if left.kind is right.kind:
        return _wider(left, right)
    for ranked in PREFERENCE:
        if ranked.kind in (left.kind, right.kind):
            return _either(ranked, left, right)
    raise not_castable(left, right)


PREFERENCE = (
    VARIANT,
    BINARY,
    TIMESTAMP_TZ,
    TIMESTAMP_LTZ,
    TIMESTAMP_NTZ,
    DATE,
    TIME,
    FLOAT,
    NUMBER,
    BOOLEAN,
    ARRAY,
    OBJECT,
    TEXT,
)


def _either(ranked: Type, left: Type, right: Type) -> Type:
    if ranked.kind is not Kind.NUMBER:
        return left if left.kind is ranked.kind else right
    numbers = left if left.kind is Kind.NUMBER else right
    other = right if numbers is left else left
    scale = max(numbers.scale, 5) if other.kind is Kind.TEXT else numbers.scale
    return number(DIGITS, scale)


def _wider(left: Type, right: Type) -> Type:
    if left.kind is Kind.NUMBER:
        scale = max(left.scale, right.scale)
        whole = max(left.precision - left.scale, right.precision - right.scale)
        return number(min(DIGITS, whole + scale), scale)
    if left.kind in (Kind.TEXT, Kind.BINARY):
        return Type(left.kind, length=max(left.length, right.length))
    return Type(left.kind, scale=max(left.scale, right.scale))


def unify(values: list[Expr]) -> tuple[list[Expr], Type]:
    """The values brought to the type they share."""
    shared = values[0].type
    for value in values[1:]:
        shared = common(shared, value.type)
    if any(value.type.kind is Kind.TEXT for value in values) and shared.kind is Kind.NUMBER:
        shared = _with_texts(values)
    if shared.kind is Kind.NULL:
        return [cast(value, TEXT) for value in values], TEXT
    return [cast(value, shared) for value in values], shared


def _with_texts(values: list[Expr]) -> Type:
    """Numbers beside texts: literals tell their scale, columns get a generous one."""
    scale = 0
    for value in values:
        if value.type.kind is Kind.TEXT:
            scale = max(scale, _literal_number(value).scale)
        elif value.type.kind is Kind.NUMBER:
            scale = max(scale, value.type.scale)
    return number(DIGITS, scale)


def is_time(value: Expr) -> bool:
    """Whether the value is a date, a time or a timestamp."""
    return value.type.kind in (Kind.DATE, Kind.TIME, *TIMESTAMPS)


def literal_text(value: Expr) -> str | None:
    """The text of a VARCHAR constant, else None."""
    return (
        value.constant
        if value.constant is not UNKNOWN and isinstance(value.constant, str)
        else None
    )


__all__ = [
    "boolean",
    "cast",
    "common",
    "floating",
    "integer",
    "json_text",
    "literal_text",
    "numeric",
    "rule",
    "text",
    "to_variant",
    "unify",
]
