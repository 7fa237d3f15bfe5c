"""CREATE, DROP, DESCRIBE and SHOW USER FUNCTIONS for the functions that are aliases of models.

Our marker is the last line of a function's comment, after what the user wrote. SHOW tells the
comment as `description`, DESCRIBE the body.
Source: *CREATE FUNCTION*, *SHOW USER FUNCTIONS*, *DESCRIBE FUNCTION*, *AI_COMPLETE*.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cortex_resources.errors import InvalidNameError
from cortex_resources.model.aliases import ARGUMENTS, AliasMarker, ModelAlias, function
from cortex_resources.model.effects import Effect, Statement
from cortex_resources.model.names import QualifiedName
from cortex_resources.sql.literals import literal

Row = Mapping[str, object]

_MARKER = re.compile(
    r"(?:\A|\n)\[cortex-resources alias (?P<project>[^/\n]+)/(?P<stack>[^/\n]+)/(?P<key>[^\n]+?)"
    r" serves=(?P<serves>[^\n]+)\]\s*\Z"
)
_BODY = re.compile(
    r"\s*AI_COMPLETE\s*\(\s*'(?P<model>(?:[^'\\]|''|\\.)*)'\s*,\s*PROMPT\s*\)\s*::\s*VARCHAR\s*",
    re.IGNORECASE | re.DOTALL,
)
_ESCAPED = re.compile(r"''|\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FoundFunction:
    """A function of one text as the account showed it.

    `serves` is the model that its body calls; None where the body is another one, or was not asked.
    """

    name: QualifiedName
    comment: str
    marker: AliasMarker | None
    serves: QualifiedName | None = None


def show_in(schema: QualifiedName) -> Statement:
    """Read every function of one schema: one statement serves all of them."""
    text = f"SHOW USER FUNCTIONS IN SCHEMA {schema}"
    return Statement(text, Effect.READ, f"functions of {schema}")


def show_beside(model: QualifiedName) -> Statement:
    """Read every function of a model's database: one of them may call it."""
    text = f"SHOW USER FUNCTIONS IN DATABASE {QualifiedName((model.database,))}"
    return Statement(text, Effect.READ, f"what calls {model}")


def describe(name: QualifiedName) -> Statement:
    """Read the body of one function."""
    return Statement(f"DESCRIBE {function(name)}", Effect.READ, f"what {name} calls")


def create(alias: ModelAlias, marker: AliasMarker) -> Statement:
    """Create a function that must not exist."""
    return Statement(
        f"CREATE {_definition(alias, marker)}",
        Effect.CHANGE,
        f"alias {alias.name} is declared",
    )


def replace(alias: ModelAlias, marker: AliasMarker) -> Statement:
    """Replace a function of ours in one step and keep what is granted on it."""
    text = f"CREATE OR REPLACE {_definition(alias, marker, copy_grants=True)}"
    return Statement(text, Effect.CHANGE, f"{alias.name} calls {marker.serves} from now on")


def _definition(alias: ModelAlias, marker: AliasMarker, *, copy_grants: bool = False) -> str:
    grants = "COPY GRANTS " if copy_grants else ""
    comment = literal("\n".join(filter(None, (alias.comment, str(marker)))))
    body = f"AI_COMPLETE({literal(str(marker.serves))}, PROMPT)::VARCHAR"
    # A name may hold the dollar signs that would end the text.
    quoted = literal(body) if "$$" in body else f"$${body}$$"
    return (
        f"FUNCTION {alias.name}(PROMPT {', '.join(ARGUMENTS)}) {grants}RETURNS VARCHAR"
        f" COMMENT = {comment} AS {quoted}"
    )


def drop(name: QualifiedName) -> Statement:
    """Drop a function; there is no UNDROP FUNCTION, but nothing is lost with it."""
    return Statement(f"DROP {function(name)}", Effect.DESTROY, f"alias {name} left the stack")


def parse(rows: Sequence[Row]) -> dict[QualifiedName, FoundFunction]:
    """The functions of one text, out of SHOW USER FUNCTIONS, by their name."""
    found = {}
    for row in rows:
        signature, _, _ = str(row["arguments"]).rpartition(" RETURN ")
        if not signature.endswith(f"({', '.join(ARGUMENTS)})"):
            continue
        name = QualifiedName((str(row["catalog_name"]), str(row["schema_name"]), str(row["name"])))
        text = str(row.get("description") or "")
        found[name] = FoundFunction(name, without_marker(text), marker_of(text))
    return found


def marker_of(comment: str) -> AliasMarker | None:
    """Our marker out of a comment, or None when nobody of ours wrote it."""
    match = _MARKER.search(comment)
    if match is None:
        return None
    try:
        serves = QualifiedName.parse(match["serves"], depth=3)
    except InvalidNameError:
        return None
    return AliasMarker(match["project"], match["stack"], match["key"], serves)


def without_marker(comment: str) -> str:
    """What the user wrote in a comment, to the letter."""
    return comment if marker_of(comment) is None else _MARKER.sub("", comment)


def parse_body(rows: Sequence[Row]) -> QualifiedName | None:
    """The model that a function calls, out of DESCRIBE; None for a body of another form."""
    body = next((str(row["value"]) for row in rows if row["property"] == "body"), "")
    match = _BODY.fullmatch(body)
    if match is None:
        return None
    name = _ESCAPED.sub(lambda part: part[1] or "'", match["model"])
    try:
        return QualifiedName.parse(name, depth=3)
    except InvalidNameError:
        return None
