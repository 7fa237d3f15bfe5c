"""Aggregates, all of them usable with OVER."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.casts import (
    boolean,
    floating,
    integer,
    numeric,
    text,
    to_variant,
)
from cortex_resources.emulator.queries.expression import NULL_EXPR, Expr, derive
from cortex_resources.emulator.queries.faults import (
    compilation,
    invalid_order,
    wrong_arguments,
    wrong_type,
)
from cortex_resources.emulator.queries.functions.calls import Call, aggregate
from cortex_resources.emulator.queries.functions.hashing import row_hash, starred
from cortex_resources.emulator.queries.operators import divide, quotient_scale
from cortex_resources.emulator.queries.projection import star_fields
from cortex_resources.emulator.queries.types import (
    ARRAY,
    BOOLEAN,
    DIGITS,
    FLOAT,
    NUMBER,
    OBJECT,
    SEMI,
    TEXT,
    VARIANT,
    Kind,
    number,
)


@aggregate("COUNT")
def count(call: Call) -> Expr:
    """COUNT of rows, of values, of distinct rows without NULL."""
    if len(call.trees) == 1:
        (tree,) = call.trees
        if _plain_star(tree) and not call.distinct:
            return call.sql("count", "*", number(18))
        fields = star_fields(call.compiler, tree)
        if fields is not None:
            return _count_rows(call, [one.expr for one in fields])
    if not call.trees:
        raise wrong_arguments("COUNT", 0, 1, None)
    return _count_rows(call, call.arguments(1, 100))


def _plain_star(tree: exp.Expr) -> bool:
    return isinstance(tree, exp.Star) and not any(tree.args.values())


def _count_rows(call: Call, values: list[Expr]) -> Expr:
    if len(values) == 1:
        return call.sql("count", values[0].sql, number(18), *values)
    there = " AND ".join(f"{value.sql} IS NOT NULL" for value in values)
    row = f"CASE WHEN {there} THEN row({', '.join(value.sql for value in values)}) END"
    return call.sql("count", row, number(18), *values)


@aggregate("COUNT_IF")
def count_if(call: Call) -> Expr:
    """COUNT_IF."""
    (test,) = call.arguments(1)
    found = boolean(test)
    return call.sql("count", f"CASE WHEN {found.sql} THEN 1 END", number(18), found)


@aggregate("SUM")
def total(call: Call) -> Expr:
    """SUM: exact for NUMBER."""
    (value,) = call.arguments(1)
    return _sum(call, _addend(call, value))


def _addend(call: Call, value: Expr) -> Expr:
    if value.type.kind is Kind.BOOLEAN:
        raise wrong_type(call.name, value.type)
    return numeric(value)


def _sum(call: Call, found: Expr) -> Expr:
    if found.type.kind is Kind.FLOAT:
        return call.sql("sum", found.sql, FLOAT, found)
    kind = number(DIGITS, found.type.scale)
    summed = call.sql("sum", f"CAST({found.sql} AS {kind.duck})", kind, found)
    return derive(f"CAST({summed.sql} AS {kind.duck})", kind, summed)


@aggregate("AVG")
def average(call: Call) -> Expr:
    """AVG: six more digits than its values."""
    (value,) = call.arguments(1)
    found = _addend(call, value)
    if found.type.kind is Kind.FLOAT:
        return call.sql("avg", found.sql, FLOAT, found)
    summed, counted = _sum(call, found), call.sql("count", found.sql, number(18), found)
    guarded = derive(f"NULLIF({counted.sql}, 0)", counted.type, counted)
    return divide(summed, guarded, max(6, quotient_scale(found.type.scale)))


@aggregate("MIN", "MAX")
def extreme(call: Call) -> Expr:
    """MIN and MAX."""
    (value,) = call.arguments(1)
    if value.type.kind is Kind.VARIANT:
        word = "arg_min" if call.name == "MIN" else "arg_max"
        return call.sql(word, f"{value.sql}, sf_sort_key({value.sql})", VARIANT, value)
    if value.type.kind in (*SEMI, Kind.TIMESTAMP_TZ):
        raise wrong_type(call.name, value.type)
    return call.sql(call.name.lower(), value.sql, value.type, value)


@aggregate("LISTAGG", "STRING_AGG")
def listagg(call: Call) -> Expr:
    """LISTAGG: NULLs are skipped, nothing gives an empty text."""
    value, *rest = call.arguments(1, 2)
    delimiter = text(rest[0]).sql if rest else "''"
    if call.over is not None and call.ordered:
        raise unsupported("ORDER BY in OVER of LISTAGG: use WITHIN GROUP")
    joined = _joined(call, value, text, delimiter)
    return derive(f"COALESCE({joined.sql}, '')", TEXT, joined)


def _joined(call: Call, value: Expr, spell: Callable[[Expr], Expr], delimiter: str) -> Expr:
    """The spelled values one after another; DISTINCT compares the values themselves."""
    if not call.distinct or call.within is None:
        spelled = spell(value)
        return call.sql("string_agg", f"{spelled.sql}, {delimiter}", TEXT, spelled, order=True)
    (term,) = call.within.expressions if len(call.within.expressions) == 1 else (None,)
    if term is None or call.compiler.expr(term.this).sql != value.sql:
        raise invalid_order(call.within)
    listed = call.sql("list", value.sql, TEXT, value, order=True)
    if call.over is not None or call.filtered is not None:
        raise unsupported("DISTINCT with WITHIN GROUP and OVER")
    known = f"list_filter({listed.sql}, lambda one: one IS NOT NULL)"
    spelled = spell(Expr("one", value.type))
    sql = f"array_to_string(list_transform({known}, lambda one: {spelled.sql}), {delimiter})"
    return derive(sql, TEXT, listed)


@aggregate("ARRAY_AGG", "ARRAYAGG", "ARRAY_UNIQUE_AGG")
def array_agg(call: Call) -> Expr:
    """ARRAY_AGG: NULLs are skipped, nothing gives an empty array."""
    (value,) = call.arguments(1)
    call.distinct = call.distinct or call.name == "ARRAY_UNIQUE_AGG"
    inner = _joined(call, value, to_variant, "','")
    return derive(f"('[' || COALESCE({inner.sql}, '') || ']')", ARRAY, inner)


@aggregate("OBJECT_AGG")
def object_agg(call: Call) -> Expr:
    """OBJECT_AGG: pairs with a NULL are skipped, a key twice is an error."""
    key, value = call.arguments(2)
    name, found = text(key), to_variant(value)
    there = f"{name.sql} IS NOT NULL AND {found.sql} IS NOT NULL"
    keys = call.sql("list", f"CASE WHEN {there} THEN {name.sql} END", TEXT, name, found)
    values = call.sql("list", f"CASE WHEN {there} THEN {found.sql} END", TEXT, name, found)
    return derive(
        f"sf_object(COALESCE({keys.sql}, []), COALESCE({values.sql}, []), FALSE)",
        OBJECT,
        keys,
        values,
    )


@aggregate("ANY_VALUE")
def any_value(call: Call) -> Expr:
    """ANY_VALUE: the first one found."""
    (value,) = call.arguments(1)
    return call.sql("any_value", value.sql, value.type, value)


@aggregate("MAX_BY", "MIN_BY")
def extreme_by(call: Call) -> Expr:
    """The value in the row where another is largest or smallest."""
    value, key, *count = call.arguments(2, 3)
    if count:
        return _several_by(call, value, key, count[0])
    word = "arg_max_null" if call.name == "MAX_BY" else "arg_min_null"
    return call.sql(word, f"{value.sql}, {key.sql}", value.type, value, key)


def _several_by(call: Call, value: Expr, key: Expr, count: Expr) -> Expr:
    """So many values in an array, the best first."""
    if not isinstance(count.constant, int) or not 1 <= count.constant <= 1000:
        raise compilation(1007, "22023", f"the third argument of {call.name} is from 1 to 1000")
    word = "arg_max" if call.name == "MAX_BY" else "arg_min"
    found = to_variant(value)
    listed = call.sql(word, f"{found.sql}, {key.sql}, {count.constant}", ARRAY, found, key)
    return derive(f"sf_array(COALESCE({listed.sql}, []), FALSE)", ARRAY, listed)


@aggregate("BOOLAND_AGG", "BOOLOR_AGG", "BOOLXOR_AGG")
def boolean_agg(call: Call) -> Expr:
    """Truth values together."""
    found = boolean(call.arguments(1)[0])
    if call.name == "BOOLXOR_AGG":
        summed = call.sql("sum", f"CAST({found.sql} AS INTEGER)", NUMBER, found)
        return derive(f"({summed.sql} = 1)", BOOLEAN, summed)
    word = "bool_and" if call.name == "BOOLAND_AGG" else "bool_or"
    return call.sql(word, found.sql, BOOLEAN, found)


BITS = {
    f"{name}{joint}AGG": f"bit_{word}"
    for word in ("and", "or", "xor")
    for name in (f"BIT{word.upper()}", f"BIT_{word.upper()}")
    for joint in ("_", "")
}


@aggregate(*BITS)
def bits(call: Call) -> Expr:
    """Bits together."""
    found = integer(call.arguments(1)[0])
    return call.sql(BITS[call.name], f"CAST({found.sql} AS BIGINT)", NUMBER, found)


STATISTICS = {
    "STDDEV": "stddev_samp",
    "STDDEV_SAMP": "stddev_samp",
    "STDDEV_POP": "stddev_pop",
    "VARIANCE": "var_samp",
    "VAR_SAMP": "var_samp",
    "VARIANCE_SAMP": "var_samp",
    "VAR_POP": "var_pop",
    "VARIANCE_POP": "var_pop",
    "SKEW": "skewness",
    "KURTOSIS": "kurtosis",
}


@aggregate(*STATISTICS)
def statistics(call: Call) -> Expr:
    """Moments of a distribution."""
    found = floating(numeric(call.arguments(1)[0]))
    return call.sql(STATISTICS[call.name], found.sql, FLOAT, found)


PAIRS = {
    "CORR": "corr",
    "COVAR_POP": "covar_pop",
    "COVAR_SAMP": "covar_samp",
    "REGR_SLOPE": "regr_slope",
    "REGR_INTERCEPT": "regr_intercept",
    "REGR_R2": "regr_r2",
    "REGR_COUNT": "regr_count",
    "REGR_AVGX": "regr_avgx",
    "REGR_AVGY": "regr_avgy",
    "REGR_SXX": "regr_sxx",
    "REGR_SXY": "regr_sxy",
    "REGR_SYY": "regr_syy",
}


@aggregate(*PAIRS)
def pairs(call: Call) -> Expr:
    """Statistics of two columns."""
    first, second = (floating(numeric(one)) for one in call.arguments(2))
    kind = NUMBER if call.name == "REGR_COUNT" else FLOAT
    return call.sql(PAIRS[call.name], f"{first.sql}, {second.sql}", kind, first, second)


@aggregate("MEDIAN")
def median(call: Call) -> Expr:
    """MEDIAN."""
    return _percentile(call, numeric(call.arguments(1)[0]), "0.5", "quantile_cont")


def _percentile(call: Call, found: Expr, share: str, function: str) -> Expr:
    if found.type.kind is Kind.FLOAT:
        return call.sql(function, f"{found.sql}, {share}", FLOAT, found)
    kind = number(DIGITS, min(found.type.scale + 3, DIGITS - 1))
    inner = f"CAST({found.sql} AS {kind.duck})" if function == "quantile_cont" else found.sql
    raw = call.sql(function, f"{inner}, {share}", FLOAT, found)
    kind = kind if function == "quantile_cont" else found.type
    return derive(f"CAST({raw.sql} AS {kind.duck})", kind, raw)


@aggregate("PERCENTILE_CONT", "PERCENTILE_DISC")
def percentile(call: Call) -> Expr:
    """PERCENTILE_… (share) WITHIN GROUP (ORDER BY value)."""
    if call.within is None or len(call.within.expressions) != 1:
        raise wrong_type(call.name, "without WITHIN GROUP (ORDER BY one expression)")
    share = float(call.compiler.constant(call.trees[0], call.name))
    term = call.within.expressions[0]
    found = call.compiler.expr(term.this)
    share = 1 - share if term.args.get("desc") else share
    call.within = None
    if call.name == "PERCENTILE_CONT":
        return _percentile(call, numeric(found), repr(share), "quantile_cont")
    return call.sql("quantile_disc", f"{found.sql}, {share!r}", found.type, found)


@aggregate("APPROX_PERCENTILE")
def approximate_percentile(call: Call) -> Expr:
    """APPROX_PERCENTILE, computed exactly."""
    value, _ = call.arguments(2)
    share = float(call.compiler.constant(call.trees[1], call.name))
    found = floating(numeric(value))
    return call.sql("quantile_cont", f"{found.sql}, {share!r}", FLOAT, found)


@aggregate("MODE")
def mode(call: Call) -> Expr:
    """MODE."""
    (value,) = call.arguments(1)
    return call.sql("mode", value.sql, value.type, value)


@aggregate("APPROX_COUNT_DISTINCT", "HLL")
def approximate_count(call: Call) -> Expr:
    """Distinct values, counted exactly."""
    call.distinct = True
    return count(call)


@aggregate("HASH_AGG")
def hash_agg(call: Call) -> Expr:
    """A fingerprint of all rows that their order does not change."""
    values = starred(call.compiler, call.trees)
    hashed = row_hash(values or [NULL_EXPR])
    summed = call.sql("sum", f"CAST({hashed.sql} AS HUGEINT)", NUMBER, hashed)
    return derive(f"sf_wrap(CAST(COALESCE({summed.sql}, 0) AS VARCHAR))", number(19), summed)


@aggregate("GROUPING", "GROUPING_ID")
def grouping(call: Call) -> Expr:
    """Which keys a row of ROLLUP, CUBE or GROUPING SETS left out."""
    values = call.arguments(1, 60)
    return call.sql("grouping", ", ".join(value.sql for value in values), NUMBER, *values)
