"""Regular expressions: matched in linear time, anchored where Snowflake anchors them."""

from __future__ import annotations

import re

from sqlglot import exp

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.casts import integer, text
from cortex_resources.emulator.queries.compiler import Compiler
from cortex_resources.emulator.queries.expression import Expr, derive, quote, text_constant
from cortex_resources.emulator.queries.faults import compilation
from cortex_resources.emulator.queries.registry import node, scalar
from cortex_resources.emulator.queries.types import ARRAY, BOOLEAN, NUMBER, TEXT


def _options(values: list[Expr], place: int, spelled: str = "REGEXP") -> str:
    """Engine options for Snowflake's parameters c, i, m, s; `e` is handled by the caller."""
    if len(values) <= place or values[place].constant is None:
        return ""
    given = values[place].constant
    if not isinstance(given, str) or not re.fullmatch("[cimse]*", given):
        raise compilation(100050, "22023", f"Invalid regular expression parameters of {spelled}")
    found = ""
    for sign in given:
        found = found.replace("i", "").replace("c", "") + sign if sign in "ic" else found + sign
    return found.replace("e", "").replace("c", "")


def _pattern(value: Expr, options: str) -> str:
    """The pattern with its options in front, as the engine reads them."""
    flags = "".join(sorted(set(options)))
    found = text(value).sql
    return f"('(?{flags})' || {found})" if flags else found


def _number(values: list[Expr], place: int, default: int) -> Expr:
    if len(values) > place:
        return integer(values[place])
    return Expr(str(default), NUMBER, default)


def full_match(values: list[Expr]) -> Expr:
    """REGEXP_LIKE: the pattern must cover the whole text."""
    options = _options(values, 2, "REGEXP_LIKE")
    subject, pattern = text(values[0]), _pattern(values[1], options)
    return derive(f"regexp_full_match({subject.sql}, {pattern})", BOOLEAN, *values)


@scalar("REGEXP_LIKE", "RLIKE", "REGEXP", least=2, most=3)
def regexp_like(values: list[Expr]) -> Expr:
    """REGEXP_LIKE and RLIKE."""
    return full_match(values)


@node(exp.RegexpLike, exp.RegexpILike)
def rlike_node(compiler: Compiler, tree: exp.Expr) -> Expr:
    """RLIKE and REGEXP as operators."""
    return full_match([compiler.expr(tree.this), compiler.expr(tree.expression)])


def _tail(values: list[Expr], place: int) -> str:
    """The subject from a position on."""
    subject = text(values[0]).sql
    start = _number(values, place, 1)
    if start.constant == 1:
        return subject
    return f"sf_substr({subject}, {start.sql}, 16777216)"


def _head(values: list[Expr], place: int) -> str:
    start = _number(values, place, 1)
    if start.constant == 1:
        return ""
    return f"sf_left({text(values[0]).sql}, {start.sql} - 1) || "


@scalar("REGEXP_REPLACE", least=2, most=6)
def regexp_replace(values: list[Expr]) -> Expr:
    """REGEXP_REPLACE(subject, pattern [, replacement, position, occurrence, parameters])."""
    options = _options(values, 5, "REGEXP_REPLACE")
    by = text(values[2]) if len(values) > 2 else text_constant("")
    occurrence = _number(values, 4, 0)
    if not isinstance(occurrence.constant, int) or occurrence.constant < 0:
        raise unsupported("REGEXP_REPLACE with a computed occurrence")
    pattern, subject = _pattern(values[1], options), _tail(values, 3)
    if occurrence.constant == 0:
        sql = f"regexp_replace({subject}, {pattern}, {by.sql}, 'g')"
    else:
        sql = _nth(subject, pattern, by.sql, occurrence.constant)
    return derive(f"({_head(values, 3)}{sql})", TEXT, *values)


def _nth(subject: str, pattern: str, by: str, occurrence: int) -> str:
    """Replace one match: marks set around every match tell where the wanted one is."""
    return (
        f"sf_nth_replaced({_marked(subject, pattern)}, "
        f"{_replaced(subject, pattern, by)}, {occurrence})"
    )


def _marked(subject: str, pattern: str) -> str:
    marks = quote(BEGIN + "\\0" + END)
    return f"regexp_replace({subject}, {pattern}, {marks}, 'g')"


def _replaced(subject: str, pattern: str, by: str) -> str:
    return f"regexp_replace({subject}, {pattern}, {quote(BEGIN)} || {by} || {quote(END)}, 'g')"


BEGIN, END = "\ue0f0", "\ue0f1"


@scalar("REGEXP_SUBSTR", "REGEXP_EXTRACT", least=2, most=6)
def regexp_substr(values: list[Expr]) -> Expr:
    """REGEXP_SUBSTR(subject, pattern [, position, occurrence, parameters, group])."""
    options = _options(values, 4, "REGEXP_SUBSTR")
    extract = len(values) > 4 and "e" in str(values[4].constant or "")
    group = values[5].constant if len(values) > 5 else (1 if extract else 0)
    if not isinstance(group, int):
        raise unsupported("REGEXP_SUBSTR with a computed group")
    occurrence = _number(values, 3, 1)
    found = (
        f"regexp_extract_all({_tail(values, 2)}, {_pattern(values[1], options)}, {group})"
        f"[{occurrence.sql}]"
    )
    return derive(found, TEXT, *values)


@scalar("REGEXP_SUBSTR_ALL", "REGEXP_EXTRACT_ALL", least=2, most=6)
def regexp_substr_all(values: list[Expr]) -> Expr:
    """All matches from an occurrence on, as an array."""
    options = _options(values, 4, "REGEXP_SUBSTR_ALL")
    extract = len(values) > 4 and "e" in str(values[4].constant or "")
    group = values[5].constant if len(values) > 5 else (1 if extract else 0)
    first = _number(values, 3, 1)
    found = f"regexp_extract_all({_tail(values, 2)}, {_pattern(values[1], options)}, {group})"
    listed = f"list_transform({found}[{first.sql}:], lambda one: sf_json_string(one))"
    return derive(f"sf_array({listed}, FALSE)", ARRAY, *values)


@scalar("REGEXP_COUNT", least=2, most=4)
def regexp_count(values: list[Expr]) -> Expr:
    """REGEXP_COUNT(subject, pattern [, position, parameters])."""
    options = _options(values, 3, "REGEXP_COUNT")
    found = f"regexp_extract_all({_tail(values, 2)}, {_pattern(values[1], options)})"
    return derive(f"len({found})", NUMBER, *values)


@scalar("REGEXP_INSTR", least=2, most=7)
def regexp_instr(values: list[Expr]) -> Expr:
    """REGEXP_INSTR(subject, pattern [, position, occurrence, option, parameters])."""
    if len(values) > 6 or (len(values) > 5 and "e" in str(values[5].constant or "")):
        raise unsupported("REGEXP_INSTR with a group")
    options = _options(values, 5, "REGEXP_INSTR")
    marked = _marked(_tail(values, 2), _pattern(values[1], options))
    start, occurrence, after = (
        _number(values, place, default) for place, default in ((2, 1), (3, 1), (4, 0))
    )
    return derive(
        f"sf_nth_place({marked}, {start.sql}, {occurrence.sql}, {after.sql})", NUMBER, *values
    )
