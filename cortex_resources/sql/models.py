"""SHOW, ALTER and DROP MODEL. There is no UNDROP MODEL: restoring means paying again.

Our marker is the last line of a model's comment, after what the user wrote.
Source: *SHOW MODELS*, *ALTER MODEL*, *DROP MODEL*.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from cortex_resources.model.effects import Effect, Statement
from cortex_resources.model.jobs import Marker, ModelRecord
from cortex_resources.model.names import QualifiedName
from cortex_resources.sql.literals import literal, pattern

Row = Mapping[str, object]

_MARKER = re.compile(
    r"\[cortex-resources (?P<project>[^/\]]+)/(?P<stack>[^/\]]+)/(?P<model>[^\]]+?)"
    r" spec=(?P<spec_hash>[0-9a-f]{64}) job=(?P<job>[^\] ]+)\]\s*\Z"
)


def show(name: QualifiedName) -> Statement:
    """Read the models of a schema that LIKE takes for this name; `parse` filters exactly."""
    return Statement(
        f"SHOW MODELS LIKE {pattern(name.name)} IN SCHEMA {name.parent}",
        Effect.READ,
        f"model {name}",
    )


def show_beside(name: QualifiedName) -> Statement:
    """Read every model of the schema: one that was renamed is still known by its marker."""
    return Statement(f"SHOW MODELS IN SCHEMA {name.parent}", Effect.READ, f"models beside {name}")


def show_all() -> Statement:
    """Read every model of the account that the role sees."""
    return Statement("SHOW MODELS IN ACCOUNT", Effect.READ, "models of the account")


def show_versions(wish: QualifiedName) -> Statement:
    """Read every model whose name is a wish and a hash, as far as LIKE tells."""
    return Statement(
        f"SHOW MODELS LIKE {pattern(f'{wish.name}__%')} IN SCHEMA {wish.parent}",
        Effect.READ,
        f"models trained for {wish}",
    )


def set_comment(name: QualifiedName, comment: str, marker: Marker | None = None) -> Statement:
    """Write the user's comment, and our marker behind it."""
    text = "\n".join(filter(None, (comment, str(marker) if marker else "")))
    why = f"claim model {name}" if marker else f"model {name} is not ours"
    return Statement(f"ALTER MODEL {name} SET COMMENT = {literal(text)}", Effect.CHANGE, why)


def drop(name: QualifiedName) -> Statement:
    """Drop a model with all its versions, for ever."""
    return Statement(f"DROP MODEL {name}", Effect.DESTROY, f"model {name} left the stack")


def parse(rows: Sequence[Row]) -> dict[QualifiedName, ModelRecord]:
    """The models of SHOW MODELS by their name."""
    found = {}
    for row in rows:
        name = QualifiedName((str(row["database_name"]), str(row["schema_name"]), str(row["name"])))
        found[name] = ModelRecord(
            name=name,
            model_type=str(row.get("model_type") or ""),
            owner=str(row.get("owner") or ""),
            comment=str(row.get("comment") or ""),
            created_on=_milliseconds(row.get("created_on")),
        )
    return found


def _milliseconds(moment: object) -> int | None:
    return int(moment.timestamp() * 1_000) if isinstance(moment, datetime) else None


def marker_of(comment: str) -> Marker | None:
    """Our marker out of a comment, or None when nobody of ours wrote it."""
    match = _MARKER.search(comment)
    if match is None:
        return None
    job = "" if match["job"] == "-" else match["job"]
    return Marker(match["project"], match["stack"], match["model"], match["spec_hash"], job)


def without_marker(comment: str) -> str:
    """What the user wrote in a comment, to the letter."""
    match = _MARKER.search(comment)
    return comment if match is None else comment[: match.start()].removesuffix("\n")
