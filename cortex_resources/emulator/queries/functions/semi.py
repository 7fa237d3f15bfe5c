"""Functions on VARIANT, OBJECT and ARRAY."""

from __future__ import annotations

from sqlglot import exp

from cortex_resources.emulator.errors import SnowflakeError, unsupported
from cortex_resources.emulator.queries.callbacks.paths import PathError, steps
from cortex_resources.emulator.queries.casts import (
    cast,
    integer,
    json_text,
    literal_text,
    text,
    to_variant,
)
from cortex_resources.emulator.queries.compiler import Compiler
from cortex_resources.emulator.queries.expression import (
    Expr,
    call,
    derive,
    integer_constant,
    text_constant,
)
from cortex_resources.emulator.queries.faults import compilation, wrong_arguments, wrong_type
from cortex_resources.emulator.queries.literals import element, get_path
from cortex_resources.emulator.queries.projection import star_fields
from cortex_resources.emulator.queries.registry import node, scalar, special
from cortex_resources.emulator.queries.types import (
    ARRAY,
    BOOLEAN,
    NUMBER,
    OBJECT,
    SEMI,
    TEXT,
    VARIANT,
    Kind,
    Type,
)


@scalar("PARSE_JSON", least=1, most=2)
def parse_json(values: list[Expr]) -> Expr:
    """PARSE_JSON(text [, 'd' | 's'])."""
    if values[0].type.kind in SEMI:
        return values[0].retyped(VARIANT)
    return call(f"sf_{_reader(values)}", VARIANT, text(values[0]))


def _reader(values: list[Expr]) -> str:
    """Whether an attribute may be repeated: parameter `d`, and not `s`, which is the default."""
    repeated = (literal_text(values[1]) or "").lower() if len(values) > 1 else "s"
    if repeated not in ("d", "s"):
        raise compilation(1007, "22023", "invalid parameter of PARSE_JSON: 'd' or 's'")
    return "parse_json_last" if repeated == "d" else "parse_json"


@scalar("JSON_EXTRACT_PATH_TEXT", least=2)
def json_extract_path_text(values: list[Expr]) -> Expr:
    """JSON_EXTRACT_PATH_TEXT(text, path)."""
    return call("sf_path_text", TEXT, text(values[0]), text(values[1]))


@scalar("TRY_PARSE_JSON", least=1, most=2)
def try_parse_json(values: list[Expr]) -> Expr:
    """TRY_PARSE_JSON(text [, 'd' | 's'])."""
    return call(f"sf_try_{_reader(values)}", VARIANT, text(values[0]))


@scalar("CHECK_JSON", least=1)
def check_json(values: list[Expr]) -> Expr:
    """CHECK_JSON."""
    return call("sf_check_json", TEXT, text(values[0]))


@scalar("TO_JSON", least=1)
def to_json(values: list[Expr]) -> Expr:
    """TO_JSON: compact text."""
    return json_text(values[0])


@scalar("TO_VARIANT", least=1)
def to_variant_call(values: list[Expr]) -> Expr:
    """TO_VARIANT."""
    return to_variant(values[0])


@scalar("TO_OBJECT", least=1)
def to_object(values: list[Expr]) -> Expr:
    """TO_OBJECT."""
    return cast(to_variant(values[0]), OBJECT)


@scalar("TO_ARRAY", least=1)
def to_array(values: list[Expr]) -> Expr:
    """TO_ARRAY: a value that is none becomes the only item."""
    return cast(to_variant(values[0]), ARRAY)


def _pairs(name: str, trees: list[Expr], keep: str) -> Expr:
    if len(trees) % 2:
        raise wrong_arguments(name, len(trees), len(trees) + 1, None)
    keys = [text(one) for one in trees[::2]]
    values = [to_variant(one) for one in trees[1::2]]
    listed = ", ".join(one.sql for one in keys), ", ".join(one.sql for one in values)
    sql = f"sf_object(CAST([{listed[0]}] AS VARCHAR[]), CAST([{listed[1]}] AS VARCHAR[]), {keep})"
    return derive(sql, OBJECT, *trees)


def _construct(compiler: Compiler, trees: list[exp.Expr], name: str, keep: str) -> Expr:
    fields = star_fields(compiler, trees[0]) if len(trees) == 1 else None
    if fields is not None:
        found: list[Expr] = []
        for one in fields:
            found += [text_constant(one.name), one.expr]
        return _pairs(name, found, keep)
    return _pairs(name, compiler.exprs(trees), keep)


@special("OBJECT_CONSTRUCT")
def object_construct(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """OBJECT_CONSTRUCT: pairs with NULL are left out."""
    return _construct(compiler, trees, "OBJECT_CONSTRUCT", "FALSE")


@special("OBJECT_CONSTRUCT_KEEP_NULL")
def object_construct_keep_null(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """OBJECT_CONSTRUCT_KEEP_NULL."""
    return _construct(compiler, trees, "OBJECT_CONSTRUCT_KEEP_NULL", "TRUE")


@node(exp.Struct)
def object_literal(compiler: Compiler, tree: exp.Expr) -> Expr:
    """{'key': value}, {*}: NULL values are left out."""
    if len(tree.expressions) == 1 and star_fields(compiler, tree.expressions[0]) is not None:
        return _construct(compiler, tree.expressions, "OBJECT_CONSTRUCT", "FALSE")
    found: list[Expr] = []
    for pair in tree.expressions:
        if not isinstance(pair, exp.PropertyEQ):
            raise unsupported("this form of object literal")
        found += [text_constant(pair.this.name), compiler.expr(pair.expression)]
    return _pairs("OBJECT_CONSTRUCT", found, "FALSE")


def _items(values: list[Expr], compact: str) -> Expr:
    listed = ", ".join(to_variant(one).sql for one in values)
    return derive(f"sf_array(CAST([{listed}] AS VARCHAR[]), {compact})", ARRAY, *values)


@scalar("ARRAY_CONSTRUCT", least=0, most=None)
def array_construct(values: list[Expr]) -> Expr:
    """ARRAY_CONSTRUCT."""
    return _items(values, "FALSE")


@scalar("ARRAY_CONSTRUCT_COMPACT", least=0, most=None)
def array_construct_compact(values: list[Expr]) -> Expr:
    """ARRAY_CONSTRUCT without NULLs."""
    return _items(values, "TRUE")


@node(exp.Array)
def array_literal(compiler: Compiler, tree: exp.Expr) -> Expr:
    """[a, b]."""
    return _items(compiler.exprs(tree.expressions), "FALSE")


@scalar("GET", least=2)
def get(values: list[Expr]) -> Expr:
    """GET."""
    return element(values[0], values[1])


@scalar("GET_PATH", least=2)
def get_path_call(values: list[Expr]) -> Expr:
    """GET_PATH."""
    if not isinstance(values[1].constant, str):
        return call("sf_steps", VARIANT, to_variant(values[0]), text(values[1]))
    try:
        return get_path(values[0], steps(values[1].constant))
    except PathError as problem:
        raise SnowflakeError(problem.errno, "22023", str(problem)) from None


@scalar("GET_IGNORE_CASE", least=2)
def get_ignore_case(values: list[Expr]) -> Expr:
    """GET_IGNORE_CASE; a position is read as by GET."""
    if values[1].type.kind is Kind.NUMBER:
        return element(values[0], values[1])
    return call("sf_field_any_case", VARIANT, to_variant(values[0]), text(values[1]))


@scalar("IS_NULL_VALUE", least=1)
def is_null_value(values: list[Expr]) -> Expr:
    """Whether a VARIANT is a JSON null."""
    found = to_variant(values[0])
    return derive(f"({found.sql} = 'null')", BOOLEAN, found)


@scalar("STRIP_NULL_VALUE", least=1)
def strip_null_value(values: list[Expr]) -> Expr:
    """A JSON null as SQL NULL."""
    found = to_variant(values[0])
    return derive(f"NULLIF({found.sql}, 'null')", VARIANT, found)


@scalar("OBJECT_KEYS", least=1)
def object_keys(values: list[Expr]) -> Expr:
    """OBJECT_KEYS."""
    return call("sf_keys", ARRAY, to_variant(values[0]))


@scalar("OBJECT_INSERT", least=3, most=4)
def object_insert(values: list[Expr]) -> Expr:
    """OBJECT_INSERT(object, key, value [, update])."""
    update = values[3].sql if len(values) > 3 else "FALSE"
    found = to_variant(values[0])
    item = to_variant(values[2])
    return derive(
        f"sf_object_insert({found.sql}, {text(values[1]).sql}, {item.sql}, {update})",
        OBJECT,
        *values,
    )


@scalar("OBJECT_DELETE", least=2, most=None)
def object_delete(values: list[Expr]) -> Expr:
    """OBJECT_DELETE."""
    return _keyed("sf_object_delete", values)


@scalar("OBJECT_PICK", least=2, most=None)
def object_pick(values: list[Expr]) -> Expr:
    """OBJECT_PICK."""
    return _keyed("sf_object_pick", values)


def _keyed(function: str, values: list[Expr]) -> Expr:
    if len(values) == 2 and values[1].type.kind in (Kind.ARRAY, Kind.VARIANT):
        keys = values[1]
    else:
        keys = _items(values[1:], "TRUE")
    return derive(f"{function}({to_variant(values[0]).sql}, {keys.sql})", OBJECT, *values)


@scalar("ARRAY_SIZE", least=1)
def array_size(values: list[Expr]) -> Expr:
    """ARRAY_SIZE."""
    if values[0].type.kind not in (*SEMI, Kind.NULL):
        raise wrong_type("ARRAY_SIZE", values[0].type)
    return call("sf_size", NUMBER, to_variant(values[0]))


ARRAYS: dict[str, tuple[str, str, Type]] = {
    # name: engine function, kinds of arguments (v, x and n variant, i integer, t text), result
    "ARRAY_APPEND": ("sf_array_append", "vv", ARRAY),
    "ARRAY_PREPEND": ("sf_array_prepend", "vv", ARRAY),
    "ARRAY_CAT": ("sf_array_cat", "vv", ARRAY),
    "ARRAY_COMPACT": ("sf_array_compact", "v", ARRAY),
    "ARRAY_DISTINCT": ("sf_array_distinct", "v", ARRAY),
    "ARRAY_EXCEPT": ("sf_array_except", "vv", ARRAY),
    "ARRAY_INTERSECTION": ("sf_array_intersection", "vv", ARRAY),
    "ARRAY_FLATTEN": ("sf_array_flatten", "v", ARRAY),
    "ARRAY_INSERT": ("sf_array_insert", "viv", ARRAY),
    "ARRAY_REMOVE": ("sf_array_remove", "vn", ARRAY),
    "ARRAY_REVERSE": ("sf_array_reverse", "v", ARRAY),
    "ARRAY_REMOVE_AT": ("sf_array_remove_at", "vi", ARRAY),
    "ARRAY_SLICE": ("sf_array_slice", "vii", ARRAY),
    "ARRAY_CONTAINS": ("sf_array_contains", "xv", BOOLEAN),
    "ARRAY_POSITION": ("sf_array_position", "xv", NUMBER),
    "ARRAYS_OVERLAP": ("sf_arrays_overlap", "vv", BOOLEAN),
    "ARRAY_MIN": ("sf_array_min", "v", VARIANT),
    "ARRAY_MAX": ("sf_array_max", "v", VARIANT),
    "ARRAYS_TO_OBJECT": ("sf_arrays_to_object", "vv", OBJECT),
    "ARRAY_TO_STRING": ("sf_array_to_string", "vt", TEXT),
}
READ = {"v": to_variant, "x": to_variant, "n": to_variant, "i": integer, "t": text}


def _check_variants(name: str, kinds: str, values: list[Expr]) -> None:
    """What some functions compare with is no text (n), or a VARIANT from the start (x)."""
    for sign, one in zip(kinds, values, strict=True):
        kind = one.type.kind
        if (sign == "n" and kind is Kind.TEXT) or (sign == "x" and kind not in (*SEMI, Kind.NULL)):
            raise wrong_type(name, ", ".join(str(value.type) for value in values))


def _register_arrays() -> None:
    for name, (function, kinds, kind) in ARRAYS.items():

        def build(
            values: list[Expr],
            name: str = name,
            function: str = function,
            kinds: str = kinds,
            kind: Type = kind,
        ) -> Expr:
            _check_variants(name, kinds, values)
            read = [READ[sign](one) for sign, one in zip(kinds, values, strict=True)]
            return call(function, kind, *read)

        scalar(name, least=len(kinds))(build)


_register_arrays()


@scalar("ARRAY_SORT", least=1, most=3)
def array_sort(values: list[Expr]) -> Expr:
    """ARRAY_SORT(array [, ascending [, nulls first]])."""
    ascending = values[1].sql if len(values) > 1 else "TRUE"
    first = values[2].sql if len(values) > 2 else f"(NOT {ascending})"
    return derive(
        f"sf_array_sort({to_variant(values[0]).sql}, {ascending}, {first})", ARRAY, *values
    )


@scalar("ARRAY_GENERATE_RANGE", least=2, most=3)
def array_generate_range(values: list[Expr]) -> Expr:
    """ARRAY_GENERATE_RANGE."""
    step = integer(values[2]) if len(values) > 2 else integer_constant(1)
    return call("sf_array_range", ARRAY, integer(values[0]), integer(values[1]), step)


@scalar("ARRAYS_ZIP", least=1, most=None)
def arrays_zip(values: list[Expr]) -> Expr:
    """ARRAYS_ZIP."""
    listed = ", ".join(to_variant(one).sql for one in values)
    return derive(f"sf_arrays_zip(CAST([{listed}] AS VARCHAR[]))", ARRAY, *values)


@scalar("TO_XML", "PARSE_XML", "XMLGET", least=1, most=None)
def xml(_: list[Expr]) -> Expr:
    """XML is not here."""
    raise unsupported("XML functions")
