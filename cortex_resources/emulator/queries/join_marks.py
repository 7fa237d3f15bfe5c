"""The outer join operator `(+)` in WHERE, read as the LEFT JOIN that it stands for (*WHERE*)."""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp
from sqlglot.transforms import eliminate_join_marks

from cortex_resources.emulator.errors import unsupported

_MARK: Final = re.compile(r"\(\s*\+\s*\)")


def resolved(tree: exp.Expr, sql: str) -> exp.Expr:
    """The tree without marks; what the marks cannot be brought to is refused by name."""
    if _MARK.search(sql) is None:
        return tree
    marked = [one for one in tree.find_all(exp.Column) if one.args.get("join_mark")]
    if not marked:
        return tree
    if not all(one.args.get("table") for one in marked):
        raise unsupported("the outer join operator (+) behind a name without its table")
    try:
        found = eliminate_join_marks(tree)
    except Exception:  # noqa: BLE001 - the transformation asserts what it expects
        raise unsupported("the outer join operator (+) in this form") from None
    for join in found.find_all(exp.Join):
        if join.args.get("kind") == "LEFT":  # where the parser has the word as the side
            join.set("kind", None)
            join.set("side", "LEFT")
    return found
