"""Questions about the rows of a training query whose answer is a fingerprint, never a row.

Source: *SYSTEM$LAST_CHANGE_COMMIT_TIME*, *HASH_AGG*.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from cortex_resources.model.effects import Effect, Statement
from cortex_resources.model.names import QualifiedName
from cortex_resources.sql.literals import literal

_WHY = "whether the rows changed since training"


def commit_times(tables: Sequence[QualifiedName]) -> Statement:
    """Read when each of these tables was last written."""
    asked = ", ".join(
        f"SYSTEM$LAST_CHANGE_COMMIT_TIME({literal(str(name))}) AS T{at}"
        for at, name in enumerate(tables)
    )
    return Statement(f"SELECT {asked}", Effect.READ, _WHY)


def hashes(queries: Sequence[str]) -> Statement:
    """Hash the rows of each query, whatever their order; this scans them."""
    asked = ", ".join(
        f"(SELECT HASH_AGG(PROMPT, COMPLETION) || ':' || COUNT(*) FROM ({query.strip()})) AS Q{at}"
        for at, query in enumerate(queries)
    )
    return Statement(f"SELECT {asked}", Effect.READ, _WHY)


def parse(rows: Sequence[Mapping[str, object]]) -> str:
    """The answers of one row as one short text; several are hashed into one."""
    answers = [str(value) for value in rows[0].values()]
    if len(answers) == 1:
        return answers[0]
    return hashlib.sha256("\n".join(answers).encode()).hexdigest()[:20]
